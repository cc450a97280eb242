// SPDX-License-Identifier: MIT
/*
 * Where a client that is only read holds something that proves.
 */
#include <string.h>

#include "proof/lines.h"
#include "prove/telling.h"
#include "random.h"
#include "round.h"

#define SECTOR       512u
#define FIRST_BYTES  (UINT64_C(16) << 20) /* looked at evenly: file systems begin here */
#define FIRST_STEP   (UINT64_C(64) << 10)
#define RANDOM_TRIES 1024u

bool p2p_prove_tells(const char *bytes, size_t length)
{
	size_t telling = 0, sectors = 0;

	for (size_t at = 0; at < length; at += SECTOR, sectors++) {
		size_t size = length - at < SECTOR ? length - at : SECTOR;

		telling += !p2p_is_blank(bytes + at, size) &&
			   (!at || memcmp(bytes + at, bytes + at - SECTOR, size) != 0);
	}
	return sectors && telling * 2 >= sectors;
}

static int look(struct p2p_prove_places *places, struct p2p_prove_client *client, uint64_t at)
{
	char piece[P2P_PROVE_PIECE];
	int rc = client->ops->get(client, at, piece, sizeof(piece));

	if (!rc && p2p_prove_tells(piece, sizeof(piece)))
		places->at[places->count++] = at;
	return rc;
}

int p2p_prove_places_find(struct p2p_prove_places *places, struct p2p_prove_client *client,
			  uint64_t *random, const atomic_bool *stop)
{
	uint64_t step = client->unit > P2P_PROVE_PIECE ? client->unit : P2P_PROVE_PIECE;
	uint64_t pieces = client->storage / step;
	int rc = 0;

	*places = (struct p2p_prove_places){ .count = 0 };
	if (client->unit > P2P_PROVE_PIECE) /* not to be read in pieces */
		return 0;
	/* Half of the places may be at the start; the rest shall be anywhere. */
	for (uint64_t at = 0; !rc && at < FIRST_BYTES && at / step < pieces &&
			      places->count < P2P_PROVE_PLACES / 2 && !atomic_load(stop);
	     at += FIRST_STEP)
		rc = look(places, client, at);
	for (unsigned int i = 0; !rc && pieces && i < RANDOM_TRIES &&
				 places->count < P2P_PROVE_PLACES && !atomic_load(stop);
	     i++)
		rc = look(places, client, p2p_random_next(random) % pieces * step);
	return rc;
}

uint64_t p2p_prove_places_next(struct p2p_prove_places *places,
			       const struct p2p_prove_client *client, uint32_t length,
			       uint64_t *random)
{
	uint64_t place = places->at[places->next++ % places->count], at, back;

	if (length <= P2P_PROVE_PIECE)
		return place + p2p_random_next(random) %
				       ((P2P_PROVE_PIECE - length) / client->unit + 1) *
				       client->unit;
	back = p2p_random_next(random) % ((length - P2P_PROVE_PIECE) / client->unit + 1) *
	       client->unit;
	at = place > back ? place - back : 0;
	return at + length <= client->storage ? at
					      : round_down(client->storage - length, client->unit);
}

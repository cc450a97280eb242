// SPDX-License-Identifier: MIT
/*
 * Whether data are there when a flag is that was written after them.
 *
 *     another thread   data ─ data ─ data ─ data ─ flag
 *     this one                    flag? flag? flag? there! ─ the last bytes of the data?
 *
 * A drive tells that a request is through by writing host memory, or by an interrupt, which goes
 * another way than the data did. The flag goes the data's way.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "proof/lines.h"
#include "prove/order.h"
#include "random.h"
#include "round.h"

#define ROUNDS 16u
#define DATA   4u          /* requests */
#define MOST   (16u << 10) /* bytes of one */
#define PAGE   4096u
#define LINE   64u

struct order {
	struct p2p_prove_pair *pair;
	struct p2p_prove_seen *seen;
	struct p2p_prove_request requests[DATA + 1]; /* the flag last, in front of the data */
	uint32_t length;
	size_t window;
	int rc;
	atomic_bool done;
	bool early; /* the flag was there and the data were not */
	char line[LINE];
};

static void lay_out(struct order *order)
{
	struct p2p_prove_pair *pair = order->pair;
	struct p2p_prove_client *client = pair->client;
	size_t flag = round_up(client->unit, PAGE), stride = round_up(order->length, PAGE);

	for (unsigned int i = 0; i <= DATA; i++) {
		bool is_flag = i == DATA;
		struct p2p_prove_request *request = &order->requests[i];

		request->place = is_flag ? 0 : flag + i * stride;
		request->length = is_flag ? client->unit : order->length;
		request->at = client->writable
				      ? round_up(request->place, client->unit)
				      : p2p_prove_places_next(&pair->places, client,
							      request->length, &pair->random);
	}
	order->window = flag + DATA * stride;
}

/* What is there now differs from what comes in every bit. */
static int prepare(struct order *order)
{
	struct p2p_prove_pair *pair = order->pair;
	int rc = 0;

	p2p_random_fill(pair->should, order->window, &pair->random);
	if (pair->client->writable)
		rc = pair->client->ops->put(pair->client, 0, pair->should, order->window);
	for (unsigned int i = 0; !rc && i <= DATA; i++)
		rc = pair->client->ops->get(pair->client, order->requests[i].at,
					    pair->should + order->requests[i].place,
					    order->requests[i].length);
	p2p_complement(pair->before, pair->should, order->window);
	for (unsigned int i = 0; i <= DATA; i++) {
		size_t end = order->requests[i].place + order->requests[i].length;

		/* Behind a request nothing comes. */
		memcpy(pair->should + end, pair->before + end, round_up(end, PAGE) - end);
	}
	return rc ? rc : p2p_memory_store(pair->memory, 0, pair->before, order->window);
}

static void *move(void *context)
{
	struct order *order = context;
	const struct p2p_prove_move way = {
		.requests = order->requests,
		.count = DATA + 1,
		.depth = 1,
		.memory = order->pair->memory,
		.stop = order->pair->stop,
	};

	order->rc = order->pair->client->ops->to_memory(order->pair->client, &way);
	atomic_store(&order->done, true);
	return NULL;
}

/* Of the last data request the last bytes: what was written just before the flag. */
static size_t last_line(const struct order *order)
{
	const struct p2p_prove_request *last = &order->requests[DATA - 1];

	return last->place + last->length - LINE;
}

/* Returns whether the flag was seen to come. */
static bool watch(struct order *order)
{
	struct p2p_prove_pair *pair = order->pair;
	size_t at = order->requests[DATA].length - sizeof(uint64_t), line = last_line(order);
	uint64_t flag, expected;

	memcpy(&expected, pair->should + at, sizeof(expected));
	while (!atomic_load(&order->done)) {
		if (p2p_memory_load(pair->memory, at, &flag, sizeof(flag)))
			return false;
		if (flag != expected)
			continue;
		if (p2p_memory_load(pair->memory, line, order->line, LINE))
			return false;
		order->early = memcmp(order->line, pair->should + line, LINE) != 0;
		return true;
	}
	return false;
}

static struct p2p_damage_found early_damage(const struct order *order)
{
	size_t line = last_line(order);
	const struct p2p_evidence evidence = {
		.should = order->pair->should + line,
		.is = order->line,
		.size = LINE,
	};
	struct p2p_damage_found found = p2p_damage_find(&evidence);

	found.kind = P2P_DAMAGE_ORDER;
	found.first += line;
	return found;
}

static void judge(struct order *order)
{
	struct p2p_prove_pair *pair = order->pair;
	const struct p2p_evidence evidence = {
		.should = pair->should,
		.before = pair->before,
		.is = pair->is,
		.size = order->window,
	};
	struct p2p_prove_seen *seen = order->seen;

	if (order->rc || p2p_memory_load(pair->memory, 0, pair->is, order->window) ||
	    !p2p_canary_lives(&pair->canary, pair->memory))
		return; /* what that means, batches find out */
	seen->requests += DATA + 1;
	seen->bytes += DATA * (uint64_t)order->length + pair->client->unit;
	seen->looked_at = order->window;
	/* Others may write to a client that is only read: batches know how to tell. */
	if (memcmp(pair->should, pair->is, order->window) != 0) {
		if (!pair->client->writable)
			return;
		seen->found = p2p_damage_find(&evidence);
		seen->outcome = P2P_PROVE_DAMAGED;
	} else if (order->early) {
		seen->found = early_damage(order);
		seen->outcome = P2P_PROVE_DAMAGED;
	}
}

/* Returns whether there is a next round. */
static bool run_round(struct order *order, uint32_t *watched)
{
	pthread_t thread;

	lay_out(order);
	order->early = false;
	atomic_store(&order->done, false);
	if (prepare(order) || pthread_create(&thread, NULL, move, order))
		return false;
	*watched += watch(order);
	pthread_join(thread, NULL);
	judge(order);
	return !order->rc && order->seen->outcome == P2P_PROVE_RIGHT;
}

void p2p_prove_order_run(struct p2p_prove_pair *pair, struct p2p_prove_seen *seen,
			 uint32_t *watched)
{
	struct order order = { .pair = pair, .seen = seen };
	uint32_t most = pair->client->largest < MOST ? pair->client->largest : MOST;
	size_t flag = round_up(pair->client->unit, PAGE), fits;

	*seen = (struct p2p_prove_seen){ .outcome = P2P_PROVE_RIGHT };
	*watched = 0;
	if (!pair->client->in_background || pair->window < flag + (size_t)DATA * PAGE)
		return;
	/* Each begins a page of its own, so a part of a page more does not fit. */
	fits = round_down((pair->window - flag) / DATA, PAGE);
	if (most > fits)
		most = (uint32_t)fits;
	order.length = (uint32_t)round_down(most, pair->client->unit);
	for (unsigned int i = 0; i < ROUNDS && order.length && !atomic_load(pair->stop); i++)
		if (!run_round(&order, watched))
			return;
}

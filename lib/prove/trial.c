// SPDX-License-Identifier: MIT
/*
 * One pair in one direction.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "copy/io_error.h"
#include "prove/batch.h"
#include "prove/order.h"
#include "prove/rates.h"
#include "prove/trial.h"
#include "text_builder.h"

const char *p2p_prove_gap_name(enum p2p_prove_gap gap)
{
	static const char *const names[] = {
		[P2P_PROVE_TRIED] = "tried",     [P2P_PROVE_WAITS] = "waits",
		[P2P_PROVE_SCRATCH] = "scratch", [P2P_PROVE_BLANK] = "blank",
		[P2P_PROVE_MEMORY] = "memory",   [P2P_PROVE_CLIENT] = "client",
		[P2P_PROVE_LOST] = "lost",       [P2P_PROVE_STOPPED] = "stopped",
		[P2P_PROVE_ALLOW] = "allow",
	};

	return (size_t)gap < sizeof(names) / sizeof(names[0]) ? names[gap] : "unknown";
}

void p2p_prove_try_text(struct p2p_prove_try *tried, char *text)
{
	free(tried->text);
	tried->text = text;
	tried->result.text = text;
}

void p2p_prove_try_gap(struct p2p_prove_try *tried, enum p2p_prove_gap gap, const char *text)
{
	tried->result.state = P2P_PROOF_NOT_TRIED;
	tried->trial.gap = gap;
	p2p_prove_try_text(tried, strdup(text));
}

/* What goes on in a trial. */
struct course {
	struct p2p_prove_try *tried;
	struct p2p_prove_pair *pair;
	uint64_t until;       /* another round begins before */
	uint64_t turned_away; /* batches, of odd places */
	uint64_t telling;     /* batches */
	bool ended;
};

static void end_gap(struct course *course, const struct p2p_prove_seen *seen)
{
	struct p2p_text_builder text = { .text = NULL };

	course->ended = true;
	if (seen->gap == P2P_PROVE_STOPPED)
		p2p_text_add(&text, "stopped before all was tried");
	else
		p2p_text_add(&text, "%s failed: %s", seen->what,
			     seen->gap == P2P_PROVE_LOST ? "it does not answer any more"
							 : p2p_io_error_text(seen->code));
	p2p_prove_try_gap(course->tried, seen->gap, "");
	p2p_prove_try_text(course->tried, p2p_text_take(&text));
}

static void end_refused(struct course *course, const struct p2p_prove_batch *batch, int code)
{
	struct p2p_text_builder text = { .text = NULL };
	const char *why = p2p_io_error_text(code);

	/* What Linux answers when its verdict on (client, provider) is "not supported". */
	if (code == -EREMOTEIO || code == -EREMOTE || code == -EINVAL || code == -EOPNOTSUPP)
		why = "the kernel refuses this pair of devices";
	p2p_text_add(&text,
		     "a request of %" PRIu32 " bytes failed, and not through host memory: %s",
		     batch->length, why);
	course->ended = true;
	course->tried->trial.gap = P2P_PROVE_TRIED;
	course->tried->result.state = P2P_PROOF_REFUSED;
	p2p_prove_try_text(course->tried, p2p_text_take(&text));
}

/* What arrives that way says nothing about the way between the two. */
static void end_bounced(struct course *course)
{
	course->ended = true;
	course->tried->trial.gap = P2P_PROVE_TRIED;
	course->tried->result.state = P2P_PROOF_REFUSED;
	p2p_prove_try_text(course->tried,
			   strdup("the rules keep these two apart, so that the CPU copied between "
				  "them, through host memory"));
}

/* `batch`: NULL for others than those. */
static void end_wrong(struct course *course, const struct p2p_prove_batch *batch,
		      const struct p2p_prove_seen *seen)
{
	struct p2p_prove_trial *trial = &course->tried->trial;
	struct p2p_text_builder text = { .text = NULL };
	char damage[P2P_DAMAGE_TEXT];
	bool to_provider = course->tried->result.direction == P2P_PROOF_TO_PROVIDER;

	trial->gap = P2P_PROVE_TRIED;
	course->tried->result.state = P2P_PROOF_WRONG;
	course->tried->result.damage = seen->found.kind;
	trial->wrong = seen->found.wrong;
	trial->looked_at = seen->looked_at;
	trial->first = seen->place + seen->found.first;
	trial->by = seen->found.by;
	trial->meaning = p2p_damage_meaning(seen->found.kind);
	p2p_text_add(&text, "%zu of %zu bytes are wrong, the first at byte %" PRIu64 " of the %s",
		     seen->found.wrong, seen->looked_at, trial->first,
		     to_provider ? "memory" : "client's scratch");
	if (batch)
		p2p_text_add(&text, ", after %u requests of %" PRIu32 " bytes", batch->count,
			     batch->length);
	p2p_text_add(&text, ", though no device reported an error: %s",
		     p2p_damage_describe(&seen->found, damage));
	course->ended = true;
	p2p_prove_try_text(course->tried, p2p_text_take(&text));
}

static void count(struct course *course, const struct p2p_prove_batch *batch,
		  const struct p2p_prove_seen *seen)
{
	struct p2p_prove_trial *trial = &course->tried->trial;

	course->tried->result.bytes += seen->bytes;
	trial->requests += seen->requests;
	if (!trial->least || batch->length < trial->least)
		trial->least = batch->length;
	if (batch->length > trial->most)
		trial->most = batch->length;
	if (batch->count > trial->depth)
		trial->depth = batch->count;
	course->telling += seen->outcome == P2P_PROVE_RIGHT;
}

static bool tells_little(enum p2p_damage kind)
{
	return kind == P2P_DAMAGE_STALE || kind == P2P_DAMAGE_ONES || kind == P2P_DAMAGE_ZEROS ||
	       kind == P2P_DAMAGE_FOREIGN;
}

/*
 * Of a small request that went astray nothing is to be seen where it should be, or what happened to
 * be elsewhere. Where all go astray alike, the widest one meets what is its own. Returns whose
 * damage `seen` is then.
 */
static const struct p2p_prove_batch *look_closer(struct course *course,
						 const struct p2p_prove_batch *batch,
						 struct p2p_prove_seen *seen)
{
	const struct p2p_prove_pair *pair = course->pair;
	const struct p2p_prove_batch *widest = batch;
	struct p2p_prove_seen closer;

	if (!tells_little(seen->found.kind))
		return batch;
	for (size_t i = 0; i < pair->batch_count; i++)
		if (p2p_prove_window(&pair->batches[i]) > p2p_prove_window(widest))
			widest = &pair->batches[i];
	p2p_prove_batch_run(course->pair, widest, course->tried->result.direction, &closer);
	if (closer.outcome != P2P_PROVE_DAMAGED || tells_little(closer.found.kind))
		return batch;
	count(course, widest, &closer);
	*seen = closer;
	return widest;
}

static void run_batch(struct course *course, const struct p2p_prove_batch *batch)
{
	struct p2p_prove_seen seen;

	p2p_prove_batch_run(course->pair, batch, course->tried->result.direction, &seen);
	switch (seen.outcome) {
	case P2P_PROVE_RIGHT:
	case P2P_PROVE_BLANK_BATCH:
		count(course, batch, &seen);
		if (p2p_memory_bounces(course->pair->memory))
			end_bounced(course);
		break;
	case P2P_PROVE_DAMAGED:
		count(course, batch, &seen);
		batch = look_closer(course, batch, &seen);
		end_wrong(course, batch, &seen);
		break;
	case P2P_PROVE_TURNED_AWAY:
		/* Odd places are a matter of the driver; that a page's start is refused is not. */
		if (batch->shift)
			course->turned_away++;
		else
			end_refused(course, batch, seen.code);
		break;
	case P2P_PROVE_GAP:
		end_gap(course, &seen);
		break;
	}
}

static void end_blank(struct course *course)
{
	p2p_prove_try_gap(course->tried, P2P_PROVE_BLANK,
			  "what the client holds is all alike, as far as it was looked at, which "
			  "cannot tell a right transfer from a wrong one");
}

static void end_proven(struct course *course)
{
	struct p2p_prove_trial *trial = &course->tried->trial;
	struct p2p_text_builder text = { .text = NULL };

	trial->gap = P2P_PROVE_TRIED;
	course->tried->result.state = P2P_PROOF_PROVEN;
	p2p_text_add(&text,
		     "%" PRIu64 " bytes in %" PRIu64 " requests of %" PRIu32 " to %" PRIu32
		     " bytes, up to %" PRIu32 " in flight, arrived as they should",
		     course->tried->result.bytes, trial->requests, trial->least, trial->most,
		     trial->depth);
	if (trial->ordered)
		p2p_text_add(&text, ", and before a flag behind them, %" PRIu32 " times",
			     trial->ordered);
	if (course->turned_away)
		p2p_text_add(&text, "; places that are no page's start the kernel did not take");
	if (course->pair->client->left_out)
		p2p_text_add(&text, "; %s", course->pair->client->left_out);
	p2p_prove_try_text(course->tried, p2p_text_take(&text));
}

/* Memory that a client's DMA reads has no order to see. */
static void run_order(struct course *course)
{
	struct p2p_prove_trial *trial = &course->tried->trial;
	struct p2p_prove_seen seen;
	uint32_t watched;

	if (course->ended || course->tried->result.direction != P2P_PROOF_TO_PROVIDER)
		return;
	p2p_prove_order_run(course->pair, &seen, &watched);
	course->tried->result.bytes += seen.bytes;
	trial->requests += seen.requests;
	trial->ordered += watched;
	if (seen.outcome == P2P_PROVE_DAMAGED)
		end_wrong(course, NULL, &seen);
}

static void run_plan(struct course *course)
{
	for (size_t i = 0; i < course->pair->batch_count && !course->ended; i++)
		run_batch(course, &course->pair->batches[i]);
	run_order(course);
}

/* Stopped in a later round, what the first one proved stays. */
static void run_again(struct course *course)
{
	const enum p2p_proof_state state = course->tried->result.state;
	const enum p2p_prove_gap gap = course->tried->trial.gap;

	while (!course->ended && p2p_now_ns() < course->until) {
		run_plan(course);
		if (!course->ended || course->tried->trial.gap != P2P_PROVE_STOPPED)
			continue;
		course->tried->result.state = state;
		course->tried->trial.gap = gap;
		course->ended = false;
		return;
	}
}

void p2p_prove_try_run(struct p2p_prove_try *tried, struct p2p_prove_pair *pair, uint64_t duration)
{
	struct course course = {
		.tried = tried,
		.pair = pair,
		.until = p2p_now_ns() + duration,
	};
	const struct p2p_prove_seen stopped = { .gap = P2P_PROVE_STOPPED };
	bool to_provider = tried->result.direction == P2P_PROOF_TO_PROVIDER;

	if (!to_provider && !pair->client->writable) {
		p2p_prove_try_gap(tried, P2P_PROVE_SCRATCH,
				  "bytes would have to be written to the client");
		return;
	}
	if (!pair->client->writable && !pair->places.count) {
		if (atomic_load(pair->stop))
			end_gap(&course, &stopped);
		else
			end_blank(&course);
		return;
	}
	run_plan(&course);
	run_again(&course);
	if (course.ended)
		return;
	if (course.telling)
		end_proven(&course);
	else
		end_blank(&course);
}

void p2p_prove_try_rates(struct p2p_prove_try *tried, struct p2p_prove_pair *pair)
{
	struct p2p_prove_trial *trial = &tried->trial;

	if (tried->result.state != P2P_PROOF_PROVEN)
		return;
	p2p_prove_rates(pair, tried->result.direction, &tried->rates, &trial->rate_count);
	trial->rates = tried->rates;
}

/* SPDX-License-Identifier: MIT */
#include "look/look.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "look/judge/compare.h"
#include "look/snapshot.h"
#include "look/tell.h"
#include "look/viewer.h"

#define TICK_MS    250
#define COMPARE_US (1 * CME_SECOND_US)
#define BEHIND     0.1  /* share of the source that has not come in time */
#define FINISH_MS  1500 /* to say goodbye to the servers */

struct target {
	struct cme_viewer *viewer;
	const char *url;
	int index; /* -1: the source */
	struct cme_judge judge;
	struct cme_compare compare;
	struct cme_sight compared; /* what the last comparison found */
	int64_t compare_us;        /* when the next one is due */
	enum cme_verdict verdict;
	bool seen[CME_VERDICTS];
	struct cme_snapshot snapshot;
};

struct look {
	const struct cme_look_order *order;
	struct cme_events events;
	struct target targets[CME_LOOK_URLS + 1];
	size_t count;
	struct target *source; /* the last of them; NULL: none */
	bool comparable;       /* what it shows is what it shows now; of this tick */
	int64_t next_us;       /* when the next look is told */
	struct cme_shot mine[CME_SHOTS], theirs[CME_SHOTS];
};

static volatile sig_atomic_t asked;

static void ask(int number)
{
	(void)number;
	asked = 1;
}

void cme_look_install(void)
{
	struct sigaction action = { .sa_handler = ask };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/* ---- its targets */

static int add_target(struct look *look, const char *url, int index, struct cme_err *err)
{
	struct target *target = &look->targets[look->count];
	struct cme_viewer_options options = {
		.url = url,
		.ca_file = look->order->ca_file,
		.full = look->order->full || index < 0,
		.compared = look->order->source != NULL,
		.public = index < 0 ? look->order->source_public : look->order->public,
		.every_us = (int64_t)(look->order->every_s * (double)CME_SECOND_US)
	};

	*target = (struct target){ .url = url,
				   .index = index,
				   .compared = cme_sight_blank(),
				   .verdict = CME_FINE,
				   .snapshot = { .folder = look->order->pictures, .index = index } };
	cme_judge_init(&target->judge, (struct cme_bounds){ .late_s = cme_look_order_late(look->order, url),
							    .peer = look->order->peer });
	target->viewer = cme_viewer_start(&options, &look->events, err);
	if (!target->viewer)
		return -1;
	look->count++;
	return 0;
}

static int add_targets(struct look *look, struct cme_err *err)
{
	for (size_t i = 0; i < look->order->count; i++)
		if (add_target(look, look->order->urls[i], (int)i, err) != 0)
			return -1;
	if (!look->order->source)
		return 0;
	if (add_target(look, look->order->source, -1, err) != 0)
		return -1;
	look->source = &look->targets[look->count - 1];
	return 0;
}

static bool all_done(const struct look *look)
{
	for (size_t i = 0; i < look->count; i++)
		if (!cme_viewer_done(look->targets[i].viewer))
			return false;
	return true;
}

/* What does not end in time (a name server) ends with the process. */
static void remove_targets(struct look *look)
{
	int64_t until_us = cme_now_us() + FINISH_MS * CME_MS_US;

	for (size_t i = 0; i < look->count; i++)
		cme_viewer_cancel(look->targets[i].viewer);
	while (!all_done(look) && cme_now_us() < until_us) {
		struct pollfd fd = { .fd = look->events.fd, .events = POLLIN };

		poll(&fd, 1, TICK_MS);
		cme_events_rearm(&look->events);
	}
	for (size_t i = 0; i < look->count; i++)
		if (cme_viewer_done(look->targets[i].viewer))
			cme_viewer_free(look->targets[i].viewer);
}

/* ---- a tick */

/* A source that comes too slowly, or is read too slowly by a machine without a processor to spare, shows what
 * viewers have seen long ago: beside it, everything would be wrong. */
static bool comparable(const struct look *look, int64_t now_us)
{
	struct cme_sight source;

	if (!look->source)
		return false;
	cme_viewer_sight(look->source->viewer, now_us, &source);
	return source.absent_s < 1 && !(source.missing > BEHIND);
}

static void compare(struct look *look, struct target *target, struct cme_sight *sight, int64_t now_us)
{
	struct cme_side viewer, source;

	if (now_us >= target->compare_us) {
		target->compare_us = now_us + COMPARE_US;
		cme_viewer_side(target->viewer, look->mine, &viewer);
		cme_viewer_side(look->source->viewer, look->theirs, &source);
		target->compared = *sight;
		cme_compare_look(&target->compare, &viewer, &source, &target->compared);
	}
	cme_compare_keep(&target->compared, sight);
}

static void see(struct look *look, struct target *target, struct cme_sight *sight, int64_t now_us)
{
	cme_viewer_sight(target->viewer, now_us, sight);
	if (look->comparable && target != look->source && sight->absent_s < 1)
		compare(look, target, sight, now_us);
}

static struct cme_told told_of(const struct target *target, const struct cme_sight *sight,
			       const struct cme_viewer_facts *facts)
{
	struct cme_told told = { .index = target->index,
				 .url = target->url,
				 .judge = &target->judge,
				 .verdict = target->verdict,
				 .sight = sight,
				 .facts = facts };

	memcpy(told.seen, target->seen, sizeof told.seen);
	return told;
}

static void judge(struct target *target, const struct cme_sight *sight, int64_t now_us)
{
	enum cme_verdict verdict = cme_judge_look(&target->judge, sight, now_us), before = target->verdict;
	struct cme_viewer_facts facts;
	struct cme_told told;

	for (int i = 0; i < CME_VERDICTS; i++)
		target->seen[i] |= target->judge.fault[i].on;
	if (verdict == before)
		return;
	target->verdict = verdict;
	cme_viewer_facts(target->viewer, &facts);
	told = told_of(target, sight, &facts);
	told.before = before;
	if (verdict != CME_FINE)
		told.picture = cme_snapshot_take(&target->snapshot, target->viewer, verdict);
	cme_tell_change(&told);
}

static void tell(struct target *target, const struct cme_sight *sight,
		 void (*how)(const struct cme_told *told))
{
	struct cme_viewer_facts facts;
	struct cme_told told;

	cme_viewer_facts(target->viewer, &facts);
	told = told_of(target, sight, &facts);
	told.picture = cme_snapshot_take(&target->snapshot, target->viewer, CME_FINE);
	how(&told);
}

static void tick(struct look *look)
{
	int64_t now_us = cme_now_us();
	bool due = now_us >= look->next_us;

	look->comparable = comparable(look, now_us);
	for (size_t i = 0; i < look->count; i++) {
		struct target *target = &look->targets[i];
		struct cme_sight sight;

		see(look, target, &sight, now_us);
		judge(target, &sight, now_us);
		if (due)
			tell(target, &sight, cme_tell_look);
	}
	while (look->next_us <= now_us)
		look->next_us += (int64_t)(look->order->tell_s * (double)CME_SECOND_US);
}

/* What nothing was ever read from is gone, however short the look was. */
static void tell_end(struct look *look)
{
	int64_t now_us = cme_now_us();

	look->comparable = comparable(look, now_us);
	for (size_t i = 0; i < look->count; i++) {
		struct target *target = &look->targets[i];
		struct cme_viewer_facts facts;
		struct cme_sight sight;

		see(look, target, &sight, now_us);
		cme_viewer_facts(target->viewer, &facts);
		if (!facts.pictures && !facts.sounds) {
			target->verdict = CME_GONE;
			target->seen[CME_GONE] = true;
		}
		tell(target, &sight, cme_tell_end);
	}
}

/* false: our parent has closed its end. */
static bool wait_tick(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	if (poll(&fd, 1, TICK_MS) <= 0)
		return true;
	return read(STDIN_FILENO, &byte, 1) > 0;
}

int cme_look_run(const struct cme_look_order *order, struct cme_err *err)
{
	struct look *look = calloc(1, sizeof *look);
	int64_t began_us = cme_now_us(), until_us = INT64_MAX;
	int rc;

	if (!look || cme_events_init(&look->events) != 0) {
		free(look);
		return cme_err_set(err, "internal", "out of memory");
	}
	look->order = order;
	look->next_us = began_us + (int64_t)(order->tell_s * (double)CME_SECOND_US);
	if (order->for_s > 0)
		until_us = began_us + (int64_t)(order->for_s * (double)CME_SECOND_US);
	rc = add_targets(look, err);
	while (rc == 0 && !asked && cme_now_us() < until_us && wait_tick())
		tick(look);
	if (rc == 0)
		tell_end(look);
	if (!asked)
		remove_targets(look);
	return rc; /* threads may still run: what they use is left to the end of the process */
}

/* SPDX-License-Identifier: MIT
 *
 * One encoder, two ways from it, in thousands of random cases: what goes out is what the encoder sent, in its
 * order and at its distances, none missing and none doubled, while the connections are cut in turn and
 * packets get lost on one way or the other. CME_CASES sets how many cases each test tries.
 */
#include "relay/merge/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "encoder.h"

#define WINDOW_US 3000000LL
#define CASES     150

/* A run: two ways into one merge, and what comes out. */
struct run {
	struct encoder encoder;
	struct way way[CME_MERGE_PATHS];
	struct cme_merge merge;
	int64_t now;
	int leader;
	bool started[CME_STREAMS];
	size_t next[CME_STREAMS]; /* number expected */
	size_t lost, doubled;
	int64_t base[CME_STREAMS]; /* programme - encoder's time of the first */
	int64_t worst_us;          /* that one lay beside that */
	size_t dropped, put, out;
	unsigned cuts;
	size_t bytes;  /* of a packet */
	bool counting; /* both are joined: what either brings has to go out */
};

static void on_send(void *ctx, const struct cme_merge_packet *packet)
{
	struct run *run = ctx;
	struct sent *sent = packet->packet;
	int64_t beside = packet->dts - sent->dts;

	assert_int_equal(packet->stream, sent->stream);
	run->out++;
	if (!run->started[sent->stream]) {
		run->started[sent->stream] = true;
		run->next[sent->stream] = sent->number;
		run->base[sent->stream] = beside;
	}
	beside -= run->base[sent->stream];
	if (llabs(beside) > run->worst_us)
		run->worst_us = llabs(beside);
	run->doubled += sent->number < run->next[sent->stream];
	if (sent->number > run->next[sent->stream])
		run->lost += sent->number - run->next[sent->stream];
	run->next[sent->stream] = sent->number + 1;
	sent->brought = -1;
	sent->spoilt = packet->damaged;
}

static void on_drop(void *ctx, void *packet)
{
	struct run *run = ctx;

	assert_non_null(packet);
	run->dropped++;
}

static void begin(struct run *run, uint64_t seed)
{
	struct cme_merge_sink sink = { run, on_send, on_drop };

	memset(run, 0, sizeof *run);
	run->bytes = 100;
	run->encoder.random = seed;
	run->encoder.sent = calloc(PACKETS_MAX, sizeof *run->encoder.sent);
	assert_non_null(run->encoder.sent);
	assert_int_equal(cme_merge_init(&run->merge, &sink, WINDOW_US), 0);
	run->encoder.began = pick(&run->encoder, 20, 90000) * S_US;
	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		run->way[i].delay = pick(&run->encoder, 0, 1) ? pick(&run->encoder, 0, 2 * S_US) : 0;
		run->way[i].jitter = pick(&run->encoder, 0, 60000);
		run->way[i].cached = pick(&run->encoder, 0, 1);
	}
}

static void end(struct run *run)
{
	cme_merge_fini(&run->merge);
	assert_int_equal(run->put, run->out + run->dropped);
	free(run->encoder.sent);
}

static bool aligned(const struct run *run)
{
	return cme_merge_state(&run->merge, run->now) == CME_MERGE_ALIGNED;
}

static bool happens(struct run *run, double share)
{
	return (double)pick(&run->encoder, 0, 999999) / 1e6 < share;
}

static void deliver(struct run *run, int i, struct sent *sent)
{
	struct way *way = &run->way[i];
	int64_t dts = time_on(way, &run->encoder, sent);
	struct cme_merge_packet packet = { .path = i,
					   .stream = sent->stream,
					   .dts = dts,
					   .pts = dts,
					   .due = sent->dts + way->delay,
					   .arrival = run->now,
					   .hash = sent->hash,
					   .key = sent->key,
					   .bytes = run->bytes,
					   .packet = sent };

	way->keyed = way->keyed || sent->key;
	if (happens(run, way->loss))
		return;
	packet.damaged = way->damage > 0 && happens(run, way->damage);
	if (packet.damaged)
		packet.hash = roll(&run->encoder);
	if (run->counting && sent->brought >= 0)
		sent->brought++;
	sent->whole += run->counting && !packet.damaged;
	run->put++;
	if (!cme_merge_joined(&run->merge, 0) && !cme_merge_joined(&run->merge, 1)) {
		cme_merge_lead(&run->merge, i);
		run->leader = i;
	}
	cme_merge_put(&run->merge, &packet);
}

/* Cuts the connection; the other one leads from then on. */
static void cut(struct run *run, int i, int64_t for_us)
{
	run->way[i].up = false;
	run->way[i].up_at = run->now + for_us;
	run->cuts++;
	cme_merge_close(&run->merge, i, run->now);
	if (run->leader == i)
		assert_false(cme_merge_lead(&run->merge, !i));
	run->leader = run->leader == i ? !i : run->leader;
}

/* The way that something happens on next, at *at; -1: nothing more does. */
static int next_way(struct run *run, int64_t *at)
{
	int which = -1;

	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		int64_t arrival = run->way[i].up_at;

		if (run->way[i].up && !next_on(&run->way[i], &run->encoder, &arrival))
			continue;
		if (which >= 0 && arrival >= *at)
			continue;
		which = i;
		*at = arrival;
	}
	return which;
}

/* Lets one thing happen. false: nothing more does. */
static bool step(struct run *run)
{
	int64_t at = 0;
	int i = next_way(run, &at);
	struct way *way = &run->way[i < 0 ? 0 : i];

	if (i < 0)
		return false;
	while (run->merge.waits_until < at) {
		run->now = run->merge.waits_until;
		cme_merge_tick(&run->merge, run->now);
	}
	run->now = at > run->now ? at : run->now;
	if (!way->up) {
		connect_way(way, &run->encoder, run->now);
		return way->next < run->encoder.count;
	}
	way->arrival = run->now;
	if (way->jitter && pick(&run->encoder, 0, 20) == 0) /* the way stands still for a moment */
		way->arrival += pick(&run->encoder, 0, way->jitter);
	deliver(run, i, &run->encoder.sent[way->next++]);
	return true;
}

static unsigned cases(void)
{
	const char *text = getenv("CME_CASES");

	return text ? (unsigned)strtoul(text, NULL, 10) : CASES;
}

/* Cuts the connections in turn whenever both are joined. */
static void run_cuts(struct run *run)
{
	int victim = (int)pick(&run->encoder, 0, 1);
	int64_t not_before = 0;

	while (step(run)) {
		if (!aligned(run)) {
			not_before = run->now + pick(&run->encoder, 0, S_US);
		} else if (run->now > not_before && !pick(&run->encoder, 0, 10)) {
			cut(run, victim, pick(&run->encoder, 100000, 3 * S_US));
			victim = !victim;
		}
	}
}

static void expect_whole(const struct run *run, uint64_t seed)
{
	if (run->lost || run->doubled || run->worst_us > 4000)
		print_error("seed %llu: %zu lost, %zu doubled, %lld us beside; %u cuts\n",
			    (unsigned long long)seed, run->lost, run->doubled, (long long)run->worst_us,
			    run->cuts);
	assert_int_equal(run->lost, 0);
	assert_int_equal(run->doubled, 0);
	assert_true(run->worst_us <= 4000);
}

/* A picture that moves, one that hardly does, one that does not; sound, silence, none: as long as something
 * tells, whatever the servers do to the times. */
static void cutting_either_loses_nothing(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= cases(); seed++) {
		struct run run;
		enum picture picture;
		int sound;

		begin(&run, seed);
		picture = (enum picture)pick(&run.encoder, 0, PICTURES - 1);
		sound = (int)pick(&run.encoder, -1, 1);
		if (picture == STILL && sound != 0)
			picture = MOVING;
		for (int i = 0; i < CME_MERGE_PATHS; i++)
			run.way[i].clock = (enum clock)pick(&run.encoder, 0, CLOCKS - 1);
		encode(&run.encoder, picture, sound, 60);
		run_cuts(&run);
		expect_whole(&run, seed);
		cuts += run.cuts;
		end(&run);
	}
	assert_true(cuts > cases());
}

/* A still slide with silence, from servers that keep the encoder's time, and across its wrap. */
static void a_still_slide_in_silence(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= cases(); seed++) {
		struct run run;

		begin(&run, seed + 1000000);
		if (pick(&run.encoder, 0, 1))
			run.encoder.began = RTMP_WRAP - pick(&run.encoder, 0, 40) * S_US;
		encode(&run.encoder, STILL, (int)pick(&run.encoder, -1, 1), 60);
		run_cuts(&run);
		expect_whole(&run, seed);
		cuts += run.cuts;
		end(&run);
	}
	assert_true(cuts > cases());
}

/* The same from servers that give it times of their own: nothing tells how the two lie, and nothing is
 * claimed. */
static void what_cannot_be_told_is_not_claimed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= cases() / 4; seed++) {
		struct run run;

		begin(&run, seed + 2000000);
		run.way[1].clock = OTHER;
		run.encoder.gop = 20;
		encode(&run.encoder, STILL, -1, 40);
		while (step(&run))
			assert_false(aligned(&run));
		assert_int_equal(cme_merge_state(&run.merge, run.now), CME_MERGE_REPEATS);
		expect_whole(&run, seed);
		end(&run);
	}
}

/* What is lost on one way comes by the other, in its place. */
static void losses_are_filled(void **state)
{
	size_t lost = 0, filled = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= cases(); seed++) {
		struct run run;

		begin(&run, seed + 3000000);
		encode(&run.encoder, (enum picture)pick(&run.encoder, 0, PICTURES - 1),
		       (int)pick(&run.encoder, -1, 1), 30);
		while (!aligned(&run))
			assert_true(step(&run));
		run.counting = true;
		for (int i = 0; i < CME_MERGE_PATHS; i++)
			run.way[i].loss = (double)pick(&run.encoder, 0, 50) / 1000;
		while (step(&run))
			assert_true(aligned(&run));
		cme_merge_close(&run.merge, 0, run.now);
		for (size_t i = 0; i < run.encoder.count; i++) {
			const struct sent *sent = &run.encoder.sent[i];

			lost += sent->brought > 0; /* by a way, and did not go out */
			filled += sent->brought == 0;
		}
		assert_int_equal(run.doubled, 0);
		if (lost)
			print_error("seed %llu: %zu\n", (unsigned long long)seed, lost);
		assert_int_equal(lost, 0);
		end(&run);
	}
}

/* What waits for the slower way to fill a gap is bounded in bytes, too. */
static void little_waits(void **state)
{
	size_t most = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= cases(); seed++) {
		struct run run;

		begin(&run, seed + 6000000);
		encode(&run.encoder, MOVING, 1, 30);
		while (!aligned(&run))
			assert_true(step(&run));
		run.bytes = CME_MERGE_HELD_BYTES / 4;
		run.way[0].loss = run.way[1].loss = 0.05;
		while (step(&run)) {
			size_t waiting =
				run.merge.line[CME_VIDEO].waiting + run.merge.line[CME_AUDIO].waiting;

			assert_true(waiting <= CME_MERGE_HELD_BYTES);
			most = waiting > most ? waiting : most;
		}
		assert_int_equal(run.doubled, 0);
		end(&run);
	}
	assert_true(most > CME_MERGE_HELD_BYTES / 2);
}

/* What came damaged by one way goes out as the other brought it, in either order; damaged, where both did. */
static void damage_is_repaired(void **state)
{
	size_t repaired = 0, spoilt = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= cases(); seed++) {
		struct run run;

		begin(&run, seed + 6000000);
		encode(&run.encoder, MOVING, (int)pick(&run.encoder, -1, 1), 30);
		while (!aligned(&run))
			assert_true(step(&run));
		run.counting = true;
		for (int i = 0; i < CME_MERGE_PATHS; i++)
			run.way[i].damage = (double)pick(&run.encoder, 1, 100) / 1000;
		while (step(&run))
			assert_true(aligned(&run));
		cme_merge_close(&run.merge, 0, run.now);
		assert_int_equal(run.lost, 0);
		assert_int_equal(run.doubled, 0);
		for (size_t i = 0; i < run.encoder.count; i++) {
			const struct sent *sent = &run.encoder.sent[i];

			if (sent->spoilt && sent->whole)
				print_error("seed %llu: packet %zu of stream %d\n", (unsigned long long)seed,
					    sent->number, sent->stream);
			assert_false(sent->spoilt && sent->whole);
			spoilt += sent->spoilt;
			repaired += sent->whole == 1;
		}
		end(&run);
	}
	assert_true(repaired > cases() && spoilt > 0);
}

/* What another encoder sends meanwhile comes by the second way. */
static void bring_others(struct run *run, struct run *other)
{
	struct way *way = &other->way[1];
	const struct sent *sent;
	int64_t arrival;

	run->way[1].up = false;
	run->way[1].up_at = INT64_MAX;
	while ((sent = next_on(way, &other->encoder, &arrival)) && arrival <= run->now) {
		way->next++;
		way->keyed = true;
		deliver(run, 1, (struct sent *)sent);
	}
}

static void other_packets_are_never_merged(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= cases() / 4; seed++) {
		struct run run, other;

		begin(&run, seed + 4000000);
		begin(&other, seed + 5000000);
		encode(&run.encoder, MOVING, 1, 30);
		encode(&other.encoder, MOVING, 1, 30);
		while (run.now < 25 * S_US && step(&run)) {
			bring_others(&run, &other);
			assert_false(aligned(&run));
		}
		assert_int_equal(cme_merge_state(&run.merge, run.now), CME_MERGE_DIFFERENT);
		end(&run);
		end(&other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cutting_either_loses_nothing),
		cmocka_unit_test(a_still_slide_in_silence),
		cmocka_unit_test(what_cannot_be_told_is_not_claimed),
		cmocka_unit_test(losses_are_filled),
		cmocka_unit_test(little_waits),
		cmocka_unit_test(damage_is_repaired),
		cmocka_unit_test(other_packets_are_never_merged),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Runs of packets of one or two sources: where they land on the output timeline.
 */
#include "stream/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000

enum { DROPPED = -1, CUT = 2 };

/* In milliseconds. stream CUT: a switch or reconnect comes before the next row. */
struct row {
	int stream;
	int64_t dts, pts, arrival;
	int64_t out_dts, out_pts;
};

/* To a millisecond, which the offset may have moved by towards the clock. */
static bool near(int64_t us, int64_t ms)
{
	return us > ms * MS - MS && us < ms * MS + MS;
}

static void run(const struct row *rows, size_t count)
{
	struct cme_timeline timeline;

	cme_timeline_init(&timeline);
	for (size_t i = 0; i < count; i++) {
		struct cme_timeline_in in = { rows[i].stream,       rows[i].dts * MS,     rows[i].pts * MS,
					      rows[i].arrival * MS, rows[i].arrival * MS, 0 };
		struct cme_timeline_out out = { DROPPED * MS, DROPPED * MS };

		if (rows[i].stream == CUT) {
			cme_timeline_cut(&timeline);
			continue;
		}
		if (!cme_timeline_map(&timeline, &in, &out))
			out = (struct cme_timeline_out){ DROPPED * MS, DROPPED * MS };
		if (!near(out.dts, rows[i].out_dts) || !near(out.pts, rows[i].out_pts))
			fail_msg("row %zu: dts %lld, pts %lld", i, (long long)out.dts, (long long)out.pts);
	}
}

#define RUN(rows) run(rows, sizeof(rows) / sizeof((rows)[0]))

static void starts_at_zero_and_keeps_sound_with_picture(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 5000, 5080, 100, 0, 80 },   { CME_AUDIO, 4990, 4990, 100, DROPPED, DROPPED },
		{ CME_AUDIO, 5010, 5010, 101, 10, 10 },  { CME_VIDEO, 5040, 5200, 140, 40, 200 },
		{ CME_VIDEO, 5080, 5120, 180, 80, 120 }, { CME_AUDIO, 5033, 5033, 181, 33, 33 },
	};

	(void)state;
	RUN(rows);
}

/* Make before break: the new input's keyframe comes 15 ms after the last picture of the old. */
static void continues_at_a_switch_by_the_clock(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 1000, 1000, 1000, 0, 0 },   { CME_VIDEO, 1040, 1040, 1040, 40, 40 },
		{ CME_AUDIO, 1050, 1050, 1050, 50, 50 }, { CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 7, 7, 1055, 55, 55 },       { CME_AUDIO, 4, 4, 1056, 52, 52 },
		{ CME_VIDEO, 47, 47, 1095, 95, 95 },
	};

	(void)state;
	RUN(rows);
}

static void drops_sound_that_would_step_back(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 0, 0, 0 },
		{ CME_AUDIO, 90, 90, 1, 90, 90 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 500, 500, 2, 2, 2 },
		{ CME_AUDIO, 490, 490, 3, -1, -1 },
		{ CME_AUDIO, 588, 588, 4, -1, -1 },
		{ CME_AUDIO, 598, 598, 14, 100, 100 },
	};

	(void)state;
	RUN(rows);
}

/* A stall of two seconds is two seconds on the timeline; what arrived during it fills them. */
static void keeps_the_length_of_an_outage(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 1000, 0, 0 },
		{ CME_VIDEO, 40, 40, 1040, 40, 40 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 900, 900, 2540, 1540, 1540 },
		{ CME_VIDEO, 940, 940, 2580, 1580, 1580 },
		{ CME_VIDEO, 1400, 1400, 3040, 2040, 2040 },
	};

	(void)state;
	RUN(rows);
}

/* A cached GOP that is older than the last packet sent starts right behind it. */
static void never_reaches_back_before_what_was_sent(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 1000, 0, 0 },
		{ CME_VIDEO, 40, 40, 1040, 40, 40 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 300, 300, 600, 50, 50 },
		{ CME_VIDEO, 340, 340, 640, 90, 90 },
	};

	(void)state;
	RUN(rows);
}

/* What had to run ahead at one switch is given back at the next ones: 450 ms early, then 10 ms after each. */
static void gives_back_what_it_ran_ahead(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 1000, 0, 0 },
		{ CME_VIDEO, 40, 40, 1040, 40, 40 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 300, 300, 600, 50, 50 },
		{ CME_VIDEO, 700, 700, 1000, 450, 450 },
		{ CME_VIDEO, 740, 740, 1040, 490, 490 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 5, 5, 1060, 500, 500 },
		{ CUT, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 5, 5, 1800, 800, 800 },
	};

	(void)state;
	RUN(rows);
}

/* Two sources out of step, sound far ahead of the picture, keyframes late because they are large, switched
 * every second for an hour. */
static void keeps_the_clock_over_any_number_of_switches(void **state)
{
	struct cme_timeline timeline;
	int64_t phase[2] = { 0, 23 * MS };

	(void)state;
	cme_timeline_init(&timeline);
	for (int64_t second = 0; second < 3600; second++) {
		for (int64_t frame = 0; frame < 25; frame++) {
			int64_t at = (second * 1000 + frame * 40) * MS + phase[second % 2];
			struct cme_timeline_in video = {
				CME_VIDEO, at, at, at + (frame ? 0 : 25 * MS), at, 0
			};
			struct cme_timeline_in audio = { CME_AUDIO, at + 80 * MS, at + 80 * MS, at, at, 0 };
			struct cme_timeline_out out;

			if (frame == 0)
				cme_timeline_cut(&timeline);
			assert_true(cme_timeline_map(&timeline, &video, &out));
			assert_in_range(out.dts, at, at + 18 * MS);
			cme_timeline_map(&timeline, &audio, &out);
		}
	}
}

/* Two minutes of a source whose clock is 0.01 % off, after a start 90 ms ahead of it. */
static void stays_with_the_clock_inside_a_segment(void **state)
{
	static const int64_t rates[] = { -100, 100 }; /* parts in a million */

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct cme_timeline timeline;
		struct cme_timeline_out out = { 0, 0 };
		int64_t at = 0;

		cme_timeline_init(&timeline);
		for (int64_t frame = 0; frame < 120 * 25; frame++) {
			int64_t dts = frame * 40 * MS + frame * 40 * rates[i] / 1000;
			struct cme_timeline_in in = { CME_VIDEO, dts, dts, at = frame * 40 * MS, at, 0 };

			if (frame == 500)
				cme_timeline_cut(&timeline);
			if (frame == 500)
				in.due += 90 * MS;
			assert_true(cme_timeline_map(&timeline, &in, &out));
		}
		assert_in_range(out.dts + 20 * MS, at + 15 * MS, at + 25 * MS);
	}
}

/* The old input went on for 33 ms while the new one's keyframe, due at 60, was late: two of its frames stand
 * closer together, and the clock's time is kept. */
static void makes_good_a_late_keyframe_at_once(void **state)
{
	static const struct cme_timeline_in in[] = {
		{ CME_VIDEO, 0, 0, 1000 * MS, 1000 * MS, 0 },
		{ CME_VIDEO, 40 * MS, 40 * MS, 1040 * MS, 1040 * MS, 0 },
		{ CME_VIDEO, 80 * MS, 80 * MS, 1080 * MS, 1080 * MS, 0 },
		{ CME_VIDEO, 500 * MS, 500 * MS, 1095 * MS, 1060 * MS, 0 }, /* another input's */
		{ CME_VIDEO, 520 * MS, 520 * MS, 1096 * MS, 1080 * MS, 0 },
		{ CME_VIDEO, 560 * MS, 560 * MS, 1120 * MS, 1120 * MS, 0 },
	};
	static const int64_t expected_ms[] = { 0, 40, 80, 90, 91, 120 };
	struct cme_timeline timeline;
	struct cme_timeline_out out;

	(void)state;
	cme_timeline_init(&timeline);
	for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
		if (i == 3)
			cme_timeline_cut(&timeline);
		assert_true(cme_timeline_map(&timeline, &in[i], &out));
		assert_int_equal(out.dts, expected_ms[i] * MS);
	}
}

static void clamps_jitter_and_repeats(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 100, 100, 0, 0, 0 },    { CME_VIDEO, 140, 140, 40, 40, 40 },
		{ CME_VIDEO, 140, 140, 41, 41, 41 }, { CME_VIDEO, 120, 120, 42, 42, 42 },
		{ CME_VIDEO, 180, 170, 80, 80, 70 },
	};

	(void)state;
	RUN(rows);
}

/* A file that loops, an encoder that starts again: both streams go on together. */
static void follows_a_jump_back_of_both_streams(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 60000, 60000, 0, 0, 0 },    { CME_AUDIO, 60010, 60010, 10, 10, 10 },
		{ CME_VIDEO, 60040, 60040, 40, 40, 40 }, { CME_VIDEO, 0, 0, 80, 80, 80 },
		{ CME_AUDIO, 60060, 60060, 81, 60, 60 }, { CME_AUDIO, 3, 3, 82, 83, 83 },
		{ CME_VIDEO, 40, 40, 120, 120, 120 },    { CME_AUDIO, 26, 26, 121, 106, 106 },
	};

	(void)state;
	RUN(rows);
}

static void follows_a_jump_ahead(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 0, 0, 0 },
		{ CME_AUDIO, 5, 5, 5, 5, 5 },
		{ CME_VIDEO, 40, 40, 40, 40, 40 },
		{ CME_VIDEO, 900000, 900000, 80, 80, 80 },
		{ CME_AUDIO, 28, 28, 81, 28, 28 },
		{ CME_AUDIO, 900010, 900010, 82, 90, 90 },
		{ CME_VIDEO, 900040, 900040, 120, 120, 120 },
	};

	(void)state;
	RUN(rows);
}

/* The sound from before the first picture is left out; its jump is the picture's all the same. */
static void follows_a_jump_before_the_first_sound(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 1000, 1000, 0, 0, 0 },
		{ CME_AUDIO, 500, 500, 1, DROPPED, DROPPED },
		{ CME_VIDEO, 101000, 101000, 40, 40, 40 },
		{ CME_AUDIO, 100500, 100500, 41, DROPPED, DROPPED },
		{ CME_AUDIO, 101010, 101010, 42, 50, 50 },
	};

	(void)state;
	RUN(rows);
}

/* The source itself was silent for ten seconds: no jump, the gap stays. */
static void takes_a_pause_for_a_pause(void **state)
{
	static const struct row rows[] = {
		{ CME_VIDEO, 0, 0, 0, 0, 0 },
		{ CME_VIDEO, 40, 40, 40, 40, 40 },
		{ CME_VIDEO, 10040, 10040, 10040, 10040, 10040 },
	};

	(void)state;
	RUN(rows);
}

/* Two sources of random timing, switched at random: no stream ever steps back, and no PTS lies further before
 * its DTS than it came. */
static void never_steps_back(void **state)
{
	struct cme_timeline timeline;
	int64_t last[CME_STREAMS] = { -1, -1 }, clock = 0, base = 0;

	(void)state;
	srand(7);
	cme_timeline_init(&timeline);
	for (int i = 0; i < 200000; i++) {
		struct cme_timeline_in in = { .stream = rand() % 2 };
		struct cme_timeline_out out;

		clock += rand() % 30 * MS;
		if (rand() % 200 == 0)
			base = (rand() % 100000 - 50000) * (int64_t)MS;
		if (rand() % 300 == 0)
			cme_timeline_cut(&timeline);
		in.arrival = clock;
		in.due = clock - rand() % 40 * MS;
		in.dts = clock + base + rand() % 80 * MS;
		in.pts = in.dts + (rand() % 200 - 20) * MS;
		if (!cme_timeline_map(&timeline, &in, &out))
			continue;
		assert_true(out.dts > last[in.stream]);
		assert_true(out.pts - out.dts >= (in.pts < in.dts ? in.pts - in.dts : 0));
		last[in.stream] = out.dts;
	}
	assert_true(last[0] > 0 && last[1] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_at_zero_and_keeps_sound_with_picture),
		cmocka_unit_test(continues_at_a_switch_by_the_clock),
		cmocka_unit_test(drops_sound_that_would_step_back),
		cmocka_unit_test(keeps_the_length_of_an_outage),
		cmocka_unit_test(never_reaches_back_before_what_was_sent),
		cmocka_unit_test(gives_back_what_it_ran_ahead),
		cmocka_unit_test(keeps_the_clock_over_any_number_of_switches),
		cmocka_unit_test(stays_with_the_clock_inside_a_segment),
		cmocka_unit_test(makes_good_a_late_keyframe_at_once),
		cmocka_unit_test(clamps_jitter_and_repeats),
		cmocka_unit_test(follows_a_jump_back_of_both_streams),
		cmocka_unit_test(follows_a_jump_ahead),
		cmocka_unit_test(follows_a_jump_before_the_first_sound),
		cmocka_unit_test(takes_a_pause_for_a_pause),
		cmocka_unit_test(never_steps_back),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}

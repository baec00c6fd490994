/* SPDX-License-Identifier: MIT
 *
 * Scripts of packets against the GOP and the jumps that are to be seen in them.
 */
#include "stream/cadence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000LL

/* A packet: 'K' a keyframe, 'p' another picture, 'a' sound, 'r' the source was opened again. */
struct step {
	char kind;
	int64_t dts_ms;
	int64_t arrival_ms;
};

struct row {
	const char *what;
	struct step steps[12];
	int64_t gop_ms;
	unsigned gop_frames;
	uint64_t jumps;
};

static const struct row rows[] = {
	{ "nothing before the second keyframe", { { 'K', 0, 0 }, { 'p', 40, 40 } }, 0, 0, 0 },
	{ "a whole GOP", { { 'K', 0, 0 }, { 'p', 40, 40 }, { 'a', 50, 50 }, { 'K', 80, 80 } }, 80, 2, 0 },
	{ "the last of two",
	  { { 'K', 0, 0 }, { 'K', 40, 40 }, { 'p', 80, 80 }, { 'p', 120, 120 }, { 'K', 160, 160 } },
	  120,
	  3,
	  0 },
	{ "an encoder that restarts: one jump of the picture, one of the sound",
	  { { 'K', 90000, 0 }, { 'a', 90010, 10 }, { 'K', 0, 40 }, { 'a', 10, 50 }, { 'p', 40, 80 } },
	  0,
	  0,
	  2 },
	{ "no GOP across a jump",
	  { { 'K', 0, 0 }, { 'K', 40, 40 }, { 'p', 9000, 80 }, { 'K', 9040, 120 } },
	  40,
	  1,
	  1 },
	{ "a GOP after a jump",
	  { { 'K', 0, 0 }, { 'p', 9000, 40 }, { 'K', 9040, 80 }, { 'p', 9080, 120 }, { 'K', 9120, 160 } },
	  80,
	  2,
	  1 },
	{ "a gap is no jump: the clock went on as well", { { 'K', 0, 0 }, { 'K', 9000, 9000 } }, 9000, 1, 0 },
	{ "opened again is no jump",
	  { { 'K', 90000, 0 }, { 'K', 90040, 40 }, { 'r', 0, 0 }, { 'K', 0, 80 } },
	  0,
	  0,
	  0 },
	{ "opened again keeps the count",
	  { { 'K', 90000, 0 }, { 'K', 0, 40 }, { 'r', 0, 0 }, { 'K', 0, 80 } },
	  0,
	  0,
	  1 },
};

static void follows_the_script(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_cadence cadence = { 0 };

		for (const struct step *step = rows[i].steps; step->kind; step++) {
			struct cme_timeline_in in = { .stream = step->kind == 'a' ? CME_AUDIO : CME_VIDEO,
						      .dts = step->dts_ms * MS,
						      .pts = step->dts_ms * MS,
						      .arrival = step->arrival_ms * MS };

			if (step->kind == 'r')
				cme_cadence_restart(&cadence);
			else
				cme_cadence_add(&cadence, &in, step->kind == 'K');
		}
		if (cadence.gop_us != rows[i].gop_ms * MS || cadence.gop_frames != rows[i].gop_frames ||
		    cadence.jumps != rows[i].jumps)
			fail_msg("%s: gop %lld us of %u, %llu jumps", rows[i].what, (long long)cadence.gop_us,
				 cadence.gop_frames, (unsigned long long)cadence.jumps);
	}
}

/* One packet in ten comes in time, the others up to 30 ms late; a jump begins anew. */
static void knows_when_packets_were_due(void **state)
{
	struct cme_cadence cadence = { 0 };

	(void)state;
	for (int64_t i = 0; i < 1000; i++) {
		int64_t dts = (i + (i < 500 ? 0 : 90000)) * 40 * MS;
		struct cme_timeline_in in = { .stream = CME_VIDEO, .dts = dts, .pts = dts };

		in.arrival = i * 40 * MS + (i % 10 ? 30 * MS : 0);
		cme_cadence_add(&cadence, &in, i % 25 == 0);
		assert_in_range(cme_cadence_due(&cadence, &in), i * 40 * MS, in.arrival);
		if (i % 500 > 20)
			assert_int_equal(cme_cadence_due(&cadence, &in), i * 40 * MS);
	}
}

/* A source that was silent for 5 s and goes on where it was: what was before does not make it late. */
static void begins_anew_after_a_silence(void **state)
{
	struct cme_cadence cadence = { 0 };

	(void)state;
	for (int64_t i = 0; i < 200; i++) {
		struct cme_timeline_in in = { .stream = CME_VIDEO, .dts = i * 40 * MS, .pts = i * 40 * MS };

		in.arrival = in.dts + (i < 100 ? 0 : 5000 * MS);
		cme_cadence_add(&cadence, &in, i % 25 == 0);
		assert_int_equal(cme_cadence_due(&cadence, &in), in.arrival);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows_the_script),
					    cmocka_unit_test(knows_when_packets_were_due),
					    cmocka_unit_test(begins_anew_after_a_silence) };

	return cmocka_run_group_tests_name("cadence", tests, NULL, NULL);
}

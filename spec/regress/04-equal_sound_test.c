/* SPDX-License-Identifier: MIT
 *
 * Sound frames that share a timestamp, or step back a little, as several AAC frames in one PES and gateways
 * that stamp in bursts have them: each follows the frame before by its duration, and none is lost.
 */
#include "stream/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define FRAME_US 23220 /* 1024 samples at 44.1 kHz */
#define FRAMES   400

struct run {
	struct cme_timeline timeline;
	int64_t last;        /* DTS mapped; -1: none yet */
	int64_t least, most; /* between two frames */
	int64_t lead;        /* the most a frame lay after its own time */
	unsigned mapped;
};

static void begin(struct run *run)
{
	struct cme_timeline_in picture = { .stream = CME_VIDEO };
	struct cme_timeline_out out;

	*run = (struct run){ .last = -1, .least = INT64_MAX };
	cme_timeline_init(&run->timeline);
	assert_true(cme_timeline_map(&run->timeline, &picture, &out));
}

static void sound(struct run *run, int64_t stamp_us, int64_t arrival_us)
{
	struct cme_timeline_in in = { .stream = CME_AUDIO,
				      .dts = stamp_us,
				      .pts = stamp_us,
				      .arrival = arrival_us,
				      .due = arrival_us,
				      .duration = FRAME_US };
	struct cme_timeline_out out;

	if (!cme_timeline_map(&run->timeline, &in, &out))
		return;
	assert_int_equal(out.pts, out.dts);
	if (run->last >= 0) {
		int64_t step = out.dts - run->last;

		run->least = step < run->least ? step : run->least;
		run->most = step > run->most ? step : run->most;
	}
	if (out.dts - stamp_us > run->lead)
		run->lead = out.dts - stamp_us;
	run->last = out.dts;
	run->mapped++;
}

static void follows_in_bursts(void **state)
{
	static const int bursts[] = { 1, 2, 4, 8 };

	(void)state;
	for (size_t b = 0; b < sizeof bursts / sizeof bursts[0]; b++) {
		struct run run;

		begin(&run);
		for (int i = 0; i < FRAMES; i++)
			sound(&run, (int64_t)(i / bursts[b]) * bursts[b] * FRAME_US, i * FRAME_US);
		assert_int_equal(run.mapped, FRAMES);
		assert_int_equal(run.least, FRAME_US);
		assert_int_equal(run.most, FRAME_US);
	}
}

/* Each second frame is stamped 60 ms early. */
static void follows_small_steps_back(void **state)
{
	struct run run;

	(void)state;
	begin(&run);
	for (int i = 0; i < FRAMES; i++)
		sound(&run, i * FRAME_US + (i % 2 ? 0 : 60000), i * FRAME_US);
	assert_int_equal(run.mapped, FRAMES);
	assert_true(run.least > 0 && run.lead <= 100000);
}

/* A source that stamps its sound 300 ms early from some moment on gets back to its own stamps in time. */
static void comes_back_to_the_stamps(void **state)
{
	struct run run;

	(void)state;
	begin(&run);
	for (int i = 0; i < FRAMES; i++)
		sound(&run, i * FRAME_US - (i < 100 ? 0 : 300000), i * FRAME_US);
	assert_int_equal(run.mapped, FRAMES);
	assert_true(run.last <= FRAMES * FRAME_US);
}

/* Forty times more frames than time: what does not fit is left out, and the stream stays with its stamps. */
static void stays_with_the_stamps(void **state)
{
	struct run run;

	(void)state;
	begin(&run);
	for (int i = 0; i < FRAMES; i++)
		sound(&run, (int64_t)i * FRAME_US / 40, (int64_t)i * FRAME_US / 40);
	assert_true(run.lead <= 1100000);
	assert_true(run.mapped < FRAMES && run.least > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_in_bursts),
		cmocka_unit_test(follows_small_steps_back),
		cmocka_unit_test(comes_back_to_the_stamps),
		cmocka_unit_test(stays_with_the_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

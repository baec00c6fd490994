/* SPDX-License-Identifier: MIT
 * Tests of src/look/eye/attention.c: which packets are decoded. */
#include "look/eye/attention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"

#define RATE 25

/* What was done with the packets of a stream. */
struct run {
	int keys, others, ends;
	int64_t longest_us; /* between two decoded keyframes */
};

static struct cme_attention attention;
static bool doubtful;

static void begin(bool compared, bool full)
{
	attention =
		(struct cme_attention){ .compared = compared, .full = full, .every_us = 10 * CME_SECOND_US };
	doubtful = false;
	cme_attention_restart(&attention);
}

static void count(struct run *run, const struct cme_attention_packet *packet, int64_t *last_us)
{
	struct cme_attention_next next = cme_attention_take(&attention, packet);

	run->ends += next.ends;
	run->others += next.decode && !packet->key;
	if (!next.decode || !packet->key)
		return;
	run->keys++;
	if (*last_us && packet->dts_us - *last_us > run->longest_us)
		run->longest_us = packet->dts_us - *last_us;
	*last_us = packet->dts_us;
}

/* So many seconds of a stream with a keyframe every gop pictures. */
static struct run run_for(int from_s, int seconds, int gop)
{
	struct run run = { 0 };
	int64_t last_us = 0;

	for (int i = from_s * RATE; i < (from_s + seconds) * RATE; i++) {
		int64_t at_us = CME_SECOND_US + i * CME_SECOND_US / RATE;
		struct cme_attention_packet packet = { .key = i % gop == 0,
						       .dts_us = at_us,
						       .arrival_us = at_us,
						       .gop_us = i > gop ? gop * CME_SECOND_US / RATE : 0,
						       .doubtful = doubtful };

		count(&run, &packet, &last_us);
	}
	return run;
}

static void looks_at_a_keyframe_every_six_seconds(void **state)
{
	struct run run;

	(void)state;
	begin(false, false);
	run = run_for(0, 4, 2 * RATE);
	assert_int_equal(run.others, RATE - 1); /* how far keyframes are apart is not known yet */
	assert_int_equal(run.ends, 1);
	run = run_for(4, 42, 2 * RATE);
	assert_int_equal(run.others, 0);
	assert_int_equal(run.keys, 7);
	assert_int_equal(run.longest_us, 6 * CME_SECOND_US);
	begin(false, false);
	run_for(0, 2, RATE / 2);
	run = run_for(2, 40, RATE / 2);
	assert_int_equal(run.others, 0);
	assert_in_range(run.keys, 6, 8);
}

static void looks_closely_when_in_doubt_or_compared(void **state)
{
	struct run run;

	(void)state;
	begin(false, false);
	run_for(0, 4, 2 * RATE);
	doubtful = true;
	run = run_for(4, 40, 2 * RATE);
	assert_int_equal(run.keys, 20);
	begin(true, false);
	run_for(0, 4, 2 * RATE);
	run = run_for(4, 40, 2 * RATE);
	assert_int_equal(run.keys, 20);
	assert_int_equal(run.others, 4 * 9); /* 0.4 s of each look */
	assert_int_equal(run.ends, 4);
}

static void rare_keyframes_are_decoded_with_what_follows(void **state)
{
	struct run run;

	(void)state;
	begin(false, false);
	run_for(0, 20, 10 * RATE);
	run = run_for(20, 40, 10 * RATE);
	assert_int_equal(run.keys, 4);
	assert_int_equal(run.others, 4 * (RATE - 1));
}

static void everything_is_decoded_in_full(void **state)
{
	struct run run;

	(void)state;
	begin(false, true);
	run = run_for(0, 20, 2 * RATE);
	assert_int_equal(run.keys + run.others, 20 * RATE);
	assert_int_equal(run.ends, 0);
}

static void nothing_is_decoded_before_a_keyframe(void **state)
{
	struct cme_attention_packet packet = { .dts_us = 1, .arrival_us = 1 };

	(void)state;
	begin(false, true);
	assert_false(cme_attention_take(&attention, &packet).decode);
	packet.key = true;
	assert_true(cme_attention_take(&attention, &packet).decode);
	cme_attention_restart(&attention);
	packet.key = false;
	assert_false(cme_attention_take(&attention, &packet).decode);
}

static void times_that_go_back_end_a_stretch(void **state)
{
	struct cme_attention_packet packet = { .key = true, .dts_us = 90 * CME_SECOND_US, .arrival_us = 1 };

	(void)state;
	begin(false, false);
	assert_true(cme_attention_take(&attention, &packet).decode);
	packet = (struct cme_attention_packet){ .dts_us = 5, .arrival_us = 2 };
	assert_true(cme_attention_take(&attention, &packet).ends);
	packet.key = true;
	assert_true(cme_attention_take(&attention, &packet).decode);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_at_a_keyframe_every_six_seconds),
		cmocka_unit_test(looks_closely_when_in_doubt_or_compared),
		cmocka_unit_test(rare_keyframes_are_decoded_with_what_follows),
		cmocka_unit_test(everything_is_decoded_in_full),
		cmocka_unit_test(nothing_is_decoded_before_a_keyframe),
		cmocka_unit_test(times_that_go_back_end_a_stretch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

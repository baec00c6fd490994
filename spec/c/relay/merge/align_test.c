/* SPDX-License-Identifier: MIT
 *
 * Which offset two histories of prints have, if any: what bears one out, and what does not.
 */
#include "relay/merge/align.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000LL

/* 25 pictures a second with a keyframe every second, from `from` to `to` seconds of the encoder's time. */
struct take {
	double from, to;
	int64_t began;    /* the connection's time at zero */
	int64_t later;    /* how much later it comes */
	size_t repeats;   /* pictures until they repeat; 0: never */
	uint64_t encoder; /* another number: other payloads */
};

static void record(struct cme_prints *prints, const struct take *take)
{
	cme_prints_clear(&prints[CME_VIDEO]);
	cme_prints_clear(&prints[CME_AUDIO]);
	for (int64_t i = (int64_t)(take->from * 25); i < (int64_t)(take->to * 25); i++) {
		int64_t at = i * S / 25;
		uint64_t payload = (uint64_t)(take->repeats ? i % (int64_t)take->repeats : i);
		struct cme_print print = { .dts = take->began + at,
					   .arrival = at + take->later,
					   .hash = take->encoder + payload,
					   .key = i % 25 == 0 };

		cme_prints_add(&prints[CME_VIDEO], &print);
	}
}

static struct cme_prints member[CME_STREAMS], path[CME_STREAMS];

static struct cme_alignment align(const struct take *of_member, const struct take *of_path, double now)
{
	struct cme_align_question question = {
		.member = member, .path = path, .now_us = (int64_t)(now * 1e6), .window_us = 3 * S
	};

	record(member, of_member);
	record(path, of_path);
	return cme_align(&question);
}

static void the_time_of_the_encoder_is_known_at_once(void **state)
{
	struct cme_alignment found = align(&(struct take){ 0, 6, 3600 * S, 0, 0, 0 },
					   &(struct take){ 5, 6, 3600 * S, S / 2, 0, 0 }, 6.5);

	(void)state;
	assert_int_equal(found.found, CME_ALIGN_SAME);
	assert_int_equal(found.offset_us, 0);
	assert_int_equal(found.distance_us, S / 2);
}

static void another_time_takes_all_that_could_be_meant(void **state)
{
	struct take of_member = { 0, 6, 3600 * S, 0, 0, 0 }, of_path = { 4, 6, 50 * S, 0, 0, 0 };

	(void)state;
	assert_int_equal(align(&of_member, &of_path, 6).found, CME_ALIGN_REPEATS);
	of_member.to = of_path.to = 8;
	assert_int_equal(align(&of_member, &of_path, 8).found, CME_ALIGN_SAME);
	assert_int_equal(align(&of_member, &of_path, 8).offset_us, 3550 * S);
}

static void what_repeats_tells_nothing(void **state)
{
	struct take of_member = { 0, 20, 3600 * S, 0, 50, 0 }, of_path = { 4, 20, 50 * S, 0, 50, 0 };

	(void)state;
	assert_int_equal(align(&of_member, &of_path, 20).found, CME_ALIGN_REPEATS);
	of_path.began = 3600 * S;
	assert_int_equal(align(&of_member, &of_path, 20).found, CME_ALIGN_SAME);
}

/* From zero both: by chance, for each server begins there. */
static void a_time_from_zero_is_no_proof(void **state)
{
	struct take of_member = { 0, 20, 0, 0, 50, 0 }, of_path = { 2, 20, -2 * S, 0, 50, 0 };

	(void)state;
	assert_int_equal(align(&of_member, &of_path, 20).found, CME_ALIGN_REPEATS);
}

static void paths_too_far_apart_are_told(void **state)
{
	struct cme_alignment found = align(&(struct take){ 0, 20, 3600 * S, 0, 0, 0 },
					   &(struct take){ 0, 16, 3600 * S, 4 * S, 0, 0 }, 20);

	(void)state;
	assert_int_equal(found.found, CME_ALIGN_FAR);
	assert_int_equal(found.distance_us, 4 * S);
}

static void other_payloads_are_not_the_same(void **state)
{
	struct take of_member = { 0, 20, 3600 * S, 0, 0, 0 }, of_path = { 0, 20, 3600 * S, 0, 0, 1u << 20 };

	(void)state;
	assert_int_equal(align(&of_member, &of_path, 20).found, CME_ALIGN_NONE);
}

static void wraps_are_no_difference(void **state)
{
	(void)state;
	assert_true(cme_align_same_time(4294967296LL * 1000 + 500, 0));
	assert_true(cme_align_same_time(0, 8589934592LL * 100 / 9));
	assert_false(cme_align_same_time(4000, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_the_encoder_is_known_at_once),
		cmocka_unit_test(another_time_takes_all_that_could_be_meant),
		cmocka_unit_test(what_repeats_tells_nothing),
		cmocka_unit_test(a_time_from_zero_is_no_proof),
		cmocka_unit_test(paths_too_far_apart_are_told),
		cmocka_unit_test(other_payloads_are_not_the_same),
		cmocka_unit_test(wraps_are_no_difference),
	};

	return cmocka_run_group_tests_name("align", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Scripts of pushes and pops against what is left, as text: 'K' a keyframe, 'p' another packet.
 */
#include "relay/output/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000

static int alive; /* packets that were pushed and not freed */

static void drop(void *packet)
{
	free(packet);
	alive--;
}

/* One packet of `bytes` at `ms`. */
static void push(struct cme_queue *queue, char kind, int64_t ms, size_t bytes)
{
	char *packet = malloc(1);

	assert_non_null(packet);
	*packet = kind;
	alive++;
	cme_queue_push(queue,
		       (struct cme_queue_item){
			       .packet = packet, .at_us = ms * MS, .bytes = bytes, .start = kind == 'K' });
}

/* A packet of 10 bytes every 100 ms. */
static void push_all(struct cme_queue *queue, const char *kinds, int64_t from_ms)
{
	for (size_t i = 0; kinds[i]; i++)
		push(queue, kinds[i], from_ms + 100 * (int64_t)i, 10);
}

static void expect(struct cme_queue *queue, const char *kinds, uint64_t dropped)
{
	char left[64] = "";
	struct cme_queue_item item;

	assert_int_equal(queue->count, strlen(kinds));
	for (size_t i = 0; cme_queue_pop(queue, &item); i++) {
		left[i] = *(char *)item.packet;
		drop(item.packet);
	}
	assert_string_equal(left, kinds);
	assert_int_equal(queue->dropped, dropped);
	assert_int_equal(queue->bytes, 0);
	cme_queue_fini(queue);
	assert_int_equal(alive, 0);
}

static struct cme_queue make(int64_t max_ms, size_t max_bytes, size_t max_items, bool holding)
{
	struct cme_queue queue;

	cme_queue_init(&queue, (struct cme_queue_limits){ max_ms * MS, max_bytes, max_items }, drop);
	queue.holding = holding;
	return queue;
}

struct row {
	const char *what;
	int64_t max_ms;
	size_t max_bytes;
	size_t max_items;
	bool holding;
	const char *pushed;
	const char *left;
	uint64_t dropped;
};

static const struct row rows[] = {
	{ "all fits", 4000, 9999, 99, false, "KppKpp", "KppKpp", 0 },
	{ "starts at a keyframe", 4000, 9999, 99, false, "ppKp", "Kp", 2 },
	{ "too long: to the next keyframe", 500, 9999, 99, false, "KppKppp", "Kppp", 3 },
	{ "too long, two keyframes on", 200, 9999, 99, false, "KKppp", "", 5 },
	{ "too many bytes", 4000, 50, 99, false, "KppKpp", "Kpp", 3 },
	{ "too many items", 4000, 9999, 5, false, "KppKpp", "Kpp", 3 },
	{ "no keyframe left: all, until the next", 300, 9999, 99, false, "KpppppKp", "Kp", 6 },
	{ "one packet over the limit", 4000, 5, 99, false, "Kp", "", 2 },
	{ "not connected: restarts at keyframes", 4000, 9999, 99, true, "KppKp", "Kp", 0 },
	{ "not connected: bounded, not counted", 200, 9999, 99, true, "Kpppp", "", 0 },
};

static void keeps_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct cme_queue queue = make(row->max_ms, row->max_bytes, row->max_items, row->holding);

		push_all(&queue, row->pushed, 0);
		if (queue.count != strlen(row->left))
			print_error("%s\n", row->what);
		expect(&queue, row->left, row->dropped);
	}
}

static void survives_growing_while_wrapped(void **state)
{
	struct cme_queue queue = make(1000000, 1000000, 100000, false);
	struct cme_queue_item item;
	int64_t next = 0;

	(void)state;
	push(&queue, 'K', 0, 1);
	for (int i = 1; i < 1000; i++) {
		push(&queue, 'p', i, 1);
		if (i % 3 == 0) {
			assert_true(cme_queue_pop(&queue, &item));
			assert_int_equal(item.at_us, next++ * MS);
			drop(item.packet);
		}
	}
	while (cme_queue_pop(&queue, &item)) {
		assert_int_equal(item.at_us, next++ * MS);
		drop(item.packet);
	}
	assert_int_equal(next, 1000);
	expect(&queue, "", 0);
}

static void measures_its_span(void **state)
{
	struct cme_queue queue = make(4000, 9999, 99, false);

	(void)state;
	assert_int_equal(cme_queue_span_us(&queue), 0);
	assert_null(cme_queue_peek(&queue));
	push_all(&queue, "Kpp", 5000);
	assert_int_equal(cme_queue_span_us(&queue), 200 * MS);
	assert_int_equal(cme_queue_peek(&queue)->at_us, 5000 * MS);
	expect(&queue, "Kpp", 0);
}

static void waits_for_a_keyframe_after_a_clear(void **state)
{
	struct cme_queue queue = make(4000, 9999, 99, false);

	(void)state;
	push_all(&queue, "Kp", 0);
	cme_queue_clear(&queue);
	push_all(&queue, "ppKp", 200);
	expect(&queue, "Kp", 2);
}

/* Two overflows with a keyframe in between; what a held queue loses is nobody's loss. */
static void counts_overflows_and_its_high_water(void **state)
{
	struct cme_queue queue = make(300, 9999, 99, true);

	(void)state;
	push_all(&queue, "Kpppppp", 0);
	assert_int_equal(queue.overflows, 0);
	assert_int_equal(queue.high_us, 0);
	cme_queue_clear(&queue);
	queue.holding = false;
	push_all(&queue, "Kppppp", 1000);
	assert_int_equal(queue.overflows, 1);
	push_all(&queue, "Kpppp", 2000);
	assert_int_equal(queue.overflows, 2);
	assert_int_equal(queue.high_us, 400 * MS);
	assert_int_equal(queue.high_bytes, 50);
	expect(&queue, "", 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_the_table_says),
		cmocka_unit_test(survives_growing_while_wrapped),
		cmocka_unit_test(measures_its_span),
		cmocka_unit_test(waits_for_a_keyframe_after_a_clear),
		cmocka_unit_test(counts_overflows_and_its_high_water),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}

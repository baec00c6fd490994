/* SPDX-License-Identifier: MIT
 *
 * Nothing is lost in silence, and the worst burst of a full engine is not lost at all.
 */
#include "relay/base/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "relay/base/spec.h"

static struct cme_events events;

static int open_events(void **state)
{
	(void)state;
	return cme_events_init(&events);
}

static int close_events(void **state)
{
	(void)state;
	cme_events_fini(&events);
	return 0;
}

static void push(size_t count)
{
	for (size_t i = 0; i < count; i++)
		cme_events_push(&events, &(struct cme_event){ .kind = CME_EVENT_SWITCHED,
							      .switched.gap_ms = (int64_t)i });
}

/* Pops one event; its number, or for the event `lost` minus its count. */
static int64_t pop(void)
{
	struct cme_event event;

	assert_true(cme_events_pop(&events, &event));
	assert_true(event.time > 0);
	return event.kind == CME_EVENT_LOST ? -(int64_t)event.lost : event.switched.gap_ms;
}

static void expect_none(void)
{
	struct cme_event event;

	assert_false(cme_events_pop(&events, &event));
}

static void keeps_their_order(void **state)
{
	(void)state;
	push(3);
	for (int64_t i = 0; i < 3; i++)
		assert_int_equal(pop(), i);
	expect_none();
}

/* Every output goes to connecting and from there to live or backoff, and both inputs do the same. */
static void holds_a_change_or_two_of_everything(void **state)
{
	size_t burst = 2 * (CME_SPEC_OUTPUTS_MAX + CME_INPUTS);

	(void)state;
	push(burst);
	for (size_t i = 0; i < burst; i++)
		assert_int_equal(pop(), i);
	expect_none();
}

static void says_how_many_were_lost(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		push(CME_EVENTS_MAX + 3);
		assert_int_equal(pop(), -3);
		for (int64_t n = 3; n < CME_EVENTS_MAX + 3; n++)
			assert_int_equal(pop(), n);
		expect_none();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_their_order, open_events, close_events),
		cmocka_unit_test_setup_teardown(holds_a_change_or_two_of_everything, open_events,
						close_events),
		cmocka_unit_test_setup_teardown(says_how_many_were_lost, open_events, close_events),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}

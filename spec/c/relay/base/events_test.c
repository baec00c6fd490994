/* SPDX-License-Identifier: MIT
 *
 * Nothing is lost in silence, and the worst burst of a full engine is not lost at all.
 */
#include "relay/base/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
		cme_events_push(&events, json_pack("{s:s,s:I}", "event", "test", "n", (json_int_t)i));
}

/* Pops one event; its number, or for the event `lost` minus its count. */
static json_int_t pop(void)
{
	json_t *event = cme_events_pop(&events);
	json_int_t n = json_integer_value(json_object_get(event, "n"));

	assert_non_null(event);
	assert_true(json_is_real(json_object_get(event, "time")));
	if (strcmp(json_string_value(json_object_get(event, "event")), "lost") == 0)
		n = -json_integer_value(json_object_get(event, "count"));
	json_decref(event);
	return n;
}

static void keeps_their_order(void **state)
{
	(void)state;
	push(3);
	for (json_int_t i = 0; i < 3; i++)
		assert_int_equal(pop(), i);
	assert_null(cme_events_pop(&events));
}

/* Every output goes to connecting and from there to live or backoff, and both inputs do the same. */
static void holds_a_change_or_two_of_everything(void **state)
{
	size_t burst = 2 * (CME_SPEC_OUTPUTS_MAX + CME_INPUTS);

	(void)state;
	push(burst);
	for (size_t i = 0; i < burst; i++)
		assert_int_equal(pop(), i);
	assert_null(cme_events_pop(&events));
}

static void says_how_many_were_lost(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		push(CME_EVENTS_MAX + 3);
		assert_int_equal(pop(), -3);
		for (json_int_t n = 3; n < CME_EVENTS_MAX + 3; n++)
			assert_int_equal(pop(), n);
		assert_null(cme_events_pop(&events));
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

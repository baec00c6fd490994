/* SPDX-License-Identifier: MIT
 *
 * A source that was not tried yet is `connecting`: `down` always has an error that says why.
 */
#include "relay/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "relay/relay_state.h"

#include "../c/relay/test_relay.h"

#define ROUNDS 50

/* A new URL each time: the source is another one, and has not been tried. */
static void take_source(struct cme_relay *relay, int round)
{
	struct cme_spec spec;
	struct cme_err err;
	char url[64];

	snprintf(url, sizeof url, "/absent/%d.flv", round);
	cme_spec_init(&spec);
	assert_int_equal(cme_input_spec_add(&spec.input[CME_MAIN], url), 0);
	assert_int_equal(cme_relay_apply(relay, &spec, &err), 0);
	cme_spec_fini(&spec);
}

static void expect_reason(struct cme_relay *relay)
{
	const struct cme_source *source = &relay->source[CME_MAIN];
	bool unexplained;

	pthread_mutex_lock(&relay->lock);
	unexplained = source->state == CME_SOURCE_DOWN && !source->error.code[0];
	pthread_mutex_unlock(&relay->lock);
	assert_false(unexplained);
}

static void a_source_is_down_only_for_a_reason(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		take_source(*state, round);
		expect_reason(*state);
	}
}

/* Whoever follows the events learns that the input is another one. */
static void a_new_source_is_announced(void **state)
{
	struct cme_event event;

	take_source(*state, 0);
	assert_true(cme_events_pop(&events, &event));
	assert_int_equal(event.kind, CME_EVENT_INPUT);
	assert_int_equal(event.input.endpoint, CME_MAIN);
	assert_int_equal(event.input.state, CME_SOURCE_CONNECTING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_source_is_down_only_for_a_reason, open_relay, close_relay),
		cmocka_unit_test_setup_teardown(a_new_source_is_announced, open_relay, close_relay),
	};

	return cmocka_run_group_tests_name("untried source", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What the relay decides about its inputs when none of them delivers: no media is needed for that. The
 * inputs are files that do not exist.
 */
#include "relay/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

#include "relay/relay_state.h"

static struct cme_events events;

static int open_relay(void **state)
{
	if (cme_events_init(&events) != 0)
		return -1;
	*state = cme_relay_new(NULL, &events);
	return *state ? 0 : -1;
}

/* Waits for the threads: each wakes the main thread when it is through. */
static int close_relay(void **state)
{
	struct pollfd fd = { .fd = events.fd, .events = POLLIN };

	cme_relay_stop(*state);
	while (!cme_relay_stopped(*state)) {
		if (poll(&fd, 1, 10000) != 1)
			return -1;
		cme_events_rearm(&events);
	}
	cme_relay_free(*state);
	cme_events_fini(&events);
	return 0;
}

static void apply(struct cme_relay *relay, const char *main_url, const char *backup_url, int active)
{
	struct cme_spec spec;
	struct cme_err err;

	cme_spec_init(&spec);
	spec.failover = false;
	spec.active = active;
	if (main_url)
		assert_int_equal(cme_input_spec_add(&spec.input[CME_MAIN], main_url), 0);
	if (backup_url)
		assert_int_equal(cme_input_spec_add(&spec.input[CME_BACKUP], backup_url), 0);
	assert_int_equal(cme_relay_apply(relay, &spec, &err), 0);
	cme_spec_fini(&spec);
}

static void a_switch_back_ends_the_one_that_waits(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_switch_result result;
	struct cme_err err;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	assert_int_equal(cme_relay_switch(relay, CME_BACKUP, &err), 0);
	assert_false(cme_relay_switch_result(relay, &result));
	assert_int_equal(cme_relay_switch(relay, CME_MAIN, &err), 1);
	assert_true(cme_relay_switch_result(relay, &result));
	assert_int_equal(result.to, CME_BACKUP);
	assert_string_equal(result.err.code, "switch.superseded");
	assert_false(relay->change.pending);
	assert_false(cme_relay_switch_result(relay, &result));
}

/* As after a failover. */
static void put_on_air(struct cme_relay *relay, int to)
{
	pthread_mutex_lock(&relay->lock);
	cme_relay_change_to(relay, to, "failover", true);
	pthread_mutex_unlock(&relay->lock);
}

/* As if the deadline had come. */
static void pass_deadline(struct cme_relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->change.deadline_us = 0;
	pthread_mutex_unlock(&relay->lock);
	cme_relay_tick(relay);
}

static void a_set_whose_switch_failed_can_be_tried_again(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_switch_result result;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	for (int i = 0; i < 2; i++) {
		apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_BACKUP);
		assert_true(relay->change.pending);
		assert_int_equal(cme_relay_spec(relay)->active, CME_BACKUP);
		pass_deadline(relay);
		assert_true(cme_relay_switch_result(relay, &result));
		assert_string_equal(result.err.code, "switch.no_keyframe");
		assert_int_equal(cme_relay_spec(relay)->active, CME_MAIN);
	}
}

/* What a failover left stays wanted: a switch that failed does not change it. */
static void a_switch_that_failed_leaves_the_wish_as_it_was(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_switch_result result;
	struct cme_err err;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	put_on_air(relay, CME_BACKUP);
	assert_int_equal(cme_relay_switch(relay, CME_MAIN, &err), 0);
	pass_deadline(relay);
	assert_true(cme_relay_switch_result(relay, &result));
	assert_int_equal(cme_relay_spec(relay)->active, CME_MAIN);
	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	assert_false(relay->change.pending);
	assert_int_equal(relay->active, CME_BACKUP);
}

static void the_other_input_follows_one_taken_off_the_air(void **state)
{
	struct cme_relay *relay = *state;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	put_on_air(relay, CME_BACKUP);
	apply(relay, "/absent/main.flv", NULL, CME_MAIN);
	assert_int_equal(relay->active, CME_MAIN);
	assert_string_equal(relay->announce.reason, "request");
	apply(relay, NULL, "/absent/other.flv", CME_BACKUP);
	assert_int_equal(relay->active, CME_BACKUP);
	assert_int_equal(cme_relay_spec(relay)->active, CME_BACKUP);
}

static void a_switch_to_an_input_that_goes_is_over(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_switch_result result;
	struct cme_err err;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	assert_int_equal(cme_relay_switch(relay, CME_BACKUP, &err), 0);
	apply(relay, "/absent/main.flv", NULL, CME_MAIN);
	assert_true(cme_relay_switch_result(relay, &result));
	assert_string_equal(result.err.code, "switch.no_input");
	assert_int_equal(relay->active, CME_MAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_switch_back_ends_the_one_that_waits, open_relay,
						close_relay),
		cmocka_unit_test_setup_teardown(a_set_whose_switch_failed_can_be_tried_again, open_relay,
						close_relay),
		cmocka_unit_test_setup_teardown(a_switch_that_failed_leaves_the_wish_as_it_was, open_relay,
						close_relay),
		cmocka_unit_test_setup_teardown(the_other_input_follows_one_taken_off_the_air, open_relay,
						close_relay),
		cmocka_unit_test_setup_teardown(a_switch_to_an_input_that_goes_is_over, open_relay,
						close_relay),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}

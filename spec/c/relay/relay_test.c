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

#include "relay/base/sys.h"
#include "relay/failover.h"
#include "relay/relay_state.h"
#include "test_relay.h"

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

/* What a source that is open looks like; times before now in milliseconds, 0: never. With the lock held, so
 * that its thread does not say otherwise meanwhile. */
static void look_live(struct cme_relay *relay, int i, int packet_ms, int picture_ms)
{
	int64_t now_us = cme_now_us();

	cme_source_set_state(relay, i, CME_SOURCE_LIVE, NULL);
	relay->source[i].last_packet_us = packet_ms ? now_us - packet_ms * CME_MS_US : 0;
	relay->source[i].life = (struct cme_liveness){ 0 };
	if (picture_ms)
		cme_liveness_packet(&relay->source[i].life, CME_VIDEO, now_us - picture_ms * CME_MS_US);
	relay->stall_limit_us = 500 * CME_SECOND_US;
}

static const struct {
	const char *what;
	int packet_ms, picture_ms;
	enum cme_source_state state;
	const char *message;
} silences[] = {
	{ "both come", 1000, 1000, CME_SOURCE_LIVE, "" },
	{ "sound alone, from the start", 1000, 0, CME_SOURCE_LIVE, "" },
	{ "the picture stopped", 1000, 600000, CME_SOURCE_DOWN, "no picture for 500 s" },
	{ "the sound stopped", 1000, 1000, CME_SOURCE_LIVE, "" },
	{ "all stopped", 600000, 600000, CME_SOURCE_STALLED, "no packets for 500 s" },
	{ "sound alone stopped", 600000, 0, CME_SOURCE_STALLED, "no packets for 500 s" },
};

static void a_source_without_its_picture_is_down(void **state)
{
	struct cme_relay *relay = *state;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
		pthread_mutex_lock(&relay->lock);
		relay->source[CME_MAIN].error = (struct cme_err){ 0 };
		look_live(relay, CME_MAIN, silences[i].packet_ms, silences[i].picture_ms);
		cme_relay_watch(relay, cme_now_us(), INT64_MAX);
		if (relay->source[CME_MAIN].state != silences[i].state ||
		    strcmp(relay->source[CME_MAIN].error.message, silences[i].message) != 0)
			fail_msg("%s: state %d, '%s'", silences[i].what, relay->source[CME_MAIN].state,
				 relay->source[CME_MAIN].error.message);
		pthread_mutex_unlock(&relay->lock);
	}
}

static void a_failback_waits_for_a_keyframe_like_a_switch(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_switch_result result;

	apply(relay, "/absent/main.flv", "/absent/backup.flv", CME_MAIN);
	put_on_air(relay, CME_BACKUP);
	pthread_mutex_lock(&relay->lock);
	look_live(relay, CME_MAIN, 1, 1);
	relay->failback_us = 60 * CME_SECOND_US;
	assert_int_equal(cme_relay_watch(relay, cme_now_us(), INT64_MAX),
			 relay->source[CME_MAIN].live_us + 60 * CME_SECOND_US);
	assert_false(relay->change.pending);
	relay->source[CME_MAIN].live_us -= 61 * CME_SECOND_US;
	cme_relay_watch(relay, cme_now_us(), INT64_MAX);
	assert_true(relay->change.pending);
	assert_int_equal(relay->change.to, CME_MAIN);
	assert_string_equal(relay->change.reason, "failback");
	relay->source[CME_MAIN].last_packet_us = 0;
	pthread_mutex_unlock(&relay->lock);
	pass_deadline(relay);
	assert_true(cme_relay_switch_result(relay, &result));
	assert_string_equal(result.err.code, "switch.no_keyframe");
	assert_int_equal(relay->active, CME_BACKUP);
	assert_int_equal(cme_relay_spec(relay)->active, CME_MAIN);
	pthread_mutex_lock(&relay->lock);
	look_live(relay, CME_MAIN, 1, 1);
	relay->failback_us = 0; /* at once, but not again and again */
	assert_int_equal(cme_relay_watch(relay, cme_now_us(), INT64_MAX),
			 relay->failback_tried_us + CME_FAILBACK_AGAIN_US);
	assert_false(relay->change.pending);
	pthread_mutex_unlock(&relay->lock);
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
		cmocka_unit_test_setup_teardown(a_source_without_its_picture_is_down, open_relay,
						close_relay),
		cmocka_unit_test_setup_teardown(a_failback_waits_for_a_keyframe_like_a_switch, open_relay,
						close_relay),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * An output could wait for ever without a word. Each that waits says for what.
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
#include "relay/relay_state.h"

#include "../c/relay/test_relay.h"

static int open_waiting(void **state)
{
	struct cme_output_spec output = { .id = (char *)"1",
					  .name = (char *)"",
					  .url = (char *)"udp://127.0.0.1:9" };
	struct cme_spec spec;
	struct cme_err err;
	int rc;

	if (open_relay(state) != 0)
		return -1;
	cme_spec_init(&spec);
	spec.outputs = &output;
	spec.outputs_count = 1;
	rc = cme_input_spec_add(&spec.input[CME_MAIN], "/absent/main.flv");
	if (rc == 0)
		rc = cme_relay_apply(*state, &spec, &err);
	spec.outputs = NULL;
	spec.outputs_count = 0;
	cme_spec_fini(&spec);
	return rc;
}

static const struct {
	enum cme_source_state state;
	const char *message;
	const char *waits_for;
} rows[] = {
	{ CME_SOURCE_CONNECTING, "", "the main input, which is being opened" },
	{ CME_SOURCE_LIVE, "", "the next keyframe of the main input" },
	{ CME_SOURCE_DOWN, "no picture for 2 s", "the main input: no picture for 2 s" },
	{ CME_SOURCE_STALLED, "no packets for 2 s", "the main input: no packets for 2 s" },
	{ CME_SOURCE_READY, "", "the main input, which is ready" },
};

/* The input's own thread writes to its state as well: the row is set until it is seen. */
static void expect(struct cme_relay *relay, size_t i)
{
	int64_t until_us = cme_now_us() + 20 * CME_SECOND_US;
	char seen[CME_ERR_MESSAGE_MAX] = "";

	while (strcmp(seen, rows[i].waits_for) != 0 && cme_now_us() < until_us) {
		struct cme_relay_stat stat;
		struct cme_err err;

		pthread_mutex_lock(&relay->lock);
		relay->source[CME_MAIN].state = rows[i].state;
		snprintf(relay->source[CME_MAIN].error.message, CME_ERR_MESSAGE_MAX, "%s", rows[i].message);
		pthread_mutex_unlock(&relay->lock);
		assert_int_equal(cme_relay_stat(relay, &stat, &err), 0);
		assert_int_equal(stat.outputs, 1);
		assert_int_equal(stat.output[0].state, CME_OUTPUT_WAITING);
		snprintf(seen, sizeof seen, "%s", stat.output[0].waits_for.message);
		cme_relay_stat_fini(&stat);
	}
	assert_string_equal(seen, rows[i].waits_for);
}

static void an_output_says_what_it_waits_for(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect(*state, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_output_says_what_it_waits_for, open_waiting, close_relay),
	};

	return cmocka_run_group_tests_name("09-waiting", tests, NULL, NULL);
}

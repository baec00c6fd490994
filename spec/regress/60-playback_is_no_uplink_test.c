/* SPDX-License-Identifier: MIT
 *
 * What a service plays to its viewers goes to its own edge, on the same machine. It counted as one more
 * destination: when it was behind together with a slow one, the uplink was told to be full, and its rate was
 * counted among what goes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "relay/base/sys.h"
#include "relay/relay.h"
#include "relay/relay_state.h"

#include "../c/relay/test_relay.h"

#define OUTPUTS   2
#define SECOND_US (1000 * CME_MS_US)

static int start(struct cme_output *out, struct cme_err *err)
{
	(void)err;
	out->state = CME_OUTPUT_LIVE;
	return 0;
}

static void wake(struct cme_output *out)
{
	(void)out;
}

static void join(struct cme_output *out)
{
	(void)out;
}

static const struct cme_output_ops ops = { .name = "still", .start = start, .wake = wake, .join = join };

/* An output that holds two seconds. */
static struct cme_output *open_output(bool local)
{
	struct cme_output_config config = {
		.id = "a", .name = "", .url = "rtmp://127.0.0.1/live/a", .no_uplink = local, .events = &events
	};
	struct cme_err err;
	struct cme_output *out = cme_output_new(&ops, &config, &err);
	int64_t now_us = cme_now_us();

	assert_non_null(out);
	for (int i = 0; i < 3; i++) {
		struct cme_packet *packet = cme_packet_new(4);

		assert_non_null(packet);
		memset(packet->payload, 0, 4);
		packet->stream = CME_VIDEO;
		packet->key = packet->start = i == 0;
		packet->dts_us = packet->pts_us = i * SECOND_US;
		packet->arrival_us = packet->due_us = now_us - (2 - i) * SECOND_US;
		cme_output_put(out, packet);
		cme_packet_unref(packet);
	}
	return out;
}

/* Whether a destination that is behind together with a second output is a full uplink. */
static bool is_full(struct cme_relay *relay, bool local)
{
	struct cme_output *out[OUTPUTS] = { open_output(false), open_output(local) };
	void *items[OUTPUTS] = { out[0], out[1] };
	struct cme_list none = relay->outputs;
	bool full;

	pthread_mutex_lock(&relay->lock);
	relay->outputs = (struct cme_list){ .items = items, .count = OUTPUTS, .cap = OUTPUTS };
	cme_relay_check_uplink(relay, cme_now_us());
	full = relay->uplink.full;
	relay->outputs = none;
	pthread_mutex_unlock(&relay->lock);
	for (size_t i = 0; i < OUTPUTS; i++)
		cme_output_free(out[i]);
	return full;
}

static void what_stays_on_this_machine_is_no_uplink(void **state)
{
	assert_false(is_full(*state, true));
	assert_true(is_full(*state, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_stays_on_this_machine_is_no_uplink, open_relay,
						close_relay),
	};

	return cmocka_run_group_tests_name("60 playback is no uplink", tests, NULL, NULL);
}

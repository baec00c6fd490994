/* SPDX-License-Identifier: MIT
 *
 * At a switch the new input's last GOP goes to the outputs all at once. It was queued by the times at which
 * its packets had come from the input, seconds apart: a look at that moment found all outputs seconds behind,
 * told that the uplink is full, and of a GOP longer than a queue may hold nothing went out.
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

#define OUTPUTS    2
#define PICTURES   60
#define PICTURE_US (100 * CME_MS_US) /* so that the GOP has 6 s, and a queue 4 */

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

/* A destination that has taken nothing yet. */
static const struct cme_output_ops ops = { .name = "still", .start = start, .wake = wake, .join = join };

static struct cme_output *open_output(void)
{
	struct cme_output_config config = {
		.id = "a", .name = "", .url = "rtmp://127.0.0.1/live/a", .events = &events
	};
	struct cme_err err;
	struct cme_output *out = cme_output_new(&ops, &config, &err);

	assert_non_null(out);
	return out;
}

/* As it came from an encoder until now. */
static void fill_gop(struct cme_gop *gop)
{
	struct cme_media *media = cme_media_new(&(struct cme_params){ .codec = CME_CODEC_HEVC }, NULL);
	int64_t now_us = cme_now_us();

	for (int i = 0; i < PICTURES; i++) {
		struct cme_packet *packet = cme_packet_new(4);

		assert_non_null(packet);
		memset(packet->payload, 0, 4);
		packet->stream = CME_VIDEO;
		packet->key = i == 0;
		packet->dts_us = packet->pts_us = i * PICTURE_US;
		packet->arrival_us = packet->due_us = now_us - (PICTURES - i) * PICTURE_US;
		cme_packet_belong(packet, media);
		cme_gop_push(gop, packet, packet->size, packet->start);
	}
	cme_media_unref(media);
}

static void a_switch_is_no_full_uplink(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_output *out[OUTPUTS];
	void *items[OUTPUTS];
	struct cme_list none = relay->outputs;

	for (size_t i = 0; i < OUTPUTS; i++)
		items[i] = out[i] = open_output();
	pthread_mutex_lock(&relay->lock);
	relay->outputs = (struct cme_list){ .items = items, .count = OUTPUTS, .cap = OUTPUTS };
	fill_gop(&relay->source[CME_BACKUP].gop);
	cme_relay_change_to(relay, CME_BACKUP, "failover", true);
	cme_relay_check_uplink(relay, cme_now_us());
	relay->outputs = none;
	pthread_mutex_unlock(&relay->lock);
	assert_false(relay->uplink.full);
	for (size_t i = 0; i < OUTPUTS; i++) {
		assert_int_equal(out[i]->queue.count, PICTURES);
		assert_int_equal(out[i]->queue.dropped, 0);
		cme_output_free(out[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_switch_is_no_full_uplink, open_relay, close_relay),
	};

	return cmocka_run_group_tests_name("57 replayed GOP", tests, NULL, NULL);
}

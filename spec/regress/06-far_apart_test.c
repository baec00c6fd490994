/* SPDX-License-Identifier: MIT
 *
 * Sound that lies six seconds behind its picture, or before it: no backlog, and no jump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "relay/base/sys.h"
#include "relay/output/output.h"

#define APART_US (6 * CME_SECOND_US)
#define STEP_US  (20 * CME_MS_US)
#define PAIRS    500

static int start(struct cme_output *out, struct cme_err *err)
{
	(void)out;
	(void)err;
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

static const struct cme_output_ops ops = { .name = "none", .start = start, .wake = wake, .join = join };

static struct cme_media *make_media(void)
{
	return cme_media_new(&(struct cme_params){ .codec = CME_CODEC_H264 },
			     &(struct cme_params){ .codec = CME_CODEC_AAC });
}

static void push(struct cme_output *out, struct cme_media *media, int stream, int64_t dts_us,
		 int64_t arrival_us)
{
	struct cme_packet *packet = cme_packet_new(10);

	packet->stream = stream;
	packet->dts_us = packet->pts_us = dts_us;
	packet->key = true;
	packet->arrival_us = arrival_us;
	cme_packet_belong(packet, media);
	cme_output_push(out, packet);
	cme_packet_unref(packet);
}

static unsigned pop_all(struct cme_output *out)
{
	struct cme_queue_item item;
	unsigned count = 0;

	for (; cme_queue_pop(&out->queue, &item); count++)
		cme_packet_unref(item.packet);
	return count;
}

/* A destination that takes everything at once gets everything. */
static void is_no_backlog(void **state)
{
	static const int64_t apart_us[] = { APART_US, -APART_US };
	struct cme_output_config config = { .id = "1", .name = "A", .url = "rtmp://h/a/b" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cme_err err;
		struct cme_output *out = cme_output_new(&ops, &config, &err);
		struct cme_media *media = make_media();
		unsigned taken = 0;

		cme_output_connected(out);
		for (int64_t pair = 0; pair < PAIRS; pair++) {
			push(out, media, CME_VIDEO, APART_US + pair * STEP_US, pair * STEP_US);
			push(out, media, CME_AUDIO, APART_US + pair * STEP_US - apart_us[i], pair * STEP_US);
			push(out, media, CME_VIDEO, APART_US + pair * STEP_US + 1, pair * STEP_US);
			taken += pop_all(out);
		}
		assert_int_equal(taken, 3 * PAIRS);
		assert_int_equal(out->queue.dropped, 0);
		cme_output_free(out);
		cme_media_unref(media);
	}
}

/* And one that takes nothing still loses what has waited for longer than four seconds. */
static void is_bounded_all_the_same(void **state)
{
	struct cme_output_config config = { .id = "1", .name = "A", .url = "rtmp://h/a/b" };
	struct cme_err err;
	struct cme_output *out = cme_output_new(&ops, &config, &err);
	struct cme_media *media = make_media();

	(void)state;
	cme_output_connected(out);
	for (int64_t pair = 0; pair < PAIRS; pair++) {
		push(out, media, CME_VIDEO, pair * STEP_US, pair * STEP_US);
		push(out, media, CME_AUDIO, pair * STEP_US, pair * STEP_US);
	}
	assert_true(out->queue.dropped > 0);
	assert_true(cme_queue_span_us(&out->queue) <= 4 * CME_SECOND_US);
	cme_output_free(out);
	cme_media_unref(media);
}

/* A source that starts anew while its sound lies behind: both streams go on as far apart as before. */
static void stays_apart_over_a_jump(void **state)
{
	struct cme_timeline timeline;
	struct cme_timeline_out out[CME_STREAMS] = { 0 };

	(void)state;
	cme_timeline_init(&timeline);
	for (int64_t at_us = 0; at_us < 30 * CME_SECOND_US; at_us += STEP_US) {
		int64_t anew_us = at_us < 15 * CME_SECOND_US ? 100 * CME_SECOND_US : -10 * CME_SECOND_US;
		struct cme_timeline_in in = { .stream = CME_VIDEO, .arrival = at_us, .due = at_us };

		in.dts = in.pts = at_us + anew_us;
		assert_true(cme_timeline_map(&timeline, &in, &out[CME_VIDEO]));
		in.stream = CME_AUDIO;
		in.dts = in.pts = in.dts - APART_US;
		if (cme_timeline_map(&timeline, &in, &out[CME_AUDIO]))
			assert_in_range(out[CME_VIDEO].dts - out[CME_AUDIO].dts, APART_US - 2 * STEP_US,
					APART_US + 2 * STEP_US);
		else
			assert_true(at_us < APART_US || anew_us < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_no_backlog),
		cmocka_unit_test(is_bounded_all_the_same),
		cmocka_unit_test(stays_apart_over_a_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

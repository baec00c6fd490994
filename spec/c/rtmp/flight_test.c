/* SPDX-License-Identifier: MIT */
#include "rtmp/flight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/chunk.h"

static struct cme_media *make_media(const char *video, const char *audio)
{
	struct cme_params picture = { .codec = CME_CODEC_H264, .extradata = (uint8_t *)video };
	struct cme_params sound = { .codec = CME_CODEC_AAC, .extradata = (uint8_t *)audio };

	picture.extradata_len = video ? strlen(video) : 0;
	sound.extradata_len = audio ? strlen(audio) : 0;
	return cme_media_new(video ? &picture : NULL, audio ? &sound : NULL);
}

/* Adds a packet of `size` bytes 'x'. */
static void add(struct cme_flight *flight, struct cme_media *media, int stream, int64_t dts_us, size_t size)
{
	struct cme_packet *packet = cme_packet_new(size);

	memset(packet->payload, 'x', size);
	packet->stream = stream;
	packet->dts_us = dts_us;
	packet->pts_us = dts_us + (stream == CME_VIDEO ? 40000 : 0);
	packet->key = true;
	cme_packet_belong(packet, media);
	assert_int_equal(cme_flight_add(flight, packet), 0);
}

static void count_done(void *ctx, const struct cme_packet *packet)
{
	(void)packet;
	(*(int *)ctx)++;
}

/* What the peer reads, one word a message: type, timestamp, and what of the body tells headers from data. */
static char heard[1024];
static uint8_t wire[1 << 20];

static void hear(size_t len)
{
	struct cme_chunk_reader reader;
	struct cme_chunk_message message;
	const uint8_t *data = wire;

	heard[0] = '\0';
	cme_chunk_reader_init(&reader);
	while (cme_chunk_read(&reader, &data, &len, &message, NULL) == 1) {
		size_t at = strlen(heard);
		const char *kind = message.type == CME_RTMP_DATA           ? "meta"
				   : message.type == CME_RTMP_USER_CONTROL ? "pong"
				   : message.data[1] == 0                  ? "header"
									   : "data";

		snprintf(heard + at, sizeof heard - at, "%u:%s@%u ", message.type, kind, message.timestamp);
	}
	cme_chunk_reader_fini(&reader);
}

/* Sends all, `step` bytes at a time, into `wire` from byte `at` on; returns its end. */
static size_t send_all(struct cme_flight *flight, struct cme_buf *control, size_t step, size_t at, int *done)
{
	static struct cme_plan plan;

	for (;;) {
		size_t left = step;

		cme_flight_plan(flight, control, &plan);
		if (plan.bytes == 0)
			return at;
		for (int i = 0; i < plan.count && left; i++) {
			size_t n = plan.iov[i].iov_len < left ? plan.iov[i].iov_len : left;

			memcpy(wire + at, plan.iov[i].iov_base, n);
			at += n;
			left -= n;
		}
		cme_flight_advance(flight, control, step - left, count_done, done);
	}
}

static void starts_with_headers_at_its_own_zero(void **state)
{
	struct cme_media *media = make_media("\x01"
					     "v",
					     "\x11\x90");
	struct cme_flight flight;
	struct cme_buf control;
	int done;

	(void)state;
	for (size_t step = 1; step < 700; step += 13) {
		cme_flight_init(&flight);
		cme_buf_init(&control, 100);
		done = 0;
		add(&flight, media, CME_VIDEO, 5000900, 300);
		add(&flight, media, CME_AUDIO, 5000100, 10); /* the same millisecond: not before the start */
		add(&flight, media, CME_AUDIO, 4999999, 10); /* left out */
		add(&flight, media, CME_AUDIO, 5021400, 10);
		add(&flight, media, CME_VIDEO, 5041000, 10);
		hear(send_all(&flight, &control, step, 0, &done));
		assert_string_equal(heard,
				    "18:meta@0 9:header@0 8:header@0 9:data@0 8:data@0 8:data@21 9:data@41 ");
		assert_int_equal(done, 4);
		assert_int_equal(flight.bytes, 0);
		cme_flight_clear(&flight);
		cme_buf_fini(&control);
	}
	cme_media_unref(media);
}

static void sends_only_the_headers_that_changed(void **state)
{
	struct cme_media *first = make_media("\x01"
					     "v",
					     "\x11\x90");
	struct cme_media *copy = make_media("\x01"
					    "v",
					    "\x11\x90");
	struct cme_media *second = make_media("\x01"
					      "w",
					      "\x11\x90");
	struct cme_flight flight;
	struct cme_buf control;
	int done = 0;

	(void)state;
	cme_flight_init(&flight);
	cme_buf_init(&control, 100);
	add(&flight, first, CME_VIDEO, 0, 10);
	send_all(&flight, &control, 10000, 0, &done);
	add(&flight, copy, CME_VIDEO, 40000, 10);
	add(&flight, second, CME_VIDEO, 80000, 10);
	add(&flight, second, CME_AUDIO, 90000, 10);
	hear(send_all(&flight, &control, 10000, 0, &done));
	assert_string_equal(heard, "9:data@40 18:meta@80 9:header@80 9:data@80 8:data@90 ");
	cme_flight_clear(&flight);
	cme_media_unref(first);
	cme_media_unref(copy);
	cme_media_unref(second);
}

/* The source changes its sound; pictures that were read after that come before the last of the old sound. */
static void keeps_each_stream_its_own_header(void **state)
{
	struct cme_media *old = make_media("\x01", "\x12\x10"), *new = make_media("\x01", "\x11\x88");
	struct cme_flight flight;
	struct cme_buf control;
	int done = 0;

	(void)state;
	cme_flight_init(&flight);
	cme_buf_init(&control, 100);
	add(&flight, old, CME_VIDEO, 0, 10);
	send_all(&flight, &control, 10000, 0, &done);
	add(&flight, new, CME_VIDEO, 40000, 10);
	add(&flight, old, CME_AUDIO, 40000, 10);
	add(&flight, new, CME_VIDEO, 80000, 10);
	add(&flight, new, CME_AUDIO, 80000, 10);
	hear(send_all(&flight, &control, 10000, 0, &done));
	assert_string_equal(heard, "9:data@40 8:data@40 9:data@80 18:meta@80 8:header@80 8:data@80 ");
	cme_flight_clear(&flight);
	cme_media_unref(old);
	cme_media_unref(new);
	cme_buf_fini(&control);
}

static void puts_control_between_messages_never_inside_one(void **state)
{
	static const uint8_t pong[6] = { 0, 7 };
	struct cme_chunk_message message = {
		.csid = 2, .type = CME_RTMP_USER_CONTROL, .data = pong, .len = 6
	};
	struct cme_media *media = make_media(NULL, "\x11\x90");
	struct cme_flight flight;
	struct cme_buf control;
	int done = 0;

	(void)state;
	for (size_t cut = 1; cut < 500; cut++) {
		static struct cme_plan plan;
		size_t at = 0;

		cme_flight_init(&flight);
		cme_buf_init(&control, 100);
		add(&flight, media, CME_AUDIO, 0, 150);
		add(&flight, media, CME_AUDIO, 21000, 150);
		cme_flight_plan(&flight, &control, &plan);
		for (int i = 0; i < plan.count; i++) {
			memcpy(wire + at, plan.iov[i].iov_base, plan.iov[i].iov_len);
			at += plan.iov[i].iov_len;
		}
		if (cut > at)
			cut = at;
		cme_flight_advance(&flight, &control, cut, count_done, &done);
		cme_chunk_write(&control, &message, 128); /* comes while the kernel takes no more */
		hear(send_all(&flight, &control, 17, cut, &done));
		assert_int_equal(strlen(heard), strlen("18:meta@0 8:header@0 8:data@0 8:data@21 4:pong@0 "));
		assert_non_null(strstr(heard, "4:pong@0 "));
		cme_flight_clear(&flight);
		cme_buf_fini(&control);
		if (cut == at)
			break;
	}
	cme_media_unref(media);
}

static void keeps_itself_short(void **state)
{
	struct cme_media *media = make_media(NULL, "\x11\x90");
	struct cme_flight flight;
	int added = 0;

	(void)state;
	cme_flight_init(&flight);
	for (; cme_flight_room(&flight); added++)
		add(&flight, media, CME_AUDIO, added * 21000, 10);
	assert_true(added > 50 && flight.count <= CME_FLIGHT_MAX);
	cme_flight_clear(&flight);
	for (added = 0; cme_flight_room(&flight); added++)
		add(&flight, media, CME_AUDIO, added * 21000, 100000);
	assert_int_equal(added, 3);
	cme_flight_clear(&flight);
	cme_media_unref(media);
}

static void takes_only_what_rtmp_has_a_form_for(void **state)
{
	struct cme_media *good = make_media("\x01", "\x11\x90"), *annexb = make_media("\xff", NULL);
	struct cme_err err;

	(void)state;
	assert_int_equal(cme_flv_check(good, &err), 0);
	assert_int_equal(cme_flv_check(annexb, &err), -1);
	assert_string_equal(err.code, "media.unsupported");
	assert_string_equal(err.message, "RTMP does not carry h264 with start codes");
	cme_media_unref(good);
	cme_media_unref(annexb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_headers_at_its_own_zero),
		cmocka_unit_test(sends_only_the_headers_that_changed),
		cmocka_unit_test(keeps_each_stream_its_own_header),
		cmocka_unit_test(puts_control_between_messages_never_inside_one),
		cmocka_unit_test(keeps_itself_short),
		cmocka_unit_test(takes_only_what_rtmp_has_a_form_for),
	};

	return cmocka_run_group_tests_name("flight", tests, NULL, NULL);
}

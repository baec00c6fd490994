/* SPDX-License-Identifier: MIT
 *
 * Packets of RFC 2250 as GStreamer sends them are taken apart into frames, each with its time.
 */
#include "pull/av/mpa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FRAME  417  /* bytes of layer III, 128 kbit/s, 44100 Hz */
#define LENGTH 2351 /* of its 1152 samples, in 90000ths of a second */
#define HEADER 4

static const AVRational clock_90k = { 1, 90000 };

/* A packet with what lies between two bytes of a row of frames, and the header that says where it begins. */
static AVPacket *packet(int from, int to, int64_t pts)
{
	static const uint8_t head[] = { 0xff, 0xfb, 0x90, 0x64 };
	AVPacket *av = av_packet_alloc();
	int offset = from % FRAME;

	assert_int_equal(av_new_packet(av, HEADER + to - from), 0);
	memset(av->data, 0, (size_t)av->size);
	av->data[2] = (uint8_t)(offset >> 8);
	av->data[3] = (uint8_t)offset;
	for (int i = from; i < to; i++)
		if (i % FRAME < (int)sizeof head)
			av->data[HEADER + i - from] = head[i % FRAME];
	av->pts = av->dts = pts;
	av->stream_index = 1;
	return av;
}

/* Puts it, and expects so many whole frames, of which the first has this time. */
static void expect(struct cme_mpa *mpa, AVPacket *av, int frames, int64_t pts)
{
	AVPacket *out = av_packet_alloc();

	assert_true(cme_mpa_takes(mpa, av));
	assert_int_equal(cme_mpa_put(mpa, av, clock_90k), 0);
	for (int i = 0; i < frames; i++) {
		assert_int_equal(cme_mpa_next(mpa, out), 1);
		assert_int_equal(out->size, FRAME);
		assert_int_equal(out->data[1], 0xfb);
		assert_int_equal(out->pts, pts + (int64_t)i * LENGTH);
		assert_int_equal(out->dts, out->pts);
		assert_int_equal(out->stream_index, 1);
		av_packet_unref(out);
	}
	assert_int_equal(cme_mpa_next(mpa, out), 0);
	av_packet_free(&out);
	av_packet_free(&av);
}

static void several_frames_in_one_packet(void **state)
{
	struct cme_mpa mpa = { 0 };

	(void)state;
	expect(&mpa, packet(0, 3 * FRAME, 1000), 3, 1000);
	expect(&mpa, packet(0, 2 * FRAME, 90000), 2, 90000);
	cme_mpa_fini(&mpa);
}

static void one_frame_in_several_packets(void **state)
{
	struct cme_mpa mpa = { 0 };

	(void)state;
	expect(&mpa, packet(0, 300, 1000), 0, 0);
	expect(&mpa, packet(300, FRAME, 1000), 1, 1000);
	expect(&mpa, packet(0, FRAME, 1000 + LENGTH), 1, 1000 + LENGTH);
	cme_mpa_fini(&mpa);
}

static void frames_without_the_header_are_left_alone(void **state)
{
	struct cme_mpa mpa = { 0 };
	AVPacket *av = packet(0, FRAME, 0), *none = av_packet_alloc();

	(void)state;
	av->data += HEADER;
	av->size -= HEADER;
	assert_false(cme_mpa_takes(&mpa, av));
	av->size = 0;
	assert_false(cme_mpa_takes(&mpa, av));
	assert_int_equal(cme_mpa_next(&mpa, none), 0);
	av_packet_free(&av);
	av_packet_free(&none);
	cme_mpa_fini(&mpa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_frames_in_one_packet),
		cmocka_unit_test(one_frame_in_several_packets),
		cmocka_unit_test(frames_without_the_header_are_left_alone),
	};

	return cmocka_run_group_tests_name("mpa", tests, NULL, NULL);
}

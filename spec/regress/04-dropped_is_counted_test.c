/* SPDX-License-Identifier: MIT
 *
 * Whatever an input drops is counted in `dropped`: what comes before the first keyframe, packets that cannot
 * be read or have no time, and what was held back for parameters that never came.
 */
#include "memory_file.h"

#include "relay/relay.h"
#include "relay/relay_state.h"

#include "../c/relay/test_relay.h"

#define FRAME_MS 40

static const uint8_t avcc[] = { MEMORY_AVCC };
static const uint8_t picture[] = { 0, 0, 0, 3, 0x65, 0x88, 0x80 };
static const uint8_t sound[] = { 0x21, 0x10, 0x04 };

/* Reads all there is: how many packets came of each stream, and how many were dropped. */
struct count {
	unsigned came[CME_STREAMS];
	unsigned dropped;
};

static struct count count_file(struct memory_file *file)
{
	struct count count = { { 0 }, 0 };
	struct cme_reader reader;
	int rc = 0;

	memory_open(file, &reader);
	while (rc >= 0) {
		struct cme_packet *packet = cme_reader_next(&reader, &rc);

		if (packet)
			count.came[packet->stream]++;
		count.dropped += cme_gather_dropped(&reader.gather);
		cme_packet_unref(packet);
	}
	memory_close(file, &reader);
	return count;
}

static void write_at(struct memory_file *file, int stream, int64_t ms, const uint8_t *data, size_t len)
{
	memory_write(file, &(struct memory_packet){ .stream = stream,
						    .dts_ms = ms,
						    .pts_ms = ms,
						    .key = true,
						    .data = data,
						    .len = len });
}

/* FLV whose sound has no sequence header: it is held back until the end, and does not go out. */
static void sound_without_its_header(void **state)
{
	struct memory_file file;
	struct count count;

	(void)state;
	memory_begin(&file, "flv");
	memory_stream(&file, AV_CODEC_ID_H264, avcc, sizeof avcc);
	memory_stream(&file, AV_CODEC_ID_AAC, NULL, 0);
	memory_header(&file, "flvflags=no_duration_filesize");
	for (int i = 0; i < 5; i++) {
		write_at(&file, CME_VIDEO, i * FRAME_MS, picture, sizeof picture);
		if (i < 3)
			write_at(&file, CME_AUDIO, i * FRAME_MS, sound, sizeof sound);
	}
	memory_end(&file);
	count = count_file(&file);
	assert_int_equal(count.came[CME_VIDEO], 5);
	assert_int_equal(count.came[CME_AUDIO], 0);
	assert_int_equal(count.dropped, 3);
}

/* FLV whose only stream has no sequence header: nothing of it goes out. */
static void what_is_held_to_the_end(void **state)
{
	struct memory_file file;
	struct count count;

	(void)state;
	memory_begin(&file, "flv");
	memory_stream(&file, AV_CODEC_ID_AAC, NULL, 0);
	memory_header(&file, "flvflags=no_duration_filesize");
	for (int i = 0; i < 4; i++)
		write_at(&file, 0, i * FRAME_MS, sound, sizeof sound);
	memory_end(&file);
	count = count_file(&file);
	assert_int_equal(count.came[CME_AUDIO], 0);
	assert_int_equal(count.dropped, 4);
}

/* Elementary H.264 has no times. */
static void pictures_without_times(void **state)
{
	static const uint8_t unit[] = { 0, 0, 0, 1, MEMORY_SPS_180, 0,    0,    0,    1,   MEMORY_PPS,
					0, 0, 0, 1, 0x65,           0x88, 0x84, 0x21, 0xa0 };
	struct memory_file file;
	struct count count;

	(void)state;
	memory_begin(&file, "h264");
	memory_stream(&file, AV_CODEC_ID_H264, NULL, 0);
	memory_header(&file, "");
	for (int i = 0; i < 4; i++)
		write_at(&file, 0, i * FRAME_MS, unit, sizeof unit);
	memory_end(&file);
	count = count_file(&file);
	assert_int_equal(count.came[CME_VIDEO] + count.dropped, 4);
	assert_true(count.dropped > 0);
}

/* An ADTS frame of silence, 44.1 kHz stereo, of one block; or of two with a checksum, which nothing here
 * takes apart. */
static void write_adts(struct memory_file *file, int stream, int64_t ms, bool two)
{
	const uint8_t frame[] = { 0xff,
				  two ? 0xf0 : 0xf1,
				  0x50,
				  0x80,
				  0x01,
				  0xbf,
				  two ? 0xfd : 0xfc,
				  0x21,
				  0x10,
				  0x04,
				  0x60,
				  0x8c,
				  0x1c };

	write_at(file, stream, ms, frame, sizeof frame);
}

/* Sound that cannot be converted is left out; the picture goes on. */
static void sound_that_cannot_be_converted(void **state)
{
	static const uint8_t unit[] = { 0, 0, 0, 1, MEMORY_SPS_180, 0,    0,    0,    1,   MEMORY_PPS,
					0, 0, 0, 1, 0x65,           0x88, 0x84, 0x21, 0xa0 };
	struct memory_file file;
	struct count count;

	(void)state;
	memory_begin(&file, "mpegts");
	memory_stream(&file, AV_CODEC_ID_H264, NULL, 0);
	memory_stream(&file, AV_CODEC_ID_AAC, NULL, 0);
	memory_header(&file, "");
	for (int i = 0; i < 20; i++) {
		write_at(&file, CME_VIDEO, i * FRAME_MS, unit, sizeof unit);
		write_adts(&file, CME_AUDIO, i * FRAME_MS, i % 4 == 3);
	}
	memory_end(&file);
	count = count_file(&file);
	assert_int_equal(count.came[CME_VIDEO], 20);
	assert_int_equal(count.came[CME_AUDIO], 15);
	assert_int_equal(count.dropped, 5);
}

/* ---- the relay */

static struct cme_packet *make_packet(struct cme_media *media, int stream, int64_t ms, bool key)
{
	struct cme_packet *packet = cme_packet_new(100);

	memset(packet->payload, 0, packet->size);
	packet->stream = stream;
	packet->pts_us = packet->dts_us = ms * CME_MS_US;
	packet->key = key;
	packet->arrival_us = cme_now_us();
	cme_packet_belong(packet, media);
	return packet;
}

static struct cme_media *make_media(void)
{
	return cme_media_new(&(struct cme_params){ .codec = CME_CODEC_H264 },
			     &(struct cme_params){ .codec = CME_CODEC_AAC });
}

/* One connection: sound and pictures from inside a GOP, a keyframe, and what follows. */
static void connect_once(struct cme_relay *relay, struct cme_input *input, struct cme_media *media)
{
	static const struct {
		int stream;
		bool key;
	} packets[] = {
		{ CME_AUDIO, true }, { CME_AUDIO, true }, { CME_VIDEO, false }, { CME_VIDEO, false },
		{ CME_VIDEO, true }, { CME_AUDIO, true }, { CME_VIDEO, false },
	};

	cme_relay_sink.opening(relay, input);
	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++)
		cme_relay_sink.packet(
			relay, input,
			make_packet(media, packets[i].stream, (int64_t)i * FRAME_MS, packets[i].key));
}

/* An input without a thread: the test says what comes. */
static void before_the_first_keyframe(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_source *source = &relay->source[CME_MAIN];
	struct cme_input *input = (struct cme_input *)&events; /* told from others by its address alone */
	struct cme_media *media = make_media();
	uint64_t first;

	source->input = input;
	relay->need_start = true;
	connect_once(relay, input, media);
	first = source->dropped;
	connect_once(relay, input, media);
	cme_relay_sink.dropped(relay, input, 3);
	source->input = NULL;
	cme_media_unref(media);
	assert_int_equal(first, 4);
	assert_int_equal(source->dropped, 2 * 4 + 3);
	assert_int_equal(source->packets, 2 * 7);
}

static void a_new_source_begins_at_zero(void **state)
{
	struct cme_relay *relay = *state;
	struct cme_spec spec;
	struct cme_err err;
	uint64_t dropped;

	relay->source[CME_MAIN].dropped = 5;
	cme_spec_init(&spec);
	assert_int_equal(cme_input_spec_add(&spec.input[CME_MAIN], "/absent/a.flv"), 0);
	assert_int_equal(cme_relay_apply(relay, &spec, &err), 0);
	cme_spec_fini(&spec);
	pthread_mutex_lock(&relay->lock);
	dropped = relay->source[CME_MAIN].dropped;
	pthread_mutex_unlock(&relay->lock);
	assert_int_equal(dropped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_without_its_header),
		cmocka_unit_test(what_is_held_to_the_end),
		cmocka_unit_test(pictures_without_times),
		cmocka_unit_test(sound_that_cannot_be_converted),
		cmocka_unit_test_setup_teardown(before_the_first_keyframe, open_relay, close_relay),
		cmocka_unit_test_setup_teardown(a_new_source_begins_at_zero, open_relay, close_relay),
	};

	return cmocka_run_group_tests_name("04-dropped is counted", tests, NULL, NULL);
}

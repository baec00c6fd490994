/* SPDX-License-Identifier: MIT
 *
 * Units of 256 to 511 bytes: their length prefix 00 00 01 xx looks like a start code. Containers with length
 * prefixes give every payload as it is; one with start codes gets prefixes in their place.
 */
#include "memory_file.h"

#define PICTURES 8

static const uint8_t avcc[] = { MEMORY_AVCC };
static const uint8_t hvcc[] = { 1,    1,    0x60, 0,    0, 0, 0x90, 0, 0,    0, 0, 0, 60, 0xf0, 0,
				0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, 1, 0xa1, 0, 1, 0, 2,  0x42, 1 };

/* A picture with a unit of i-dependent size behind each of the prefixes. Returns its size. */
static size_t picture(uint8_t *out, int i, bool lengths)
{
	size_t unit = 256 + (size_t)i * 31;
	uint8_t prefix[4] = { 0, 0, (uint8_t)(unit >> 8), (uint8_t)unit };

	if (!lengths)
		memcpy(prefix, (uint8_t[4]){ 0, 0, 0, 1 }, 4);
	memcpy(out, prefix, 4);
	memset(out + 4, 0x41 + i, unit);
	out[4] = i == 0 ? 0x65 : 0x41;
	return 4 + unit;
}

static void write_pictures(struct memory_file *file, bool lengths)
{
	for (int i = 0; i < PICTURES; i++) {
		uint8_t data[1024];
		struct memory_packet packet = { .dts_ms = i * 40,
						.pts_ms = i * 40,
						.key = i == 0,
						.data = data,
						.len = picture(data, i, lengths) };

		memory_write(file, &packet);
	}
	memory_end(file);
}

static void expect_pictures(struct memory_file *file)
{
	struct cme_reader reader;

	memory_open(file, &reader);
	for (int i = 0; i < PICTURES; i++) {
		struct cme_packet *packet = memory_next(&reader);
		uint8_t data[1024];
		size_t len = picture(data, i, true);

		assert_non_null(packet);
		assert_int_equal(packet->size, len);
		assert_memory_equal(packet->data, data, len);
		cme_packet_unref(packet);
	}
	assert_null(memory_next(&reader));
	memory_close(file, &reader);
}

static void pass(const char *format, const char *options, enum AVCodecID id, const uint8_t *record,
		 size_t len)
{
	struct memory_file file;

	memory_begin(&file, format);
	memory_stream(&file, id, record, len);
	memory_header(&file, options);
	write_pictures(&file, true);
	expect_pictures(&file);
}

static void mp4_passes_as_it_is(void **state)
{
	(void)state;
	pass("mp4", "movflags=frag_keyframe+empty_moov", AV_CODEC_ID_H264, avcc, sizeof avcc);
}

static void matroska_passes_as_it_is(void **state)
{
	(void)state;
	pass("matroska", "", AV_CODEC_ID_H264, avcc, sizeof avcc);
}

static void flv_passes_as_it_is(void **state)
{
	(void)state;
	pass("flv", "flvflags=no_duration_filesize+no_metadata", AV_CODEC_ID_H264, avcc, sizeof avcc);
}

static void hevc_passes_as_it_is(void **state)
{
	(void)state;
	pass("mp4", "movflags=frag_keyframe+empty_moov", AV_CODEC_ID_HEVC, hvcc, sizeof hvcc);
}

/* NUT states start codes by what it has for extradata. */
static void start_codes_become_lengths(void **state)
{
	static const uint8_t sets[] = { 0, 0, 0, 1, MEMORY_SPS_180, 0, 0, 0, 1, MEMORY_PPS };
	struct memory_file file;

	(void)state;
	memory_begin(&file, "nut");
	memory_stream(&file, AV_CODEC_ID_H264, sets, sizeof sets);
	memory_header(&file, "");
	write_pictures(&file, false);
	expect_pictures(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mp4_passes_as_it_is),        cmocka_unit_test(matroska_passes_as_it_is),
		cmocka_unit_test(flv_passes_as_it_is),        cmocka_unit_test(hevc_passes_as_it_is),
		cmocka_unit_test(start_codes_become_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Several pairs of parameter sets: all of them are in the sequence header, the SPS that the pictures use
 * first, whether they come together or one after the other, in band or with the container's configuration.
 */
#include "memory_file.h"

#define CODE 0, 0, 0, 1

/* What x264 makes of black: set ids 0 at 64x48, set ids 1 at 128x96. */
#define SPS_A                                                                                           \
	0x67, 0x42, 0xc0, 0x0a, 0xda, 0x11, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, \
		0x0c, 0x83, 0xc4, 0x89, 0xa8
#define PPS_A 0x68, 0xce, 0x0f, 0xc8
#define IDR_A                                                                                           \
	0x65, 0x88, 0x84, 0x3a, 0x26, 0x28, 0x00, 0x09, 0x02, 0xc9, 0xc9, 0xc9, 0xd7, 0x5d, 0x75, 0xd7, \
		0x5d, 0x75, 0xe0
#define SPS_B                                                                                           \
	0x67, 0x42, 0xc0, 0x0a, 0x56, 0x82, 0x0d, 0xb0, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, \
		0x03, 0x00, 0x32, 0x0f, 0x12, 0x26, 0xa0
#define PPS_B 0x68, 0x48, 0xe0, 0xfc, 0x80
#define IDR_B                                                                                             \
	0x65, 0x88, 0x41, 0x0e, 0x89, 0x8a, 0x00, 0x02, 0x40, 0xb2, 0x72, 0x72, 0x72, 0x72, 0x72, 0x72,   \
		0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, \
		0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, 0x75, 0xd7, 0x5d, \
		0x78
#define HEAD 1, 0x42, 0xc0, 0x0a, 0xff

static const uint8_t both_sets[] = { CODE, SPS_A, CODE, PPS_A, CODE, SPS_B, CODE, PPS_B };
static const uint8_t sets_and_b[] = { CODE, SPS_A, CODE, PPS_A, CODE, SPS_B, CODE, PPS_B, CODE, IDR_B };
static const uint8_t pair_and_a[] = { CODE, SPS_A, CODE, PPS_A, CODE, IDR_A };
static const uint8_t pair_and_b[] = { CODE, SPS_B, CODE, PPS_B, CODE, IDR_B };
static const uint8_t just_a[] = { CODE, IDR_A };
static const uint8_t just_b[] = { CODE, IDR_B };

static const uint8_t record_a[] = { HEAD, 0xe1, 0, 21, SPS_A, 1, 0, 4, PPS_A };
static const uint8_t record_ab[] = { HEAD, 0xe2, 0, 21, SPS_A, 0, 23, SPS_B, 2, 0, 4, PPS_A, 0, 5, PPS_B };
static const uint8_t record_ba[] = { HEAD, 0xe2, 0, 23, SPS_B, 0, 21, SPS_A, 2, 0, 4, PPS_A, 0, 5, PPS_B };

struct picture {
	const uint8_t *data;
	size_t len;
	const uint8_t *record; /* that it is to have */
	size_t record_len;
	int width;
};

#define PICTURE(data, record, width)                              \
	{                                                         \
		data, sizeof(data), record, sizeof(record), width \
	}

static void pass(const char *format, const uint8_t *extradata, size_t len, const struct picture *pictures,
		 size_t count)
{
	struct memory_file file;
	struct cme_reader reader;

	memory_begin(&file, format);
	memory_stream(&file, AV_CODEC_ID_H264, extradata, len);
	memory_header(&file, "");
	for (size_t i = 0; i < count; i++)
		memory_write(&file, &(struct memory_packet){ .dts_ms = (int64_t)i * 1000,
							     .pts_ms = (int64_t)i * 1000,
							     .key = true,
							     .data = pictures[i].data,
							     .len = pictures[i].len });
	memory_end(&file);
	memory_open(&file, &reader);
	for (size_t i = 0; i < count; i++) {
		struct cme_packet *packet = memory_next(&reader);
		const struct cme_params *par;

		assert_non_null(packet);
		par = packet->media->par[CME_VIDEO];
		assert_int_equal(par->extradata_len, pictures[i].record_len);
		assert_memory_equal(par->extradata, pictures[i].record, pictures[i].record_len);
		assert_int_equal(packet->media->width, pictures[i].width);
		cme_packet_unref(packet);
	}
	memory_close(&file, &reader);
}

static void takes_all_that_come_together(void **state)
{
	static const struct picture pictures[] = { PICTURE(sets_and_b, record_ba, 128),
						   PICTURE(sets_and_b, record_ba, 128) };

	(void)state;
	pass("mpegts", NULL, 0, pictures, 2);
}

static void takes_what_comes_later(void **state)
{
	static const struct picture pictures[] = {
		PICTURE(pair_and_a, record_a, 64),   PICTURE(pair_and_a, record_a, 64),
		PICTURE(pair_and_b, record_ba, 128), PICTURE(just_a, record_ab, 64),
		PICTURE(just_b, record_ba, 128),
	};

	(void)state;
	pass("nut", record_a, 0, pictures, 5);
}

static void takes_the_configuration(void **state)
{
	static const struct picture pictures[] = { PICTURE(just_b, record_ba, 128),
						   PICTURE(just_a, record_ab, 64) };

	(void)state;
	pass("nut", both_sets, sizeof both_sets, pictures, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_that_come_together),
		cmocka_unit_test(takes_what_comes_later),
		cmocka_unit_test(takes_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "stream/codec/sound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) text, sizeof(text) - 1

#define STREAMINFO                                             \
	"\x10\x00\x10\x00\0\0\0\0\0\0\x0b\xb8\x02\xf0\0\0\0\0" \
	"0123456789abcdef"

static const struct {
	enum cme_codec codec;
	bool config;
	const char *bytes;
	size_t len;
	int sample_rate; /* 0: cannot be read */
	int channels;
	int samples;
} rows[] = {
	{ CME_CODEC_OPUS, true, BYTES("OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\0"), 48000, 2, 0 },
	{ CME_CODEC_OPUS, true, BYTES("OpusHead\1\6\x38\1\x44\xac\0\0\0\0\1"), 48000, 6, 0 },
	{ CME_CODEC_OPUS, true, BYTES("OpusHead\1"), 0, 0, 0 },
	{ CME_CODEC_OPUS, true, BYTES("OpusTags\1\2"), 0, 0, 0 },
	{ CME_CODEC_FLAC, true, BYTES(STREAMINFO), 48000, 2, 4096 },
	{ CME_CODEC_FLAC, true, BYTES("fLaC\x80\0\0\x22" STREAMINFO), 48000, 2, 4096 },
	{ CME_CODEC_FLAC, true, BYTES("fLaC\x80\0\0\x22"), 0, 0, 0 },
	{ CME_CODEC_AAC, true, BYTES("\x12\x10"), 0, 0, 0 },
	{ CME_CODEC_MP3, false, BYTES("\xff\xfb\x90\x00"), 44100, 2, 1152 },
	{ CME_CODEC_MP3, false, BYTES("\xff\xfb\x94\xc0"), 48000, 1, 1152 },
	{ CME_CODEC_MP3, false, BYTES("\xff\xf3\x90\x40"), 22050, 2, 576 },
	{ CME_CODEC_MP3, false, BYTES("\xff\xe3\x98\x00"), 8000, 2, 576 },
	{ CME_CODEC_MP3, false, BYTES("\xff\xfb\x9c\x00"), 0, 0, 0 }, /* no such rate */
	{ CME_CODEC_MP3, false, BYTES("\xff\xfd\x90\x00"), 0, 0, 0 }, /* layer II */
	{ CME_CODEC_MP3, false, BYTES("ID3\4"), 0, 0, 0 },
	{ CME_CODEC_MP2, false, BYTES("\xff\xfd\x90\x00"), 44100, 2, 1152 },
	{ CME_CODEC_MP2, false, BYTES("\xff\xf5\x94\xc0"), 24000, 1, 1152 },
	{ CME_CODEC_MP2, false, BYTES("\xff\xfb\x90\x00"), 0, 0, 0 },                    /* layer III */
	{ CME_CODEC_AC3, false, BYTES("\x0b\x77\0\0\x1e\x40\x43\xe1"), 48000, 2, 1536 }, /* 2/0 */
	{ CME_CODEC_AC3, false, BYTES("\x0b\x77\0\0\x5e\x40\xe1\xe1"), 44100, 6, 1536 }, /* 3/2, low */
	{ CME_CODEC_AC3, false, BYTES("\x0b\x77\0\0\x5e\x40\xe0\xe1"), 44100, 5, 1536 }, /* 3/2 */
	{ CME_CODEC_AC3, false, BYTES("\x0b\x77\0\0\xde\x40\x43\xe1"), 0, 0, 0 },
	{ CME_CODEC_AC3, false, BYTES("\x0b\x78\0\0\x1e\x40\x43\xe1"), 0, 0, 0 },
	{ CME_CODEC_EAC3, false, BYTES("\x0b\x77\0\0\x3f\x86"), 48000, 6, 1536 }, /* 3/2, low, 6 blocks */
	{ CME_CODEC_EAC3, false, BYTES("\x0b\x77\0\0\x04\x86"), 48000, 2, 256 },
	{ CME_CODEC_EAC3, false, BYTES("\x0b\x77\0\0\xc4\x86"), 24000, 2, 1536 }, /* half the rate */
	{ CME_CODEC_EAC3, false, BYTES("\x0b\x77\0\0\xf4\x86"), 0, 0, 0 },
	{ CME_CODEC_AAC, false, BYTES("raw frame"), 0, 0, 0 },
};

static void reads_what_sound_says_of_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_sound sound = { 0 };
		const uint8_t *data = (const uint8_t *)rows[i].bytes;
		bool read = rows[i].config ? cme_sound_read_config(rows[i].codec, data, rows[i].len, &sound)
					   : cme_sound_read_frame(rows[i].codec, data, rows[i].len, &sound);

		if (read != (rows[i].sample_rate > 0) ||
		    (read && (sound.sample_rate != rows[i].sample_rate ||
			      sound.channels != rows[i].channels || sound.samples != rows[i].samples)))
			fail_msg("row %zu: %d Hz, %d channels, %d samples", i, sound.sample_rate,
				 sound.channels, sound.samples);
	}
}

#define FRAME(t) (const uint8_t *)(t), sizeof(t) - 1

static void tells_the_layers_of_mpeg_audio_apart(void **state)
{
	(void)state;
	assert_int_equal(cme_sound_mpeg_codec(FRAME("\xff\xfb\x90\x00")), CME_CODEC_MP3);
	assert_int_equal(cme_sound_mpeg_codec(FRAME("\xff\xfd\x90\x00")), CME_CODEC_MP2);
	assert_int_equal(cme_sound_mpeg_codec(FRAME("\xff\xff\x90\x00")), CME_CODEC_NONE); /* layer I */
	assert_int_equal(cme_sound_mpeg_codec(FRAME("\xff\xf1\x50\x80")), CME_CODEC_NONE); /* ADTS */
	assert_int_equal(cme_sound_mpeg_codec(FRAME("\xff\xfb\x90")), CME_CODEC_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_what_sound_says_of_itself),
					    cmocka_unit_test(tells_the_layers_of_mpeg_audio_apart) };

	return cmocka_run_group_tests_name("sound", tests, NULL, NULL);
}

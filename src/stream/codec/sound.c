/* SPDX-License-Identifier: MIT */
#include "stream/codec/sound.h"

#include <string.h>

#include "stream/bytes.h"

#define OPUS_MARK     "OpusHead"
#define OPUS_CHANNELS 9     /* where they stand */
#define OPUS_RATE     48000 /* of what every decoder gives */
#define FLAC_MARK     "fLaC"
#define FLAC_BLOCK    4  /* header of a metadata block */
#define FLAC_INFO     34 /* bytes of STREAMINFO */
#define MPEG_SAMPLES  1152
#define AC3_BLOCK     256 /* samples */
#define AC3_BLOCKS    6

static bool read_opus(const uint8_t *config, size_t len, struct cme_sound *out)
{
	if (len <= OPUS_CHANNELS || memcmp(config, OPUS_MARK, strlen(OPUS_MARK)) != 0)
		return false;
	*out = (struct cme_sound){ .sample_rate = OPUS_RATE, .channels = config[OPUS_CHANNELS] };
	return out->channels > 0;
}

/* STREAMINFO, with or without the mark and the block's header before it. */
static bool read_flac(const uint8_t *config, size_t len, struct cme_sound *out)
{
	size_t head = strlen(FLAC_MARK) + FLAC_BLOCK;
	uint32_t bits, smallest, largest;

	if (len >= head && memcmp(config, FLAC_MARK, strlen(FLAC_MARK)) == 0) {
		config += head;
		len -= head;
	}
	if (len < FLAC_INFO)
		return false;
	smallest = cme_get_be16(config);
	largest = cme_get_be16(config + 2);
	bits = cme_get_be32(config + 10); /* 20 of the rate, 3 of the channels less 1 */
	*out = (struct cme_sound){ .sample_rate = (int)(bits >> 12),
				   .channels = (int)(bits >> 9 & 7) + 1,
				   .samples = smallest == largest ? (int)largest : 0 };
	return out->sample_rate > 0;
}

bool cme_sound_read_config(enum cme_codec codec, const uint8_t *config, size_t len, struct cme_sound *out)
{
	switch (codec) {
	case CME_CODEC_OPUS:
		return read_opus(config, len, out);
	case CME_CODEC_FLAC:
		return read_flac(config, len, out);
	default:
		return false;
	}
}

/* ---- MPEG audio (ISO/IEC 11172-3 2.4.1.3, 13818-3 2.4.2.3) */

enum { LAYER_3 = 1, LAYER_2 = 2 };

/* LAYER_3, LAYER_2 or another one; 0: it is no header. */
static unsigned mpeg_layer(const uint8_t *frame, size_t len)
{
	if (len < 4 || cme_get_be16(frame) >> 5 != 0x7ff)
		return 0;
	return frame[1] >> 1 & 3;
}

/* The three versions: 2 and 2.5 have half and a quarter of the rates, and layer III half the samples then. */
static bool read_mpeg(const uint8_t *frame, size_t len, unsigned layer, struct cme_sound *out)
{
	static const int rates[] = { 44100, 48000, 32000 };
	unsigned version, rate;

	if (mpeg_layer(frame, len) != layer)
		return false;
	version = frame[1] >> 3 & 3; /* 0: 2.5, 2: 2, 3: 1 */
	rate = frame[2] >> 2 & 3;
	if (version == 1 || rate == 3)
		return false;
	out->sample_rate = rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
	out->channels = frame[3] >> 6 == 3 ? 1 : 2;
	out->samples = layer == LAYER_3 && version != 3 ? MPEG_SAMPLES / 2 : MPEG_SAMPLES;
	return true;
}

enum cme_codec cme_sound_mpeg_codec(const uint8_t *frame, size_t len)
{
	switch (mpeg_layer(frame, len)) {
	case LAYER_3:
		return CME_CODEC_MP3;
	case LAYER_2:
		return CME_CODEC_MP2;
	default:
		return CME_CODEC_NONE;
	}
}

/* ---- AC-3 */

/* acmod, and one more with the low frequencies. */
static int ac3_channels(unsigned mode, bool low)
{
	static const int channels[] = { 2, 1, 2, 3, 3, 4, 4, 5 };

	return channels[mode] + low;
}

static const int ac3_rates[] = { 48000, 44100, 32000 };

/* The low frequencies' bit lies behind fields that some modes have. */
static bool read_ac3(const uint8_t *frame, size_t len, struct cme_sound *out)
{
	unsigned rate, mode, bits;
	int at = 13; /* bits behind acmod, of the 16 from byte 6 on */

	if (len < 8 || cme_get_be16(frame) != 0x0b77)
		return false;
	rate = frame[4] >> 6;
	bits = cme_get_be16(frame + 6);
	mode = bits >> 13;
	if (rate == 3)
		return false;
	if ((mode & 1) && mode != 1)
		at -= 2;
	if (mode & 4)
		at -= 2;
	if (mode == 2)
		at -= 2;
	*out = (struct cme_sound){ .sample_rate = ac3_rates[rate],
				   .channels = ac3_channels(mode, bits >> (at - 1) & 1),
				   .samples = AC3_BLOCKS * AC3_BLOCK };
	return true;
}

static bool read_eac3(const uint8_t *frame, size_t len, struct cme_sound *out)
{
	static const int blocks[] = { 1, 2, 3, AC3_BLOCKS };
	unsigned rate, second;

	if (len < 6 || cme_get_be16(frame) != 0x0b77)
		return false;
	rate = frame[4] >> 6;
	second = frame[4] >> 4 & 3; /* the number of blocks, or half of the rates */
	if (rate == 3 && second == 3)
		return false;
	*out = (struct cme_sound){ .sample_rate = rate == 3 ? ac3_rates[second] / 2 : ac3_rates[rate],
				   .channels = ac3_channels(frame[4] >> 1 & 7, frame[4] & 1),
				   .samples = AC3_BLOCK * (rate == 3 ? AC3_BLOCKS : blocks[second]) };
	return true;
}

bool cme_sound_read_frame(enum cme_codec codec, const uint8_t *frame, size_t len, struct cme_sound *out)
{
	switch (codec) {
	case CME_CODEC_MP3:
		return read_mpeg(frame, len, LAYER_3, out);
	case CME_CODEC_MP2:
		return read_mpeg(frame, len, LAYER_2, out);
	case CME_CODEC_AC3:
		return read_ac3(frame, len, out);
	case CME_CODEC_EAC3:
		return read_eac3(frame, len, out);
	default:
		return false;
	}
}

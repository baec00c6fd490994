/* SPDX-License-Identifier: MIT */
#include "stream/codec/aac.h"

#include "stream/bytes.h"

enum { ADTS_TYPE_MAX = 4, ADTS_LAYOUT_MAX = 7, ADTS_SIZE_MAX = 8191 };
enum { TYPE_SBR = 5, TYPE_PS = 29, TYPE_ESCAPE = 31, RATE_ESCAPE = 15 };
#define SYNC_MASK 0xfff00000u
/* All up to the channels, but protection, the private bit and what follows. */
#define CODING_MASK 0xfffefdc0u

static const int rates[] = { 96000, 88200, 64000, 48000, 44100, 32000, 24000,
			     22050, 16000, 12000, 11025, 8000,  7350 };
static const int channels[] = { 0, 1, 2, 3, 4, 5, 6, 8 };

struct bits {
	const uint8_t *data;
	size_t count; /* of bits */
	size_t pos;
};

/* Bits past the end are 0; `pos` then tells. */
static uint32_t get(struct bits *bits, unsigned n)
{
	uint32_t value = 0;

	for (; n; n--, bits->pos++) {
		uint32_t byte = bits->pos < bits->count ? bits->data[bits->pos / 8] : 0;

		value = value << 1 | (byte >> (7 - bits->pos % 8) & 1);
	}
	return value;
}

static uint32_t get_type(struct bits *bits)
{
	uint32_t type = get(bits, 5);

	return type == TYPE_ESCAPE ? 32 + get(bits, 6) : type;
}

/* 0: there is no such rate. */
static int get_rate(struct bits *bits)
{
	uint32_t index = get(bits, 4);

	if (index == RATE_ESCAPE)
		return (int)get(bits, 24);
	return index < sizeof rates / sizeof rates[0] ? rates[index] : 0;
}

bool cme_aac_read_config(const uint8_t *config, size_t len, struct cme_aac *out)
{
	struct bits bits = { .data = config, .count = len * 8 };
	uint32_t type = get_type(&bits), layout;

	out->sample_rate = out->output_rate = get_rate(&bits);
	layout = get(&bits, 4);
	out->channels = layout < sizeof channels / sizeof channels[0] ? channels[layout] : 0;
	if (type == TYPE_SBR || type == TYPE_PS) {
		out->output_rate = get_rate(&bits);
		get_type(&bits);
	}
	if (type == TYPE_PS && out->channels == 1)
		out->channels = 2;
	out->samples = get(&bits, 1) ? 960 : 1024;
	return bits.pos <= bits.count && out->sample_rate > 0 && out->output_rate > 0;
}

uint32_t cme_aac_adts_coding(const uint8_t *frame, size_t len)
{
	uint32_t head = len < 4 ? 0 : cme_get_be32(frame);

	return (head & SYNC_MASK) == SYNC_MASK ? head & CODING_MASK : 0;
}

bool cme_aac_put_adts(uint8_t out[CME_AAC_ADTS], const uint8_t *config, size_t len, size_t payload)
{
	struct bits bits = { .data = config, .count = len * 8 };
	uint32_t type = get_type(&bits), rate = get(&bits, 4), layout = get(&bits, 4);
	size_t size = payload + CME_AAC_ADTS;

	if (type == TYPE_SBR || type == TYPE_PS) { /* a reader finds out about SBR by itself */
		get_rate(&bits);
		type = get_type(&bits);
	}
	if (bits.pos > bits.count || type < 1 || type > ADTS_TYPE_MAX || layout < 1 ||
	    layout > ADTS_LAYOUT_MAX || rate >= sizeof rates / sizeof rates[0] || size > ADTS_SIZE_MAX)
		return false;
	out[0] = 0xff;
	out[1] = 0xf1; /* MPEG-4, no CRC */
	out[2] = (uint8_t)((type - 1) << 6 | rate << 2 | layout >> 2);
	out[3] = (uint8_t)((layout & 3) << 6 | size >> 11);
	out[4] = (uint8_t)(size >> 3);
	out[5] = (uint8_t)((size & 7) << 5 | 0x1f);
	out[6] = 0xfc; /* a variable rate, one block */
	return true;
}

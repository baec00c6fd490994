/* SPDX-License-Identifier: MIT */
#include "relay/aac.h"

#include "relay/bytes.h"

enum { TYPE_SBR = 5, TYPE_PS = 29, TYPE_ESCAPE = 31, RATE_ESCAPE = 15 };
#define SYNC_MASK   0xfff00000u
#define CODING_MASK 0xfffefdc0u /* all up to the channels, but protection, the private bit and what follows \
				 */

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

	for (; n; n--, bits->pos++)
		value = value << 1 |
			(bits->pos < bits->count ? bits->data[bits->pos / 8] >> (7 - bits->pos % 8) & 1u : 0);
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

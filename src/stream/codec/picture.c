/* SPDX-License-Identifier: MIT */
#include "stream/codec/picture.h"

#include "stream/nal/h264.h"
#include "stream/nal/hevc.h"
#include "stream/nal/nal.h"

/* ---- AV1 */

#define AV1_RECORD 4 /* bytes before the OBUs of an av1C record */

enum { OBU_SEQUENCE = 1 };

/* leb128: 7 bits a byte. */
static size_t leb128(struct cme_bits *bits)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint32_t byte = cme_bits_get(bits, 8);

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			break;
	}
	return value > SIZE_MAX / 16 ? SIZE_MAX / 16 : (size_t)value;
}

/* timing_info and decoder_model_info: returns the bits of a buffer delay, 0 without a decoder model. */
static unsigned skip_timing(struct cme_bits *bits)
{
	unsigned delay;

	cme_bits_get(bits, 32);
	cme_bits_get(bits, 32);
	if (cme_bits_get(bits, 1))
		cme_bits_ue(bits);
	if (!cme_bits_get(bits, 1))
		return 0;
	delay = cme_bits_get(bits, 5) + 1;
	cme_bits_get(bits, 32);
	cme_bits_get(bits, 10);
	return delay;
}

static void skip_operating_point(struct cme_bits *bits, unsigned delay, bool display)
{
	cme_bits_get(bits, 12);
	if (cme_bits_get(bits, 5) > 7)
		cme_bits_get(bits, 1);
	if (delay && cme_bits_get(bits, 1)) {
		cme_bits_get(bits, delay);
		cme_bits_get(bits, delay);
		cme_bits_get(bits, 1);
	}
	if (display && cme_bits_get(bits, 1))
		cme_bits_get(bits, 4);
}

static bool read_sequence(struct cme_bits *bits, int *width, int *height)
{
	unsigned delay = 0, wide, high;
	uint32_t points;
	bool display;

	cme_bits_get(bits, 4); /* profile, still_picture */
	if (cme_bits_get(bits, 1)) {
		cme_bits_get(bits, 5);
	} else {
		if (cme_bits_get(bits, 1))
			delay = skip_timing(bits);
		display = cme_bits_get(bits, 1);
		points = cme_bits_get(bits, 5) + 1;
		for (uint32_t i = 0; i < points; i++)
			skip_operating_point(bits, delay, display);
	}
	wide = cme_bits_get(bits, 4) + 1;
	high = cme_bits_get(bits, 4) + 1;
	wide = cme_bits_get(bits, wide) + 1;
	high = cme_bits_get(bits, high) + 1;
	if (bits->failed)
		return false;
	*width = (int)wide;
	*height = (int)high;
	return true;
}

/* The size in the first sequence header among OBUs. */
static bool read_obus(const uint8_t *data, size_t len, int *width, int *height)
{
	struct cme_bits bits = { .data = data, .count = 8 * len };

	while (!bits.failed && bits.pos < bits.count) {
		uint32_t head = cme_bits_get(&bits, 8);
		size_t size, next;

		if (head & 4)
			cme_bits_get(&bits, 8);
		size = head & 2 ? 8 * leb128(&bits) : bits.count - bits.pos;
		if ((head >> 3 & 15) == OBU_SEQUENCE)
			return read_sequence(&bits, width, height);
		next = bits.pos + size;
		bits.failed = bits.failed || size > bits.count - bits.pos;
		bits.pos = next;
	}
	return false;
}

/* ---- VP9 */

#define VP9_SYNC 0x498342u

enum { SPACE_UNKNOWN = 0, SPACE_RGB = 7 };

struct vp {
	uint8_t profile;
	uint8_t depth;  /* bits */
	uint8_t chroma; /* as the record has it: 4:2:0, 4:2:2 and 4:4:4 are 1, 2 and 3 */
	bool full;      /* range */
	unsigned space; /* of colours, as VP9 numbers them */
	int width, height;
};

static void read_vp9_colours(struct cme_bits *bits, struct vp *vp)
{
	bool odd = vp->profile & 1;
	unsigned x = 1, y = 1;

	vp->depth = vp->profile < 2 ? 8 : cme_bits_get(bits, 1) ? 12 : 10;
	vp->space = cme_bits_get(bits, 3);
	if (vp->space == SPACE_RGB) {
		vp->full = true;
		x = y = 0;
		cme_bits_get(bits, odd);
	} else {
		vp->full = cme_bits_get(bits, 1);
		if (odd) {
			x = cme_bits_get(bits, 1);
			y = cme_bits_get(bits, 1);
			cme_bits_get(bits, 1);
		}
	}
	vp->chroma = x && y ? 1 : x ? 2 : 3;
}

static bool read_vp9(const uint8_t *frame, size_t len, struct vp *vp)
{
	struct cme_bits bits = { .data = frame, .count = 8 * len };
	uint32_t low, high;

	if (cme_bits_get(&bits, 2) != 2)
		return false;
	low = cme_bits_get(&bits, 1);
	high = cme_bits_get(&bits, 1);
	*vp = (struct vp){ .profile = (uint8_t)(high << 1 | low) };
	if (vp->profile == 3)
		cme_bits_get(&bits, 1);
	if (cme_bits_get(&bits, 2)) /* it shows another frame, or is no keyframe */
		return false;
	cme_bits_get(&bits, 2);
	if (cme_bits_get(&bits, 24) != VP9_SYNC)
		return false;
	read_vp9_colours(&bits, vp);
	vp->width = (int)cme_bits_get(&bits, 16) + 1;
	vp->height = (int)cme_bits_get(&bits, 16) + 1;
	return !bits.failed;
}

/* ---- VP8 */

#define VP8_HEAD 10 /* bytes up to the size's end */

static bool read_vp8(const uint8_t *frame, size_t len, struct vp *vp)
{
	if (len < VP8_HEAD || frame[0] & 1 || frame[3] != 0x9d || frame[4] != 1 || frame[5] != 0x2a)
		return false;
	*vp = (struct vp){ .profile = frame[0] >> 1 & 7, .depth = 8, .chroma = 1 };
	vp->width = (frame[7] & 0x3f) << 8 | frame[6];
	vp->height = (frame[9] & 0x3f) << 8 | frame[8];
	return vp->width > 0 && vp->height > 0;
}

static bool read_vp(enum cme_codec codec, const uint8_t *frame, size_t len, struct vp *vp)
{
	return codec == CME_CODEC_VP9 ? read_vp9(frame, len, vp)
				      : codec == CME_CODEC_VP8 && read_vp8(frame, len, vp);
}

/* The lowest level that has room for the picture; how many of them come in a second is not known. */
static uint8_t level_of(const struct vp *vp)
{
	static const struct {
		uint8_t level;
		int64_t pixels;
	} levels[] = { { 10, 36864 },  { 11, 73728 },   { 20, 122880 },  { 21, 245760 },  { 30, 552960 },
		       { 31, 983040 }, { 40, 2228224 }, { 50, 8912896 }, { 60, 35651584 } };
	size_t i = 0;

	while (i + 1 < sizeof levels / sizeof levels[0] && levels[i].pixels < (int64_t)vp->width * vp->height)
		i++;
	return levels[i].level;
}

/* ITU-T H.273's numbers of primaries, transfer characteristics and matrix. */
static const uint8_t *colours_of(const struct vp *vp)
{
	static const uint8_t colours[8][3] = { { 2, 2, 2 }, { 6, 6, 6 },  { 1, 1, 1 }, { 6, 6, 6 },
					       { 7, 7, 7 }, { 9, 14, 9 }, { 2, 2, 2 }, { 1, 13, 0 } };

	return colours[vp->space];
}

bool cme_picture_put_record(enum cme_codec codec, const uint8_t *frame, size_t len, struct cme_buf *out)
{
	const uint8_t *colours;
	struct vp vp;

	if (!read_vp(codec, frame, len, &vp))
		return false;
	colours = colours_of(&vp);
	return cme_buf_append(out,
			      (uint8_t[]){ vp.profile, level_of(&vp),
					   (uint8_t)(vp.depth << 4 | vp.chroma << 1 | vp.full), colours[0],
					   colours[1], colours[2], 0, 0 },
			      8) == 0;
}

/* ---- sizes */

bool cme_picture_read_config(enum cme_codec codec, const uint8_t *config, size_t len, int *width, int *height)
{
	switch (codec) {
	case CME_CODEC_H264:
		return cme_h264_record_size(config, len, width, height);
	case CME_CODEC_HEVC:
		return cme_hevc_record_size(config, len, width, height);
	case CME_CODEC_AV1:
		return len > AV1_RECORD && read_obus(config + AV1_RECORD, len - AV1_RECORD, width, height);
	default:
		return false;
	}
}

bool cme_picture_read_frame(enum cme_codec codec, const uint8_t *frame, size_t len, int *width, int *height)
{
	struct vp vp;

	if (codec == CME_CODEC_AV1)
		return read_obus(frame, len, width, height);
	if (!read_vp(codec, frame, len, &vp))
		return false;
	*width = vp.width;
	*height = vp.height;
	return true;
}

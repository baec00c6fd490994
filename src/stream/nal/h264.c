/* SPDX-License-Identifier: MIT */
#include "stream/nal/h264.h"

#include <string.h>

#include "stream/nal/nal.h"

enum { NAL_SLICE = 1, NAL_IDR = 5 };
#define SPS_MAX   512
#define CODES_MAX 32 /* bytes that a few ue(v) codes fit into */

static void skip_scaling_list(struct cme_bits *bits, int size)
{
	int32_t last = 8, next = 8;

	for (int i = 0; i < size && !bits->failed; i++) {
		if (next != 0)
			next = (int32_t)(((int64_t)last + cme_bits_se(bits) + 256) % 256);
		last = next == 0 ? last : next;
	}
}

static bool high_profile(uint32_t profile)
{
	static const uint8_t high[] = { 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 };

	return memchr(high, (int)profile, sizeof high) != NULL;
}

/* chroma_format_idc and the two depths less 8 of a high profile. */
static void read_depth(struct cme_bits *bits, uint32_t depth[3])
{
	depth[0] = cme_bits_ue(bits);
	if (depth[0] == 3)
		cme_bits_get(bits, 1);
	depth[1] = cme_bits_ue(bits);
	depth[2] = cme_bits_ue(bits);
}

/* The chroma part of high profiles; returns chroma_format_idc, 1 (4:2:0) where it is implied. */
static uint32_t chroma_format(struct cme_bits *bits, uint32_t profile)
{
	uint32_t depth[3];

	if (!high_profile(profile))
		return 1;
	read_depth(bits, depth);
	cme_bits_get(bits, 1);
	if (cme_bits_get(bits, 1))
		for (int i = 0; i < (depth[0] == 3 ? 12 : 8); i++)
			if (cme_bits_get(bits, 1))
				skip_scaling_list(bits, i < 6 ? 16 : 64);
	return depth[0];
}

static void skip_picture_order(struct cme_bits *bits)
{
	uint32_t type = cme_bits_ue(bits);

	if (type == 0) {
		cme_bits_ue(bits);
	} else if (type == 1) {
		cme_bits_get(bits, 1);
		cme_bits_se(bits);
		cme_bits_se(bits);
		for (uint32_t n = cme_bits_ue(bits); n && !bits->failed; n--)
			cme_bits_se(bits);
	}
}

static bool cropped_size(struct cme_bits *bits, uint32_t chroma, int *width, int *height)
{
	uint32_t mbs_wide = cme_bits_ue(bits) + 1, map_units = cme_bits_ue(bits) + 1;
	uint32_t frames_only = cme_bits_get(bits, 1);
	uint32_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
	uint32_t unit_y = (chroma == 1 ? 2 : 1) * (2 - frames_only);
	uint32_t crop[4] = { 0 };
	int64_t w, h;

	if (!frames_only)
		cme_bits_get(bits, 1);
	cme_bits_get(bits, 1);
	if (cme_bits_get(bits, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = cme_bits_ue(bits);
	w = (int64_t)mbs_wide * 16 - ((int64_t)crop[0] + crop[1]) * unit_x;
	h = (int64_t)map_units * 16 * (2 - frames_only) - ((int64_t)crop[2] + crop[3]) * unit_y;
	if (bits->failed || w <= 0 || h <= 0 || w > 16384 || h > 16384)
		return false;
	*width = (int)w;
	*height = (int)h;
	return true;
}

bool cme_h264_sps_size(const uint8_t *sps, size_t len, int *width, int *height)
{
	uint8_t raw[SPS_MAX];
	struct cme_bits bits = { .data = raw };
	uint32_t profile, chroma;

	if (len < 4 || cme_h264_unit_type(sps, len) != CME_H264_SPS)
		return false;
	bits.count = 8 * cme_nal_unescape(sps + 1, len - 1, raw, sizeof raw);
	profile = cme_bits_get(&bits, 8);
	cme_bits_get(&bits, 16);
	cme_bits_ue(&bits);
	chroma = chroma_format(&bits, profile);
	cme_bits_ue(&bits);
	skip_picture_order(&bits);
	cme_bits_ue(&bits);
	cme_bits_get(&bits, 1);
	return cropped_size(&bits, chroma, width, height);
}

int cme_h264_unit_type(const uint8_t *unit, size_t len)
{
	return len ? unit[0] & 0x1f : 0;
}

bool cme_h264_is_slice(const uint8_t *unit, size_t len)
{
	int type = cme_h264_unit_type(unit, len);

	return type >= NAL_SLICE && type <= NAL_IDR;
}

bool cme_h264_sps_depth(const uint8_t *sps, size_t len, uint8_t depth[3])
{
	uint8_t raw[CODES_MAX];
	struct cme_bits bits = { .data = raw };
	uint32_t values[3];

	if (len < 4 || !high_profile(sps[1]))
		return false;
	bits.count = 8 * cme_nal_unescape(sps + 1, len - 1, raw, sizeof raw);
	cme_bits_get(&bits, 24);
	cme_bits_ue(&bits);
	read_depth(&bits, values);
	for (int i = 0; i < 3; i++)
		depth[i] = (uint8_t)values[i];
	return !bits.failed;
}

/* Reads `count` ue(v) codes that stand `skip` bytes behind the unit's header. */
static bool read_codes(const uint8_t *unit, size_t len, size_t skip, uint32_t *codes, size_t count)
{
	uint8_t raw[CODES_MAX];
	struct cme_bits bits = { .data = raw };

	if (len < 1 + skip)
		return false;
	bits.count = 8 * cme_nal_unescape(unit + 1, len - 1, raw, sizeof raw);
	bits.pos = 8 * skip;
	for (size_t i = 0; i < count; i++)
		codes[i] = cme_bits_ue(&bits);
	return !bits.failed;
}

bool cme_h264_sps_id(const uint8_t *sps, size_t len, uint32_t *id)
{
	return read_codes(sps, len, 3, id, 1); /* behind profile, constraints and level */
}

bool cme_h264_pps_ids(const uint8_t *pps, size_t len, uint32_t *id, uint32_t *sps_id)
{
	uint32_t codes[2];

	if (!read_codes(pps, len, 0, codes, 2))
		return false;
	*id = codes[0];
	*sps_id = codes[1];
	return true;
}

bool cme_h264_slice_pps(const uint8_t *slice, size_t len, uint32_t *id)
{
	uint32_t codes[3]; /* first_mb_in_slice, slice_type, pic_parameter_set_id */

	if (!read_codes(slice, len, 0, codes, 3))
		return false;
	*id = codes[2];
	return true;
}

bool cme_h264_is_avcc(const uint8_t *data, size_t len)
{
	return len >= 7 && data[0] == 1;
}

bool cme_h264_record_size(const uint8_t *avcc, size_t len, int *width, int *height)
{
	size_t sps_len;

	if (!cme_h264_is_avcc(avcc, len) || len < 8 || (avcc[5] & 0x1f) == 0)
		return false;
	sps_len = (size_t)avcc[6] << 8 | avcc[7];
	return sps_len <= len - 8 && cme_h264_sps_size(avcc + 8, sps_len, width, height);
}

/* Appends `count` units that stand at *pos with 2-byte lengths. */
static int append_units(const uint8_t *avcc, size_t len, size_t *pos, unsigned count, struct cme_buf *out)
{
	size_t size_bytes = (avcc[4] & 3u) + 1u;

	for (; count; count--) {
		size_t unit_len;

		if (len - *pos < 2)
			return -1;
		unit_len = (size_t)avcc[*pos] << 8 | avcc[*pos + 1];
		*pos += 2;
		if (unit_len > len - *pos || cme_nal_append(out, avcc + *pos, unit_len, size_bytes) != 0)
			return -1;
		*pos += unit_len;
	}
	return 0;
}

int cme_h264_parameter_units(const uint8_t *avcc, size_t len, struct cme_buf *out)
{
	size_t pos = 6;

	if (!cme_h264_is_avcc(avcc, len))
		return -1;
	if (append_units(avcc, len, &pos, avcc[5] & 0x1f, out) != 0 || pos >= len)
		return -1;
	pos++;
	return append_units(avcc, len, &pos, avcc[pos - 1], out);
}

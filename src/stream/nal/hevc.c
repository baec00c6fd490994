/* SPDX-License-Identifier: MIT */
#include "stream/nal/hevc.h"

#include <string.h>

#include "stream/bytes.h"
#include "stream/nal/nal.h"

#define HEADER      2   /* bytes of a unit's header */
#define RAW_MAX     512 /* of an SPS, up to the depths */
#define CODES_MAX   16  /* bytes that a few codes fit into */
#define LAYERS_MAX  7
#define SIDE_MAX    16384
#define RECORD_HEAD 23 /* bytes before the arrays */

enum { SLICE_LAST = 31, IRAP_FIRST = 16, IRAP_LAST = 23 };

int cme_hevc_unit_type(const uint8_t *unit, size_t len)
{
	return len >= HEADER ? unit[0] >> 1 & 0x3f : -1;
}

bool cme_hevc_is_slice(const uint8_t *unit, size_t len)
{
	int type = cme_hevc_unit_type(unit, len);

	return type >= 0 && type <= SLICE_LAST;
}

/* The bits behind a unit's header, as many as fit into raw. */
static struct cme_bits open_unit(const uint8_t *unit, size_t len, uint8_t *raw, size_t size)
{
	struct cme_bits bits = { .data = raw };

	if (len > HEADER)
		bits.count = 8 * cme_nal_unescape(unit + HEADER, len - HEADER, raw, size);
	return bits;
}

bool cme_hevc_vps_id(const uint8_t *vps, size_t len, uint32_t *id)
{
	uint8_t raw[CODES_MAX];
	struct cme_bits bits = open_unit(vps, len, raw, sizeof raw);

	*id = cme_bits_get(&bits, 4);
	return !bits.failed;
}

/* profile_tier_level: of the sub-layers nothing is kept. */
static void read_profile(struct cme_bits *bits, struct cme_hevc_sps *sps)
{
	bool profile[LAYERS_MAX], level[LAYERS_MAX];
	int below = sps->layers - 1;

	for (int i = 0; i < CME_HEVC_PROFILE; i++)
		sps->profile[i] = (uint8_t)cme_bits_get(bits, 8);
	for (int i = 0; i < below; i++) {
		profile[i] = cme_bits_get(bits, 1);
		level[i] = cme_bits_get(bits, 1);
	}
	for (int i = below; below > 0 && i < 8; i++)
		cme_bits_get(bits, 2);
	for (int i = 0; i < below; i++) {
		for (int n = 0; profile[i] && n < 11; n++)
			cme_bits_get(bits, 8);
		if (level[i])
			cme_bits_get(bits, 8);
	}
}

static bool read_size(struct cme_bits *bits, struct cme_hevc_sps *sps)
{
	int64_t unit_x = sps->chroma == 1 || sps->chroma == 2 ? 2 : 1, unit_y = sps->chroma == 1 ? 2 : 1;
	int64_t width, height;
	uint32_t crop[4] = { 0 };

	if (sps->chroma == 3)
		cme_bits_get(bits, 1);
	width = cme_bits_ue(bits);
	height = cme_bits_ue(bits);
	if (cme_bits_get(bits, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = cme_bits_ue(bits);
	width -= ((int64_t)crop[0] + crop[1]) * unit_x;
	height -= ((int64_t)crop[2] + crop[3]) * unit_y;
	if (bits->failed || width <= 0 || height <= 0 || width > SIDE_MAX || height > SIDE_MAX)
		return false;
	sps->width = (int)width;
	sps->height = (int)height;
	return true;
}

bool cme_hevc_read_sps(const uint8_t *unit, size_t len, struct cme_hevc_sps *sps)
{
	uint8_t raw[RAW_MAX];
	struct cme_bits bits = open_unit(unit, len, raw, sizeof raw);
	uint32_t chroma, luma_depth, chroma_depth;

	*sps = (struct cme_hevc_sps){ .vps_id = cme_bits_get(&bits, 4) };
	sps->layers = (uint8_t)(cme_bits_get(&bits, 3) + 1);
	sps->nested = cme_bits_get(&bits, 1);
	if (bits.failed || sps->layers > LAYERS_MAX)
		return false;
	read_profile(&bits, sps);
	sps->id = cme_bits_ue(&bits);
	chroma = cme_bits_ue(&bits);
	sps->chroma = (uint8_t)chroma;
	if (chroma > 3 || !read_size(&bits, sps))
		return false;
	luma_depth = cme_bits_ue(&bits);
	chroma_depth = cme_bits_ue(&bits);
	sps->luma_depth = (uint8_t)luma_depth;
	sps->chroma_depth = (uint8_t)chroma_depth;
	return !bits.failed && luma_depth <= 8 && chroma_depth <= 8;
}

bool cme_hevc_pps_ids(const uint8_t *pps, size_t len, uint32_t *id, uint32_t *sps_id)
{
	uint8_t raw[CODES_MAX];
	struct cme_bits bits = open_unit(pps, len, raw, sizeof raw);

	*id = cme_bits_ue(&bits);
	*sps_id = cme_bits_ue(&bits);
	return !bits.failed;
}

bool cme_hevc_slice_pps(const uint8_t *slice, size_t len, uint32_t *id)
{
	uint8_t raw[CODES_MAX];
	struct cme_bits bits = open_unit(slice, len, raw, sizeof raw);
	int type = cme_hevc_unit_type(slice, len);

	cme_bits_get(&bits, 1);
	if (type >= IRAP_FIRST && type <= IRAP_LAST)
		cme_bits_get(&bits, 1);
	*id = cme_bits_ue(&bits);
	return !bits.failed;
}

bool cme_hevc_is_hvcc(const uint8_t *data, size_t len)
{
	return len >= RECORD_HEAD && data[0] == 1;
}

int cme_hevc_parameter_units(const uint8_t *hvcc, size_t len, struct cme_buf *out)
{
	size_t pos = RECORD_HEAD, prefix;

	if (!cme_hevc_is_hvcc(hvcc, len))
		return -1;
	prefix = (hvcc[21] & 3u) + 1u;
	for (unsigned arrays = hvcc[22]; arrays; arrays--) {
		unsigned count;

		if (len - pos < 3)
			return -1;
		count = cme_get_be16(hvcc + pos + 1);
		for (pos += 3; count; count--) {
			size_t size;

			if (len - pos < 2)
				return -1;
			size = cme_get_be16(hvcc + pos);
			pos += 2;
			if (size > len - pos || cme_nal_append(out, hvcc + pos, size, prefix) != 0)
				return -1;
			pos += size;
		}
	}
	return 0;
}

bool cme_hevc_record_size(const uint8_t *hvcc, size_t len, int *width, int *height)
{
	struct cme_nal_units units;
	struct cme_hevc_sps sps;
	struct cme_buf sets;
	const uint8_t *unit;
	size_t unit_len;
	bool found = false;

	cme_buf_init(&sets, 2 * len);
	if (cme_hevc_parameter_units(hvcc, len, &sets) == 0) {
		units = cme_nal_units((const uint8_t *)sets.data, sets.len, (hvcc[21] & 3u) + 1u);
		while (!found && cme_nal_next(&units, &unit, &unit_len))
			found = cme_hevc_unit_type(unit, unit_len) == CME_HEVC_SPS &&
				cme_hevc_read_sps(unit, unit_len, &sps);
	}
	cme_buf_fini(&sets);
	if (found) {
		*width = sps.width;
		*height = sps.height;
	}
	return found;
}

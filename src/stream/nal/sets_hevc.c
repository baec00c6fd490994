/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "stream/nal/hevc.h"
#include "stream/nal/sets_kind.h"

#define HEAD      23 /* bytes before the arrays */
#define COUNT_MAX 255

static bool is_idle(const uint8_t *unit, size_t len)
{
	int type = cme_hevc_unit_type(unit, len);

	return type == CME_HEVC_AUD || type == CME_HEVC_FILLER;
}

static bool read_set(const uint8_t *unit, size_t len, struct cme_set *set)
{
	struct cme_hevc_sps sps;

	set->type = cme_hevc_unit_type(unit, len);
	switch (set->type) {
	case CME_HEVC_VPS:
		return cme_hevc_vps_id(unit, len, &set->id);
	case CME_HEVC_SPS:
		if (!cme_hevc_read_sps(unit, len, &sps))
			return false;
		set->id = sps.id;
		return true;
	case CME_HEVC_PPS:
		return cme_hevc_pps_ids(unit, len, &set->id, &set->sps_id);
	default:
		return false;
	}
}

static size_t length_size(const uint8_t *record)
{
	return (record[21] & 3u) + 1u;
}

/* All sets of a type. They may stand among the pictures, too: the array is not called complete. */
static void append_array(const struct cme_sets *sets, int type, const struct cme_set *first,
			 struct cme_buf *out)
{
	size_t count = cme_sets_count(sets, type, COUNT_MAX);

	cme_buf_append(out, (uint8_t[]){ (uint8_t)type, 0, (uint8_t)count }, 3);
	cme_sets_append(sets, type, first, count, out);
}

/* Neither the segmentation nor the frame rate is known. */
static void put_record(const struct cme_sets *sets, const struct cme_set *first, struct cme_buf *out)
{
	static const int types[] = { CME_HEVC_VPS, CME_HEVC_SPS, CME_HEVC_PPS };
	uint8_t head[HEAD] = { [0] = 1, [13] = 0xf0, [15] = 0xfc, [22] = 3 };
	struct cme_hevc_sps sps;

	if (!cme_hevc_read_sps(first->data, first->len, &sps))
		return;
	memcpy(head + 1, sps.profile, CME_HEVC_PROFILE);
	head[16] = (uint8_t)(0xfc | sps.chroma);
	head[17] = (uint8_t)(0xf8 | sps.luma_depth);
	head[18] = (uint8_t)(0xf8 | sps.chroma_depth);
	head[21] = (uint8_t)(sps.layers << 3 | sps.nested << 2 | (int)(sets->length_size - 1));
	cme_buf_append(out, head, sizeof head);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		append_array(sets, types[i], types[i] == CME_HEVC_SPS ? first : NULL, out);
}

const struct cme_sets_kind cme_sets_hevc = {
	.sps = CME_HEVC_SPS,
	.pps = CME_HEVC_PPS,
	.is_slice = cme_hevc_is_slice,
	.is_idle = is_idle,
	.read = read_set,
	.slice_pps = cme_hevc_slice_pps,
	.is_record = cme_hevc_is_hvcc,
	.length_size = length_size,
	.units = cme_hevc_parameter_units,
	.record = put_record,
	.needs = { CME_HEVC_VPS, CME_HEVC_PPS },
};

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "stream/nal/h264.h"
#include "stream/nal/sets_kind.h"

#define SPS_COUNT_MAX 31
#define PPS_COUNT_MAX 255

static bool is_idle(const uint8_t *unit, size_t len)
{
	int type = cme_h264_unit_type(unit, len);

	return type == CME_H264_AUD || type == CME_H264_FILLER;
}

static bool read_set(const uint8_t *unit, size_t len, struct cme_set *set)
{
	set->type = cme_h264_unit_type(unit, len);
	return (set->type == CME_H264_SPS && cme_h264_sps_id(unit, len, &set->id)) ||
	       (set->type == CME_H264_PPS && cme_h264_pps_ids(unit, len, &set->id, &set->sps_id));
}

static size_t length_size(const uint8_t *record)
{
	return (record[4] & 3u) + 1u;
}

/* What a record of a high profile ends with. */
static void append_depth(const struct cme_set *sps, struct cme_buf *out)
{
	uint8_t depth[3];

	if (!cme_h264_sps_depth(sps->data, sps->len, depth))
		return;
	cme_buf_append(out,
		       (uint8_t[]){ 0xfc | (depth[0] & 3), 0xf8 | (depth[1] & 7), 0xf8 | (depth[2] & 7), 0 },
		       4);
}

static void put_record(const struct cme_sets *sets, const struct cme_set *first, struct cme_buf *out)
{
	size_t sps = cme_sets_count(sets, CME_H264_SPS, SPS_COUNT_MAX);
	size_t pps = cme_sets_count(sets, CME_H264_PPS, PPS_COUNT_MAX);
	uint8_t head[6] = { 1 }, pps_count = (uint8_t)pps;

	memcpy(head + 1, first->data + 1, 3);
	head[4] = (uint8_t)(0xfc | (sets->length_size - 1));
	head[5] = (uint8_t)(0xe0 | sps);
	cme_buf_append(out, head, sizeof head);
	cme_sets_append(sets, CME_H264_SPS, first, sps, out);
	cme_buf_append(out, &pps_count, 1);
	cme_sets_append(sets, CME_H264_PPS, NULL, pps, out);
	append_depth(first, out);
}

const struct cme_sets_kind cme_sets_h264 = {
	.sps = CME_H264_SPS,
	.pps = CME_H264_PPS,
	.is_slice = cme_h264_is_slice,
	.is_idle = is_idle,
	.read = read_set,
	.slice_pps = cme_h264_slice_pps,
	.is_record = cme_h264_is_avcc,
	.length_size = length_size,
	.units = cme_h264_parameter_units,
	.record = put_record,
	.needs = { CME_H264_PPS },
};

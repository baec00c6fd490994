/* SPDX-License-Identifier: MIT */
#include "stream/sets.h"

#include <stdlib.h>
#include <string.h>

#include "stream/bytes.h"
#include "stream/h264.h"
#include "stream/nal.h"

#define SPS_COUNT_MAX 31
#define PPS_COUNT_MAX 255

void cme_sets_init(struct cme_sets *sets)
{
	*sets = (struct cme_sets){ .length_size = 4 };
}

void cme_sets_fini(struct cme_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++)
		free(sets->set[i].data);
	cme_sets_init(sets);
}

static struct cme_set *find(const struct cme_sets *sets, int type, uint32_t id)
{
	for (size_t i = 0; i < sets->count; i++)
		if (sets->set[i].type == type && sets->set[i].id == id)
			return (struct cme_set *)&sets->set[i];
	return NULL;
}

/* Puts a set in the place of the one with its id, or behind the others. false: nothing changed. */
static bool put(struct cme_sets *sets, const struct cme_set *set)
{
	struct cme_set *old = find(sets, set->type, set->id);
	size_t freed = old ? old->len : 0;
	uint8_t *copy;

	if (old && old->len == set->len && memcmp(old->data, set->data, set->len) == 0)
		return false;
	if ((!old && sets->count == CME_SETS_MAX) ||
	    sets->bytes - freed + set->len > CME_SETS_BYTES)
		return false;
	copy = malloc(set->len);
	if (!copy)
		return false;
	memcpy(copy, set->data, set->len);
	if (old)
		free(old->data);
	else
		old = &sets->set[sets->count++];
	*old = *set;
	old->data = copy;
	sets->bytes += set->len - freed;
	return true;
}

/* A unit that is a parameter set is taken. Returns whether that changed anything. */
static bool take(struct cme_sets *sets, const uint8_t *unit, size_t len)
{
	struct cme_set new = { .data = (uint8_t *)unit,
				    .len = len,
				    .type = cme_h264_unit_type(unit, len) };

	if (len > UINT16_MAX)
		return false;
	if (new.type == CME_H264_SPS && !cme_h264_sps_id(unit, len, &new.id))
		return false;
	if (new.type == CME_H264_PPS && !cme_h264_pps_ids(unit, len, &new.id, &new.sps_id))
		return false;
	return (new.type == CME_H264_SPS || new.type == CME_H264_PPS) && put(sets, &new);
}

/* Notes the SPS of the picture that the slice is of. Returns whether it is another than before. */
static bool activate(struct cme_sets *sets, const uint8_t *slice, size_t len)
{
	const struct cme_set *pps;
	uint32_t id, before = sets->active;

	if (!cme_h264_slice_pps(slice, len, &id))
		return false;
	pps = find(sets, CME_H264_PPS, id);
	if (pps && find(sets, CME_H264_SPS, pps->sps_id))
		sets->active = pps->sps_id;
	return sets->active != before;
}

int cme_sets_read(struct cme_sets *sets, const uint8_t *avcc, size_t len)
{
	struct cme_nal_units units;
	struct cme_buf list;
	const uint8_t *unit;
	size_t unit_len;
	int rc;

	cme_sets_fini(sets);
	cme_buf_init(&list, 2 * CME_SETS_BYTES);
	rc = cme_h264_parameter_units(avcc, len, &list);
	sets->length_size = rc == 0 ? (avcc[4] & 3u) + 1u : 4;
	units = cme_nal_units((const uint8_t *)list.data, list.len, sets->length_size);
	while (rc == 0 && cme_nal_next(&units, &unit, &unit_len))
		take(sets, unit, unit_len);
	cme_buf_fini(&list);
	for (size_t i = sets->count; i-- > 0;)
		if (sets->set[i].type == CME_H264_SPS)
			sets->active = sets->set[i].id;
	return rc;
}

bool cme_sets_watch(struct cme_sets *sets, const uint8_t *data, size_t len, size_t prefix)
{
	struct cme_nal_units units = cme_nal_units(data, len, prefix);
	const uint8_t *unit;
	size_t unit_len;
	bool changed = false;

	while (cme_nal_next(&units, &unit, &unit_len)) {
		if (cme_h264_is_slice(unit, unit_len))
			return activate(sets, unit, unit_len) || changed;
		changed = take(sets, unit, unit_len) || changed;
	}
	return changed;
}

static void append(struct cme_buf *out, const struct cme_set *set)
{
	uint8_t size[2] = { (uint8_t)(set->len >> 8), (uint8_t)set->len };

	cme_buf_append(out, size, sizeof size);
	cme_buf_append(out, set->data, set->len);
}

/* Appends all sets of a type but `first`, which has been; up to a count of `max`. */
static void append_others(const struct cme_sets *sets, int type, const struct cme_set *first,
			  size_t max, struct cme_buf *out)
{
	for (size_t i = 0; i < sets->count && max > 0; i++) {
		if (sets->set[i].type != type || &sets->set[i] == first)
			continue;
		append(out, &sets->set[i]);
		max--;
	}
}

static size_t count_of(const struct cme_sets *sets, int type, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < sets->count; i++)
		count += sets->set[i].type == type;
	return count < max ? count : max;
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

int cme_sets_record(const struct cme_sets *sets, struct cme_buf *out)
{
	const struct cme_set *first = find(sets, CME_H264_SPS, sets->active);
	size_t sps = count_of(sets, CME_H264_SPS, SPS_COUNT_MAX);
	size_t pps = count_of(sets, CME_H264_PPS, PPS_COUNT_MAX);
	uint8_t head[6], pps_count = (uint8_t)pps;

	for (size_t i = 0; i < sets->count && !first; i++)
		if (sets->set[i].type == CME_H264_SPS)
			first = &sets->set[i];
	if (!first || pps == 0)
		return -1;
	head[0] = 1;
	memcpy(head + 1, first->data + 1, 3);
	head[4] = (uint8_t)(0xfc | (sets->length_size - 1));
	head[5] = (uint8_t)(0xe0 | sps);
	cme_buf_append(out, head, sizeof head);
	append(out, first);
	append_others(sets, CME_H264_SPS, first, sps - 1, out);
	cme_buf_append(out, &pps_count, 1);
	append_others(sets, CME_H264_PPS, NULL, pps, out);
	append_depth(first, out);
	return out->failed ? -1 : 0;
}

/* SPDX-License-Identifier: MIT */
#include "stream/nal/sets.h"

#include <stdlib.h>
#include <string.h>

#include "stream/nal/nal.h"
#include "stream/nal/sets_kind.h"

const struct cme_sets_kind *cme_sets_kind(enum cme_codec codec)
{
	return codec == CME_CODEC_H264 ? &cme_sets_h264 : codec == CME_CODEC_HEVC ? &cme_sets_hevc : NULL;
}

void cme_sets_init(struct cme_sets *sets, const struct cme_sets_kind *kind)
{
	*sets = (struct cme_sets){ .kind = kind, .length_size = 4 };
}

void cme_sets_fini(struct cme_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++)
		free(sets->set[i].data);
	cme_sets_init(sets, sets->kind);
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
	if ((!old && sets->count == CME_SETS_MAX) || sets->bytes - freed + set->len > CME_SETS_BYTES)
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

/* A set of this size has a place in a record, and before a picture whose lengths are as the record says. */
static bool fits(const struct cme_sets *sets, size_t len)
{
	return len <= UINT16_MAX && (sets->length_size > 1 || len <= UINT8_MAX);
}

/* A unit that is a parameter set is taken. Returns whether that changed anything. */
static bool take(struct cme_sets *sets, const uint8_t *unit, size_t len)
{
	struct cme_set new = { .data = (uint8_t *)unit, .len = len };

	return fits(sets, len) && sets->kind->read(unit, len, &new) && put(sets, &new);
}

/* Notes the SPS of the picture that the slice is of. Returns whether it is another than before. */
static bool activate(struct cme_sets *sets, const uint8_t *slice, size_t len)
{
	const struct cme_set *pps;
	uint32_t id, before = sets->active;

	if (!sets->kind->slice_pps(slice, len, &id))
		return false;
	pps = find(sets, sets->kind->pps, id);
	if (pps && find(sets, sets->kind->sps, pps->sps_id))
		sets->active = pps->sps_id;
	return sets->active != before;
}

int cme_sets_read(struct cme_sets *sets, const uint8_t *record, size_t len)
{
	struct cme_nal_units units;
	struct cme_buf list;
	const uint8_t *unit;
	size_t unit_len;
	int rc;

	cme_sets_fini(sets);
	if (!sets->kind)
		return -1;
	cme_buf_init(&list, 2 * CME_SETS_BYTES);
	rc = sets->kind->units(record, len, &list);
	sets->length_size = rc == 0 ? sets->kind->length_size(record) : 4;
	units = cme_nal_units((const uint8_t *)list.data, list.len, sets->length_size);
	while (rc == 0 && cme_nal_next(&units, &unit, &unit_len))
		take(sets, unit, unit_len);
	cme_buf_fini(&list);
	for (size_t i = sets->count; i-- > 0;)
		if (sets->set[i].type == sets->kind->sps)
			sets->active = sets->set[i].id;
	return rc;
}

bool cme_sets_watch(struct cme_sets *sets, const uint8_t *data, size_t len, size_t prefix)
{
	struct cme_nal_units units = cme_nal_units(data, len, prefix);
	const uint8_t *unit;
	size_t unit_len;
	bool changed = false;

	while (sets->kind && cme_nal_next(&units, &unit, &unit_len)) {
		if (sets->kind->is_slice(unit, unit_len))
			return activate(sets, unit, unit_len) || changed;
		changed = take(sets, unit, unit_len) || changed;
	}
	return changed;
}

/* ---- records */

static void append(struct cme_buf *out, const struct cme_set *set)
{
	uint8_t size[2] = { (uint8_t)(set->len >> 8), (uint8_t)set->len };

	cme_buf_append(out, size, sizeof size);
	cme_buf_append(out, set->data, set->len);
}

void cme_sets_append(const struct cme_sets *sets, int type, const struct cme_set *first, size_t max,
		     struct cme_buf *out)
{
	if (first && max) {
		append(out, first);
		max--;
	}
	for (size_t i = 0; i < sets->count && max > 0; i++) {
		if (sets->set[i].type != type || &sets->set[i] == first)
			continue;
		append(out, &sets->set[i]);
		max--;
	}
}

size_t cme_sets_count(const struct cme_sets *sets, int type, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < sets->count; i++)
		count += sets->set[i].type == type;
	return count < max ? count : max;
}

/* The one that the last keyframe uses, or any. */
static const struct cme_set *first_sps(const struct cme_sets *sets)
{
	const struct cme_set *first = find(sets, sets->kind->sps, sets->active);

	for (size_t i = 0; i < sets->count && !first; i++)
		if (sets->set[i].type == sets->kind->sps)
			first = &sets->set[i];
	return first;
}

int cme_sets_record(const struct cme_sets *sets, struct cme_buf *out)
{
	const struct cme_set *first = sets->kind ? first_sps(sets) : NULL;

	if (!first)
		return -1;
	for (size_t i = 0; i < sizeof sets->kind->needs / sizeof sets->kind->needs[0]; i++)
		if (sets->kind->needs[i] && cme_sets_count(sets, sets->kind->needs[i], 1) == 0)
			return -1;
	sets->kind->record(sets, first, out);
	return out->failed ? -1 : 0;
}

bool cme_sets_is_record(const struct cme_sets_kind *kind, const uint8_t *data, size_t len)
{
	return kind->is_record(data, len);
}

int cme_sets_to_lengths(const struct cme_sets_kind *kind, const uint8_t *data, size_t len,
			struct cme_buf *out)
{
	struct cme_nal_units units = cme_nal_units(data, len, 0);
	const uint8_t *unit;
	size_t unit_len;

	while (cme_nal_next(&units, &unit, &unit_len))
		if (unit_len && !kind->is_idle(unit, unit_len) && cme_nal_append(out, unit, unit_len, 4) != 0)
			return -1;
	return 0;
}

int cme_sets_units(const struct cme_sets_kind *kind, const uint8_t *record, size_t len, struct cme_buf *out)
{
	return kind->units(record, len, out);
}

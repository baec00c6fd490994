/* SPDX-License-Identifier: MIT
 *
 * What differs between H.264 and HEVC in keeping parameter sets; sets_h264.c and sets_hevc.c are the two.
 * For the files of sets alone. Pure.
 */
#ifndef CME_STREAM_NAL_SETS_KIND_H
#define CME_STREAM_NAL_SETS_KIND_H

#include "stream/nal/sets.h"

struct cme_sets_kind {
	int sps, pps; /* types of units */
	bool (*is_slice)(const uint8_t *unit, size_t len);
	/* A unit without which a picture is the same: a delimiter, filler. */
	bool (*is_idle)(const uint8_t *unit, size_t len);
	/* Fills in type and ids. false: the unit is no parameter set. */
	bool (*read)(const uint8_t *unit, size_t len, struct cme_set *set);
	bool (*slice_pps)(const uint8_t *slice, size_t len, uint32_t *id);
	bool (*is_record)(const uint8_t *data, size_t len);
	/* Size of the lengths that a record goes with. */
	size_t (*length_size)(const uint8_t *record);
	int (*units)(const uint8_t *record, size_t len, struct cme_buf *out);
	/* Appends the record that begins with an SPS; all sets that a stream needs are there. */
	void (*record)(const struct cme_sets *sets, const struct cme_set *first, struct cme_buf *out);
	int needs[2]; /* types that a stream has beside an SPS; 0: no other */
};

/* Up to `max` sets of a type. */
size_t cme_sets_count(const struct cme_sets *sets, int type, size_t max);

/* Appends up to `max` sets of a type behind 2-byte lengths, the first of them first; NULL: none is. */
void cme_sets_append(const struct cme_sets *sets, int type, const struct cme_set *first, size_t max,
		     struct cme_buf *out);

#endif

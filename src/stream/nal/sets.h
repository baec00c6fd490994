/* SPDX-License-Identifier: MIT
 *
 * The parameter sets of an H.264 or HEVC stream: all of them, as they come before pictures, by their ids, and
 * the configuration record that they make (ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1). A set replaces the one with
 * its id; the others stay, as they do in a decoder. The SPS that the last keyframe uses stands first in the
 * record, since many readers look at no other. Pure; trusts no length it reads; belongs to one thread.
 */
#ifndef CME_STREAM_NAL_SETS_H
#define CME_STREAM_NAL_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "stream/codec.h"

#define CME_SETS_MAX   304   /* 16 VPS, 32 SPS and 256 PPS: as many as there are ids */
#define CME_SETS_BYTES 65000 /* all of them together */

struct cme_set {
	uint8_t *data;
	size_t len;
	int type;        /* of its unit */
	uint32_t id;     /* among those of its type */
	uint32_t sps_id; /* that a PPS refers to */
};

struct cme_sets_kind; /* what differs between the two codecs: sets_kind.h */

extern const struct cme_sets_kind cme_sets_h264, cme_sets_hevc;

struct cme_sets {
	const struct cme_sets_kind *kind;
	struct cme_set set[CME_SETS_MAX];
	size_t count;
	size_t bytes;
	size_t length_size; /* of the lengths before the pictures' units, as the record says it */
	uint32_t active;    /* id of the SPS that the last keyframe uses */
};

/* NULL: the codec has no parameter sets. */
const struct cme_sets_kind *cme_sets_kind(enum cme_codec codec);

/* length_size of 4, no sets. Without a kind they stay empty. */
void cme_sets_init(struct cme_sets *sets, const struct cme_sets_kind *kind);
void cme_sets_fini(struct cme_sets *sets);

/* Begins with the sets of a record. 0, or -1: it cannot be read, or there is no memory. */
int cme_sets_read(struct cme_sets *sets, const uint8_t *record, size_t len);

/* Takes the sets among the units of an access unit up to its first slice, and notes the SPS which that uses.
 * prefix: size of the length before each unit; 0: start codes. Returns whether the record is another now. */
bool cme_sets_watch(struct cme_sets *sets, const uint8_t *data, size_t len, size_t prefix);

/* Appends the record. 0, or -1: a set is missing that every stream has. */
int cme_sets_record(const struct cme_sets *sets, struct cme_buf *out);

/* The data are a record of that kind (and not start codes). */
bool cme_sets_is_record(const struct cme_sets_kind *kind, const uint8_t *data, size_t len);

/* Appends the units with 4-byte lengths, access unit delimiters and filler left out. 0, or -1: too large. */
int cme_sets_to_lengths(const struct cme_sets_kind *kind, const uint8_t *data, size_t len,
			struct cme_buf *out);

/* Appends the sets of a record, each with a length prefix of the record's own size. 0 or -1. */
int cme_sets_units(const struct cme_sets_kind *kind, const uint8_t *record, size_t len, struct cme_buf *out);

#endif

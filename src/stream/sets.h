/* SPDX-License-Identifier: MIT
 *
 * The parameter sets of an H.264 stream: all of them, as they come before pictures, by their ids, and the
 * AVCDecoderConfigurationRecord that they make (ISO/IEC 14496-15 5.3.3.1). A set replaces the one with its
 * id; the others stay, as they do in a decoder. The SPS that the last keyframe uses stands first in the
 * record, since many readers look at no other. Pure; trusts no length it reads; belongs to one thread.
 */
#ifndef CME_STREAM_SETS_H
#define CME_STREAM_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define CME_SETS_MAX   288   /* 32 SPS and 256 PPS: as many as there are ids */
#define CME_SETS_BYTES 65000 /* all of them together */

struct cme_set {
	uint8_t *data;
	size_t len;
	int type;        /* of its unit: 7 an SPS, 8 a PPS */
	uint32_t id;     /* among those of its type */
	uint32_t sps_id; /* that a PPS refers to */
};

struct cme_sets {
	struct cme_set set[CME_SETS_MAX];
	size_t count;
	size_t bytes;
	size_t length_size; /* of the lengths before the pictures' units, as the record says it */
	uint32_t active;    /* id of the SPS that the last keyframe uses */
};

/* length_size of 4, no sets. */
void cme_sets_init(struct cme_sets *sets);
void cme_sets_fini(struct cme_sets *sets);

/* Begins with the sets of a record. 0, or -1: it cannot be read, or there is no memory. */
int cme_sets_read(struct cme_sets *sets, const uint8_t *avcc, size_t len);

/* Takes the sets among the units of an access unit up to its first slice, and notes the SPS which that uses.
 * prefix: size of the length before each unit; 0: start codes. Returns whether the record is another now. */
bool cme_sets_watch(struct cme_sets *sets, const uint8_t *data, size_t len, size_t prefix);

/* Appends the record. 0, or -1: an SPS or a PPS is missing. */
int cme_sets_record(const struct cme_sets *sets, struct cme_buf *out);

#endif

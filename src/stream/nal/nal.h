/* SPDX-License-Identifier: MIT
 *
 * What H.264 and HEVC have in common: pictures of units, which stand behind start codes or behind their
 * lengths, and what is in units as bits and Exp-Golomb codes, with emulation prevention bytes among them.
 * ISO/IEC 14496-10 and 23008-2, 7.3, 9.1 (9.2) and annex B. Pure; trusts no length it reads.
 */
#ifndef CME_STREAM_NAL_NAL_H
#define CME_STREAM_NAL_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* The units of an access unit one after the other. */
struct cme_nal_units {
	const uint8_t *data;
	size_t len;
	size_t prefix; /* size of the length before each unit; 0: start codes */
	size_t pos;
};

struct cme_nal_units cme_nal_units(const uint8_t *data, size_t len, size_t prefix);

/* false: that was all, or the next one is cut off. */
bool cme_nal_next(struct cme_nal_units *units, const uint8_t **unit, size_t *len);

/* Appends a unit behind its length of size_bytes. 0, or -1: too large. */
int cme_nal_append(struct cme_buf *out, const uint8_t *unit, size_t len, size_t size_bytes);

/* Copies the unit without its emulation prevention bytes, as far as it fits. Returns the bytes written. */
size_t cme_nal_unescape(const uint8_t *unit, size_t len, uint8_t *out, size_t size);

struct cme_bits {
	const uint8_t *data;
	size_t count; /* of bits */
	size_t pos;
	bool failed; /* read past the end, or a code longer than 32 bits */
};

/* The next n bits, up to 32. */
uint32_t cme_bits_get(struct cme_bits *bits, unsigned n);

/* Exp-Golomb codes: ue(v) and se(v). */
uint32_t cme_bits_ue(struct cme_bits *bits);
int32_t cme_bits_se(struct cme_bits *bits);

#endif

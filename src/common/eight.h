/* SPDX-License-Identifier: MIT
 *
 * Eight bytes of a text at once, for loops that look for the one odd byte among many plain ones. Every answer
 * is exact, in any byte order.
 */
#ifndef CME_COMMON_EIGHT_H
#define CME_COMMON_EIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CME_EIGHT 8 /* bytes */

/* The same byte eight times. */
static inline uint64_t cme_eight_of(unsigned char byte)
{
	return UINT64_C(0x0101010101010101) * byte;
}

static inline uint64_t cme_eight_at(const void *text)
{
	uint64_t eight;

	memcpy(&eight, text, sizeof eight);
	return eight;
}

/* Is one of them below `limit`, which is at most 128? */
static inline bool cme_eight_below(uint64_t eight, unsigned char limit)
{
	return (eight - cme_eight_of(limit)) & ~eight & cme_eight_of(0x80);
}

/* Is one of them this byte? */
static inline bool cme_eight_has(uint64_t eight, unsigned char byte)
{
	return cme_eight_below(eight ^ cme_eight_of(byte), 1);
}

/* Is one of them not ASCII? */
static inline bool cme_eight_high(uint64_t eight)
{
	return eight & cme_eight_of(0x80);
}

#endif

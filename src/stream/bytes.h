/* SPDX-License-Identifier: MIT
 *
 * Big-endian integers in byte arrays, as AMF, FLV and RTMP have them; the callers check the bounds.
 */
#ifndef CME_STREAM_BYTES_H
#define CME_STREAM_BYTES_H

#include <stdint.h>

static inline void cme_put_be24(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 16);
	out[1] = (uint8_t)(value >> 8);
	out[2] = (uint8_t)value;
}

static inline void cme_put_be32(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 24);
	cme_put_be24(out + 1, value);
}

static inline uint32_t cme_get_be16(const uint8_t *in)
{
	return (uint32_t)in[0] << 8 | in[1];
}

static inline uint32_t cme_get_be24(const uint8_t *in)
{
	return (uint32_t)in[0] << 16 | cme_get_be16(in + 1);
}

static inline uint32_t cme_get_be32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | cme_get_be24(in + 1);
}

#endif

/* SPDX-License-Identifier: MIT */
#include "rtmp/both/handshake.h"

/* splitmix64 */
static uint8_t random_byte(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint8_t)(z >> 56);
}

void cme_rtmp_handshake_fill(uint8_t *out, size_t len, uint64_t *seed)
{
	for (size_t i = 0; i < len; i++)
		out[i] = random_byte(seed);
}

/* SPDX-License-Identifier: MIT */
#include "common/siphash.h"

#include <string.h>
#include <sys/random.h>

#include "common/clock.h"

#define WORD 8 /* bytes */

struct cme_siphash_secret cme_siphash_secret(void)
{
	struct cme_siphash_secret secret;

	if (getrandom(&secret, sizeof secret, GRND_NONBLOCK) != (ssize_t)sizeof secret)
		secret = (struct cme_siphash_secret){ { (uint64_t)cme_now_us(),
							(uint64_t)(uintptr_t)&secret } };
	return secret;
}

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* Up to a word, the first byte lowest, whatever the machine. */
static uint64_t word_at(const uint8_t *data, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)data[i] << (8 * i);
	return word;
}

static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

uint64_t cme_siphash(struct cme_siphash_secret secret, const void *data, size_t len)
{
	uint64_t v[4] = { secret.half[0] ^ 0x736f6d6570736575, secret.half[1] ^ 0x646f72616e646f6d,
			  secret.half[0] ^ 0x6c7967656e657261, secret.half[1] ^ 0x7465646279746573 };
	const uint8_t *bytes = data;
	size_t at = 0;

	for (; at + WORD <= len; at += WORD)
		absorb(v, word_at(bytes + at, WORD));
	absorb(v, word_at(bytes + at, len - at) | (uint64_t)len << 56);
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* SPDX-License-Identifier: MIT */
#include "rtmp/server/greeting.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SCHEMES 2
#define PLACES  728 /* that a digest may have within its block */
#define BLOCK_0 8   /* where the block of a scheme begins: four bytes that tell the place, and the places */
#define BLOCK_1 772
#define SIGNED_END                                                                                    \
	(CME_RTMP_HANDSHAKE_SIZE - CME_RTMP_DIGEST) /* of a signed S2, behind which its digest stands \
						     */

/* What a server's key goes on with where it signs S2. */
static const uint8_t key_rest[32] = { 0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0,
				      0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80,
				      0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae };

/* The version that an S1 with a digest tells. */
static const uint8_t signed_version[4] = { 4, 5, 0, 1 };

size_t cme_rtmp_digest_at(const uint8_t message[CME_RTMP_HANDSHAKE_SIZE], int scheme)
{
	size_t block = scheme ? BLOCK_1 : BLOCK_0;
	const uint8_t *told = message + block;

	return block + 4 + ((size_t)told[0] + told[1] + told[2] + told[3]) % PLACES;
}

static void sign(uint8_t out[CME_RTMP_DIGEST], const void *key, size_t key_len, const uint8_t *data,
		 size_t len)
{
	if (!HMAC(EVP_sha256(), key, (int)key_len, data, len, out, NULL))
		memset(out, 0, CME_RTMP_DIGEST); /* no memory: the client will not like it */
}

void cme_rtmp_digest(uint8_t out[CME_RTMP_DIGEST], const uint8_t message[CME_RTMP_HANDSHAKE_SIZE], size_t at,
		     const char *key)
{
	uint8_t rest[SIGNED_END];

	memcpy(rest, message, at);
	memcpy(rest + at, message + at + CME_RTMP_DIGEST, SIGNED_END - at);
	sign(out, key, strlen(key), rest, sizeof rest);
}

/* The scheme by which a C1 is signed; -1: it is not. */
static int scheme_of(const uint8_t c1[CME_RTMP_HANDSHAKE_SIZE])
{
	uint8_t digest[CME_RTMP_DIGEST];

	for (int scheme = 0; scheme < SCHEMES; scheme++) {
		size_t at = cme_rtmp_digest_at(c1, scheme);

		cme_rtmp_digest(digest, c1, at, CME_RTMP_PLAYER_KEY);
		if (memcmp(digest, c1 + at, sizeof digest) == 0)
			return scheme;
	}
	return -1;
}

/* The answer to the digest of a C1. */
static void sign_s2(uint8_t s2[CME_RTMP_HANDSHAKE_SIZE], const uint8_t *c1_digest)
{
	uint8_t key[sizeof CME_RTMP_MEDIA_KEY - 1 + sizeof key_rest], once[CME_RTMP_DIGEST];

	memcpy(key, CME_RTMP_MEDIA_KEY, sizeof CME_RTMP_MEDIA_KEY - 1);
	memcpy(key + sizeof CME_RTMP_MEDIA_KEY - 1, key_rest, sizeof key_rest);
	sign(once, key, sizeof key, c1_digest, CME_RTMP_DIGEST);
	sign(s2 + SIGNED_END, once, sizeof once, s2, SIGNED_END);
}

static void greet_signed(uint8_t s1[CME_RTMP_HANDSHAKE_SIZE], uint8_t s2[CME_RTMP_HANDSHAKE_SIZE],
			 const uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], int scheme, uint64_t *seed)
{
	size_t at;

	memcpy(s1 + 4, signed_version, sizeof signed_version);
	at = cme_rtmp_digest_at(s1, scheme);
	cme_rtmp_digest(s1 + at, s1, at, CME_RTMP_MEDIA_KEY);
	cme_rtmp_handshake_fill(s2, SIGNED_END, seed);
	sign_s2(s2, c1 + cme_rtmp_digest_at(c1, scheme));
}

void cme_rtmp_greet(struct cme_buf *out, const uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], uint64_t *seed)
{
	uint8_t s0s1[1 + CME_RTMP_HANDSHAKE_SIZE] = { CME_RTMP_VERSION }; /* time 0, then four zero bytes */
	uint8_t s2[CME_RTMP_HANDSHAKE_SIZE];
	int scheme = scheme_of(c1);

	cme_rtmp_handshake_fill(s0s1 + 9, sizeof s0s1 - 9, seed);
	memcpy(s2, c1, sizeof s2);
	if (scheme >= 0)
		greet_signed(s0s1 + 1, s2, c1, scheme, seed);
	cme_buf_append(out, s0s1, sizeof s0s1);
	cme_buf_append(out, s2, sizeof s2);
}

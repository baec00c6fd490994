/* SPDX-License-Identifier: MIT
 *
 * A server's half of the handshake, S0 S1 S2 for a client's C1 (section 5.2). A client that signs its C1 by
 * the way of Flash Player 9 (an HMAC-SHA256 at a place that the bytes around it tell) gets signed answers,
 * for some go no further without; all others get theirs unsigned. Pure; any thread.
 */
#ifndef CME_RTMP_SERVER_GREETING_H
#define CME_RTMP_SERVER_GREETING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "rtmp/both/handshake.h"

#define CME_RTMP_DIGEST     32
#define CME_RTMP_PLAYER_KEY "Genuine Adobe Flash Player 001" /* what a client signs with */
#define CME_RTMP_MEDIA_KEY  "Genuine Adobe Flash Media Server 001"

/* Appends S0, S1 and S2. The seed is of S1's random bytes, which need not be secret; it changes. */
void cme_rtmp_greet(struct cme_buf *out, const uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], uint64_t *seed);

/* Where the digest of a C1 or S1 is in one of the two schemes (0, 1). */
size_t cme_rtmp_digest_at(const uint8_t message[CME_RTMP_HANDSHAKE_SIZE], int scheme);

/* The digest of a C1 or S1 whose own is at this place. */
void cme_rtmp_digest(uint8_t out[CME_RTMP_DIGEST], const uint8_t message[CME_RTMP_HANDSHAKE_SIZE], size_t at,
		     const char *key);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a viewer asks for: the name of a stream, and a token by which the service says until when it may be
 * watched, the same as in addresses of HLS (lua/cme/server/edge/token.lua). The service is not asked:
 *
 *     cmepid_5b1d...-main?token=6745ABCD-5f0c...  the unix second in upper-case hex, and 32 hex digits of the
 *                                                 HMAC-SHA256 of "play NAME 6745ABCD" with the secret
 *
 * Pure; any thread.
 */
#ifndef CME_EDGE_PLAY_H
#define CME_EDGE_PLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "edge/keys/keys.h"

#define CME_PLAY_TOKEN 41 /* bytes of a token */

struct cme_play {
	char name[CME_KEY_PLAY_MAX];
	char token[CME_PLAY_TOKEN + 1]; /* "": it has none of this length */
};

enum cme_play_verdict { CME_PLAY_GOOD, CME_PLAY_EXPIRED, CME_PLAY_WRONG };

/* Reads a name with its query; query: that of its application, "" for none. false: no name of ours is so
 * long.
 */
bool cme_play_read(const char *text, size_t len, const char *query, struct cme_play *play);

/* Whether the token is good now, in unix seconds. Which characters of it are wrong takes no time. */
enum cme_play_verdict cme_play_check(const struct cme_play *play, const char *secret, double now);

#endif

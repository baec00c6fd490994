/* SPDX-License-Identifier: MIT
 *
 * What a playlist would cost: libavformat keeps for every segment its whole address and its key's, some
 * 5 KB for every variant, and opens all variants, so that a playlist of 2 MB can take gigabytes. The text
 * comes split anywhere; only the kind and the length of each line are looked at (RFC 8216). Pure.
 */
#ifndef CME_PULL_AV_M3U8_H
#define CME_PULL_AV_M3U8_H

#include <stddef.h>
#include <stdint.h>

#define CME_M3U8_MARK "#EXTM3U" /* what a playlist begins with */

struct cme_m3u8 {
	size_t base_len; /* of the playlist's own address, which every relative one begins with */
	size_t key_len;  /* of the last EXT-X-KEY */
	char head[20];   /* how the line now read begins */
	size_t line_len;
	size_t cost; /* bytes that libavformat will have allocated for what was read, at most */
};

void cme_m3u8_init(struct cme_m3u8 *m3u8, size_t base_len);

/* Returns the cost so far. */
size_t cme_m3u8_feed(struct cme_m3u8 *m3u8, const uint8_t *data, size_t len);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The text of a playlist (RFC 8216, draft-pantos-hls-rfc8216bis for parts) from what was written. Pure.
 */
#ifndef CME_PUSH_PLAYLIST_H
#define CME_PUSH_PLAYLIST_H

#include "push/hls.h"

#define CME_PLAYLIST_MAX ((size_t)64 * 1024)

/* Writes the text; returns its length. longest_us: of all parts; target_us: of all whole segments. Whole
 * segments are listed for some seconds, their parts with the last three. */
int cme_playlist_write(const struct cme_hls_segment *segments, unsigned count, int64_t longest_us,
		       int64_t target_us, char text[CME_PLAYLIST_MAX]);

#endif

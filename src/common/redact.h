/* SPDX-License-Identifier: MIT
 *
 * Makes a stream URL fit for a log line: the stream key (last path segment), the userinfo and the
 * query become "***", and so does a playback token with all that follows it. lua/cme/redact.lua is its twin
 * and shares its test table.
 */
#ifndef CME_COMMON_REDACT_H
#define CME_COMMON_REDACT_H

#include <stddef.h>

/* Bytes that a secret has at least: a shorter one hides nothing and would hit every word of a message. */
#define CME_SECRET_MIN 4

// Writes the redacted form of url to out (size bytes, always NUL-terminated, cut if too small):
// rtmp://user:pw@host:1935/app/key?txSecret=x becomes rtmp://***@host:1935/app/***
// A text without "://" is a file name and comes out whole but for its query. Returns out.
char *cme_redact_url(const char *url, char *out, size_t size);

/* The stream key in the path of a URL (from its first '/', without the query): the last segment. Slashes
 * after it do not count, but an only segment with one is an application. NULL: there is none. */
const char *cme_redact_key(const char *path, size_t len, size_t *key_len);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Makes a server's words about a refusal fit for logs and states: `code: description`, with the stream
 * key and whatever else of it a server may quote replaced by "***", without control characters, cut at
 * the size. A redirect shows as "redirect to" with its URL redacted. Pure; any thread.
 */
#ifndef CME_RTMP_REASON_H
#define CME_RTMP_REASON_H

#include <stddef.h>

#include "rtmp/amf.h"

#define CME_RTMP_REASON_MAX 256

/* Writes the text for an info object (anything else: "no reason given"). Returns out. */
char *cme_rtmp_reason(char out[CME_RTMP_REASON_MAX], const struct cme_amf_value *info, const char *key);

/* Replaces each occurrence of the key, its name and its query's values in text. */
void cme_rtmp_hide_key(char *text, const char *key);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Makes a server's words about a refusal fit for logs and states: `code: description`, without control
 * characters, cut at the size. What a server may quote of the stream key, of the query behind the application
 * and of the login is replaced by "***". A redirect shows as "redirect to" with its URL redacted. Pure; any
 * thread.
 */
#ifndef CME_RTMP_REASON_H
#define CME_RTMP_REASON_H

#include <stddef.h>

#include "rtmp/amf.h"
#include "rtmp/url.h"

#define CME_RTMP_REASON_MAX 256

/* Writes the text for an info object (anything else: "no reason given"). url: what was asked for; login: what
 * stood behind its application, or "". Returns out. */
char *cme_rtmp_reason(char out[CME_RTMP_REASON_MAX], const struct cme_amf_value *info,
		      const struct cme_rtmp_url *url, const char *login);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A publishing URL taken apart the way streaming platforms hand them out: a server part, which is the
 * tcUrl, and a stream key.
 *
 *     rtmp://push.example.com:1936/live/room1?txSecret=1f&txTime=5e     app "live", key
 * "room1?txSecret=1f&txTime=5e" rtmp://a.example.com/live-bvc/?streamname=live_1&key=2            app
 * "live-bvc", key "?streamname=live_1&key=2" rtmp://b.example.com/live2?backup=1/abcd-efgh app
 * "live2?backup=1", key "abcd-efgh" rtmps://[2001:db8::1]/a/b/key                                     app
 * "a/b", key "key"
 *
 * Nothing is decoded: bytes go to the peer as they were given. Pure; any thread. Holds secrets.
 */
#ifndef CME_RELAY_RTMP_URL_H
#define CME_RELAY_RTMP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define CME_RTMP_HOST_MAX 256
#define CME_RTMP_APP_MAX  512
#define CME_RTMP_KEY_MAX  2048

struct cme_rtmp_url {
	bool tls;                     /* rtmps */
	char host[CME_RTMP_HOST_MAX]; /* name or address, without the brackets of IPv6 */
	uint16_t port;                /* 1935, or 443 for rtmps, unless given */
	char app[CME_RTMP_APP_MAX];
	char tc_url[CME_RTMP_HOST_MAX + CME_RTMP_APP_MAX + 32]; /* scheme, host, port if given, app */
	char key[CME_RTMP_KEY_MAX];                             /* stream key with its query; a secret */
};

/* 0, or -1 with err (invalid.url), whose message has no part of the URL but the host. */
int cme_rtmp_url_parse(struct cme_rtmp_url *url, const char *text, struct cme_err *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * An RTMP URL taken apart the way streaming platforms hand them out: a server part, which is the tcUrl,
 * and a stream key. The same for sources and destinations; lua/cme/net/rtmp_url.lua is its twin, and both
 * pass spec/fixtures/rtmp_url.tsv.
 *
 *     URL                                             app                key
 *     rtmp://h:1936/live/room1?txSecret=1f            live               room1?txSecret=1f
 *     rtmps://[2001:db8::1]/a/b/key                   a/b                key
 *     rtmp://h/live-bvc/?streamname=live_1&key=2      live-bvc           ?streamname=live_1&key=2
 *     rtmp://h/live2?backup=1/abcd-efgh               live2?backup=1     abcd-efgh
 *     rtmp://h/mystream?user=a&pass=b                 the whole          none
 *
 * The key begins after the last '/' before the query; where the path has one segment, after the first '/'
 * in the query. A path of one segment without such a '/' is what servers without applications take
 * (MediaMTX): they are told an application and an empty key, as by ffmpeg and OBS.
 *
 * Nothing is decoded but user and password: bytes go to the peer as they were given. Pure; any thread. Holds
 * secrets.
 */
#ifndef CME_RTMP_URL_H
#define CME_RTMP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define CME_RTMP_HOST_MAX 256
#define CME_RTMP_APP_MAX  1024
#define CME_RTMP_KEY_MAX  2048
#define CME_RTMP_USER_MAX 256

struct cme_rtmp_url {
	bool tls;                     /* rtmps */
	bool login;                   /* there is a "user:password@", which is in no other member but these */
	char user[CME_RTMP_USER_MAX]; /* decoded; "" without a login */
	char password[CME_RTMP_USER_MAX]; /* the same; a secret */
	char host[CME_RTMP_HOST_MAX];     /* name or address, without the brackets of IPv6 */
	uint16_t port;                    /* 1935, or 443 for rtmps, unless given */
	char app[CME_RTMP_APP_MAX];
	char tc_url[CME_RTMP_HOST_MAX + CME_RTMP_APP_MAX + 32]; /* scheme, host, port if given, app */
	char key[CME_RTMP_KEY_MAX];                             /* stream key with its query; a secret */
};

/* 0, or -1 with err (invalid.url), whose message has no part of the URL. */
int cme_rtmp_url_parse(struct cme_rtmp_url *url, const char *text, struct cme_err *err);

/* Takes the place of url's server part from another URL, as a server names it that sends its clients
 * elsewhere: a tcUrl, or one with the stream key behind it, or a part of one, "//host/app" or "/app" (RFC
 * 3986 4.2). The key and the login stay. 0, or -1 with err and url as it was: invalid.url, also for a way
 * from rtmps to rtmp. */
int cme_rtmp_url_redirect(struct cme_rtmp_url *url, const char *text, struct cme_err *err);

#endif

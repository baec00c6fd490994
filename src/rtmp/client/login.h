/* SPDX-License-Identifier: MIT
 *
 * Logging in to a server that wants a name and a password, in the two ways that are in use: Adobe's (Flash
 * Media Live Encoder's "authmod=adobe") and Limelight's ("authmod=llnw"). Neither is in RTMP's specification.
 * The server refuses connect with words that hold a challenge; the client hangs up, and its next connect has
 * the answer behind the application:
 *
 *     connect app                       -> code=403 need auth; authmod=adobe
 *     connect app?authmod=adobe&user=u  -> ?reason=needauth&salt=...&challenge=...&opaque=...
 *     connect app?authmod=adobe&user=u&challenge=...&response=...&opaque=...
 *
 * The password is never sent. Pure but for OpenSSL's digests; one thread per login.
 */
#ifndef CME_RTMP_CLIENT_LOGIN_H
#define CME_RTMP_CLIENT_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "rtmp/url.h"

#define CME_LOGIN_QUERY_MAX 1024

struct cme_login {
	unsigned tries;                  /* answers given */
	char query[CME_LOGIN_QUERY_MAX]; /* what stands behind the application and the tcUrl; "" at first */
};

/* Takes the words of a refused connect. true: connect again, with the query; false: the server asks for no
 * login, there is none in the URL, or it did not like the answer. nonce: random bits. */
bool cme_login_answer(struct cme_login *login, const struct cme_rtmp_url *url, const char *words,
		      uint32_t nonce);

#endif

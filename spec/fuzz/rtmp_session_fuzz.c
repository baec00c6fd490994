/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a server, of a session that publishes or plays. The first byte chooses the state to start
 * from, so that what lies behind the handshake is reached at once; the rest is fed in pieces. What goes out
 * stays bounded, and no message has the stream key.
 */
#include "rtmp/session.h"

#include <stdlib.h>
#include <string.h>

#define KEY "stream-key-7"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum cme_rtmp_state states[] = { CME_RTMP_S0S1,   CME_RTMP_S2,    CME_RTMP_CONNECT,
						      CME_RTMP_CREATE, CME_RTMP_ASKED, CME_RTMP_LIVE };
	struct cme_rtmp_session session;
	struct cme_rtmp_url url;
	struct cme_err err = { 0 };
	int rc = 0;

	if (size < 2 || cme_rtmp_url_parse(&url, "rtmp://h/a/" KEY, &err) != 0)
		return 0;
	cme_rtmp_session_init(&session, &(struct cme_rtmp_session_config){
						.url = &url, .play = data[0] & 0x80, .message_max = 2048 });
	cme_rtmp_session_start(&session);
	session.state = states[data[0] % (sizeof states / sizeof states[0])];
	for (size_t at = 1; at < size && rc == 0; at += 1 + data[0]) {
		size_t len = size - at < 1u + data[0] ? size - at : 1u + data[0];

		rc = cme_rtmp_session_feed(&session, data + at, len, &err);
	}
	if (session.out.len > 65536 || (rc != 0 && strstr(err.message, KEY)))
		abort();
	cme_rtmp_session_goodbye(&session);
	cme_rtmp_session_fini(&session);
	return 0;
}

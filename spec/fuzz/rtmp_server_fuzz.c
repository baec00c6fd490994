/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an encoder. The first byte chooses the state to start from, so that what lies behind the
 * handshake and behind the key is reached at once; the rest is fed in pieces. Whoever asks to publish is
 * admitted, or refused where the key is odd. What goes out stays bounded, and so does what a stranger holds.
 */
#include "rtmp/server/server.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(struct cme_rtmp_server *server, const uint8_t *data, size_t len)
{
	struct cme_rtmp_heard_what what;
	struct cme_err err;
	int rc;

	while ((rc = cme_rtmp_server_read(server, &data, &len, &what, &err)) > 0) {
		if (rc == CME_RTMP_HEARD_PUBLISH && what.key.len % 2)
			cme_rtmp_server_refuse(server, "no");
		else if (rc == CME_RTMP_HEARD_PUBLISH)
			cme_rtmp_server_admit(server, 2048);
	}
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_rtmp_server server;
	int rc = 0;

	if (size < 2)
		return 0;
	cme_rtmp_server_init(&server, data[0]);
	server.state = (enum cme_rtmp_server_state)(data[0] % CME_RTMP_SERVER_ASKED);
	if (data[0] & 0x80) {
		server.state = CME_RTMP_SERVER_ASKED;
		cme_rtmp_server_admit(&server, 2048);
	}
	for (size_t at = 1; at < size && rc == 0; at += 1 + data[0]) {
		size_t len = size - at < 1u + data[0] ? size - at : 1u + data[0];

		rc = feed(&server, data + at, len);
		if (server.out.len > server.out.limit || server.reader.held > server.reader.held_max)
			abort();
	}
	cme_rtmp_server_fini(&server);
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an encoder. The first byte chooses the state to start from, so that what lies behind the
 * handshake and behind the key is reached at once; the rest is fed in pieces. Whoever asks to publish or to
 * play is admitted, or refused where the key is odd. What goes out stays bounded, and so does what a stranger
 * holds, and one that plays.
 */
#include "rtmp/server/server.h"

#include <stdlib.h>

#include "rtmp/both/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(struct cme_rtmp_server *server, const uint8_t *data, size_t len)
{
	struct cme_rtmp_heard_what what;
	struct cme_err err;
	int rc;

	while ((rc = cme_rtmp_server_read(server, &data, &len, &what, &err)) > 0) {
		if (rc == CME_RTMP_HEARD_CONNECT && server->app[0] % 8 == 7)
			cme_rtmp_server_refuse(server, "no");
		else if (rc == CME_RTMP_HEARD_CONNECT)
			cme_rtmp_server_accept(server);
		else if ((rc == CME_RTMP_HEARD_PUBLISH || rc == CME_RTMP_HEARD_PLAY) && what.key.len % 2)
			cme_rtmp_server_refuse(server, "no");
		else if (rc == CME_RTMP_HEARD_PLAY)
			cme_rtmp_server_play(server);
		else if (rc == CME_RTMP_HEARD_PUBLISH)
			cme_rtmp_server_admit(server, 2048);
	}
	return rc;
}

static void check(const struct cme_rtmp_server *server)
{
	if (server->out.len > server->out.limit || server->reader.held > server->reader.held_max)
		abort();
}

/* The bytes as they are, in pieces of `step`. */
static void feed_all(struct cme_rtmp_server *server, const uint8_t *data, size_t len, size_t step)
{
	int rc = 0;

	for (size_t at = 0; at < len && rc == 0; at += step) {
		rc = feed(server, data + at, len - at < step ? len - at : step);
		check(server);
	}
}

/* The bytes behind the name of a command, as its values. */
static void feed_command(struct cme_rtmp_server *server, const char *name, const uint8_t *data, size_t len)
{
	struct cme_buf body, out;

	cme_buf_init(&out, 8192);
	cme_rtmp_command_begin(&body, name, 1);
	cme_buf_append(&body, data, len);
	cme_rtmp_command_end((struct cme_rtmp_voice){ &out, CME_CHUNK_SIZE_FIRST }, &body, 1);
	feed_all(server, (const uint8_t *)cme_buf_str(&out), out.len, 64);
	cme_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "connect",      "publish", "deleteStream",
					     "createStream", "play",    "play2" };
	struct cme_rtmp_server server;

	if (size < 2)
		return 0;
	cme_rtmp_server_init(&server, data[0]);
	server.state = (enum cme_rtmp_server_state)(data[0] % CME_RTMP_SERVER_ASKED);
	if (server.state == CME_RTMP_SERVER_CONNECTING) /* where the owner has its turn */
		cme_rtmp_server_accept(&server);
	if (data[0] & 0x80) {
		server.state = CME_RTMP_SERVER_ASKED;
		if (data[0] & 0x20)
			cme_rtmp_server_play(&server);
		else
			cme_rtmp_server_admit(&server, 2048);
	}
	if (data[0] & 0x40)
		feed_command(&server, names[data[1] % (sizeof names / sizeof names[0])], data + 2, size - 2);
	else
		feed_all(&server, data + 1, size - 1, 1u + data[0]);
	cme_rtmp_server_fini(&server);
	return 0;
}

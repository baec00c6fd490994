/* SPDX-License-Identifier: MIT */
#include "rtmp/server/server.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/amf.h"
#include "rtmp/both/command.h"
#include "rtmp/session.h"

#define KEY      "cme-1?txSecret=1f2e3d4c&txTime=5E"
#define HELLO    (1 + 2 * CME_RTMP_HANDSHAKE_SIZE) /* C0, C1 and C2 */
#define LARGE    100000
#define STRANGER ((size_t)16 * 1024)

static char heard[256]; /* by the server, one letter each */

static void hear(char letter)
{
	size_t len = strlen(heard);

	assert_true(len + 1 < sizeof heard);
	heard[len] = letter;
	heard[len + 1] = '\0';
}

/* Reads all, and admits who asks. */
static int feed(struct cme_rtmp_server *server, const void *bytes, size_t len, struct cme_err *err)
{
	static const char letters[] = "-CPYMUS";
	struct cme_rtmp_heard_what what;
	const uint8_t *data = bytes;
	int rc;

	while ((rc = cme_rtmp_server_read(server, &data, &len, &what, err)) > 0) {
		hear(letters[rc]);
		if (rc == CME_RTMP_HEARD_CONNECT)
			cme_rtmp_server_accept(server);
		if (rc != CME_RTMP_HEARD_PUBLISH && rc != CME_RTMP_HEARD_PLAY)
			continue;
		assert_int_equal(what.key.len, strlen(KEY));
		assert_memory_equal(what.key.text, KEY, what.key.len);
		if (rc == CME_RTMP_HEARD_PLAY)
			cme_rtmp_server_play(server);
		else
			cme_rtmp_server_admit(server, LARGE);
	}
	return rc;
}

/* A server behind a handshake. */
static void greet(struct cme_rtmp_server *server)
{
	static const uint8_t hello[HELLO] = { 3 };

	heard[0] = '\0';
	cme_rtmp_server_init(server, 1);
	assert_int_equal(feed(server, hello, sizeof hello, NULL), 0);
	assert_int_equal(server->state, CME_RTMP_SERVER_CONNECT);
	assert_int_equal(server->out.len, HELLO);
	cme_buf_consume(&server->out, HELLO);
}

static void put(struct cme_buf *bytes, uint8_t type, uint32_t csid, const void *data, size_t len)
{
	struct cme_chunk_message message = {
		.csid = csid, .type = type, .stream_id = 1, .data = data, .len = len
	};

	cme_chunk_write(bytes, &message, CME_CHUNK_SIZE_FIRST);
}

/* A command with an application or a key. */
static void put_command(struct cme_buf *bytes, const char *name, const char *app, const char *key)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, name, 7);
	if (app) {
		cme_amf_begin_object(&body);
		cme_rtmp_put_text(&body, "app", app);
		cme_amf_end_object(&body);
	} else {
		cme_amf_put_null(&body);
	}
	if (key)
		cme_amf_put_string(&body, key);
	put(bytes, CME_RTMP_COMMAND, 3, body.data, body.len);
	cme_buf_fini(&body);
}

/* What the server said, as far as it is a command's name or a code. */
static bool said(struct cme_rtmp_server *server, const char *text)
{
	return memmem(cme_buf_str(&server->out), server->out.len, text, strlen(text)) != NULL;
}

/* The engine's own client, byte by byte. */
static void shake(struct cme_rtmp_server *server, struct cme_rtmp_session *client, struct cme_err *err)
{
	while (client->out.len || server->out.len) {
		while (client->out.len) {
			assert_int_equal(feed(server, client->out.data, 1, err), 0);
			cme_buf_consume(&client->out, 1);
		}
		assert_int_equal(cme_rtmp_session_feed(client, (const uint8_t *)server->out.data,
						       server->out.len, err),
				 0);
		cme_buf_consume(&server->out, server->out.len);
	}
}

static void takes_what_the_engine_publishes(void **state)
{
	struct cme_rtmp_server server;
	struct cme_rtmp_session client;
	struct cme_rtmp_url url;
	struct cme_err err = { 0 };
	struct cme_chunk_message media = { .csid = 4, .type = CME_RTMP_VIDEO, .stream_id = 1 };

	(void)state;
	heard[0] = '\0';
	media.data = calloc(1, LARGE);
	media.len = LARGE;
	assert_int_equal(cme_rtmp_url_parse(&url, "rtmp://h/output/" KEY, &err), 0);
	cme_rtmp_server_init(&server, 1);
	cme_rtmp_session_init(&client, &(struct cme_rtmp_session_config){ .url = &url });
	cme_rtmp_session_start(&client);
	shake(&server, &client, &err);
	assert_int_equal(client.state, CME_RTMP_LIVE);
	assert_int_equal(client.stream_id, 1);
	assert_string_equal(server.app, "output");
	client.out.limit = 2 * LARGE;
	cme_chunk_write(&client.out, &media, client.chunk_size);
	shake(&server, &client, &err);
	assert_string_equal(heard, "CPM");
	cme_rtmp_session_goodbye(&client);
	assert_int_equal(feed(&server, client.out.data, client.out.len, &err), 0);
	assert_string_equal(heard, "CPMU");
	assert_int_equal(server.state, CME_RTMP_SERVER_READY);
	free((void *)media.data);
	cme_rtmp_session_fini(&client);
	cme_rtmp_server_fini(&server);
}

/* Encoders send media without waiting for the answer. */
static void an_encoder_need_not_wait(void **state)
{
	struct cme_rtmp_server server;
	struct cme_buf bytes;
	struct cme_err err;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put_command(&bytes, "connect", "output", NULL);
	put_command(&bytes, "releaseStream", NULL, KEY);
	put_command(&bytes, "FCPublish", NULL, KEY);
	put_command(&bytes, "createStream", NULL, NULL);
	put(&bytes, CME_RTMP_AUDIO, 4, "before", 6);
	put_command(&bytes, "publish", NULL, KEY);
	put(&bytes, CME_RTMP_AUDIO, 4, "behind", 6);
	put_command(&bytes, "FCUnpublish", NULL, KEY);
	put_command(&bytes, "deleteStream", NULL, NULL);
	put_command(&bytes, "publish", NULL, KEY);
	assert_int_equal(feed(&server, bytes.data, bytes.len, &err), 0);
	assert_string_equal(heard, "CPMUP");
	assert_true(said(&server, "NetStream.Publish.Start"));
	assert_true(said(&server, "videoFourCcInfoMap"));
	assert_true(said(&server, "capsEx"));
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

static void gives_what_the_engine_plays(void **state)
{
	static uint8_t body[LARGE];
	struct cme_rtmp_server server;
	struct cme_rtmp_session client;
	struct cme_rtmp_url url;
	struct cme_err err = { 0 };
	struct cme_chunk_message sent = { .csid = 6, .type = CME_RTMP_VIDEO, .stream_id = 1, .len = LARGE };
	struct cme_chunk_message got = { 0 };
	const uint8_t eof[6] = { 0, CME_RTMP_STREAM_EOF, 0, 0, 0, 1 };
	const char *ends;
	const uint8_t *data;
	size_t len;

	(void)state;
	heard[0] = '\0';
	sent.data = body;
	assert_int_equal(cme_rtmp_url_parse(&url, "rtmp://h/output/" KEY, &err), 0);
	cme_rtmp_server_init(&server, 1);
	cme_rtmp_session_init(&client, &(struct cme_rtmp_session_config){
					       .url = &url, .play = true, .message_max = LARGE });
	cme_rtmp_session_start(&client);
	shake(&server, &client, &err);
	assert_int_equal(client.state, CME_RTMP_LIVE);
	assert_int_equal(server.state, CME_RTMP_SERVER_PLAYING);
	server.out.limit = 2 * LARGE;
	cme_chunk_write(&server.out, &sent, server.chunk_size);
	data = (const uint8_t *)server.out.data;
	len = server.out.len;
	assert_int_equal(cme_rtmp_session_read(&client, &data, &len, &got, &err), 1);
	assert_int_equal(got.len, LARGE);
	cme_buf_consume(&server.out, server.out.len);
	cme_rtmp_server_finish(&server);
	assert_true(said(&server, "NetStream.Play.UnpublishNotify"));
	ends = memmem(server.out.data, server.out.len, eof, sizeof eof);
	assert_non_null(ends);
	assert_non_null(
		memmem(ends, server.out.len - (size_t)(ends - server.out.data), "NetStream.Play.Stop", 19));
	assert_int_equal(
		cme_rtmp_session_feed(&client, (const uint8_t *)server.out.data, server.out.len, &err), -1);
	assert_string_equal(err.code, "source.ended");
	assert_string_equal(heard, "CY");
	cme_rtmp_session_fini(&client);
	cme_rtmp_server_fini(&server);
}

static void a_viewer_that_stops_is_done(void **state)
{
	struct cme_rtmp_server server;
	struct cme_buf bytes;
	struct cme_err err;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put_command(&bytes, "connect", "output", NULL);
	put_command(&bytes, "createStream", NULL, NULL);
	put_command(&bytes, "play", NULL, KEY);
	put_command(&bytes, "play2", NULL, KEY);
	put(&bytes, CME_RTMP_AUDIO, 4, "nobody's", 8);
	put_command(&bytes, "deleteStream", NULL, NULL);
	put_command(&bytes, "play", NULL, KEY);
	assert_int_equal(feed(&server, bytes.data, bytes.len, &err), 0);
	assert_string_equal(heard, "CYS");
	assert_int_equal(server.state, CME_RTMP_SERVER_ENDED);
	assert_true(said(&server, "NetStream.Play.Start"));
	cme_rtmp_server_refuse(&server, "it is too slow");
	assert_true(said(&server, "NetStream.Play.Failed"));
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

/* The object of play2 has the name. */
static void play2_names_a_stream_in_an_object(void **state)
{
	struct cme_rtmp_server server;
	struct cme_buf bytes, body;
	struct cme_err err;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put_command(&bytes, "connect", "output", NULL);
	cme_rtmp_command_begin(&body, "play2", 0);
	cme_amf_put_null(&body);
	cme_amf_begin_object(&body);
	cme_rtmp_put_text(&body, "streamName", KEY);
	cme_amf_end_object(&body);
	put(&bytes, CME_RTMP_COMMAND, 3, body.data, body.len);
	assert_int_equal(feed(&server, bytes.data, bytes.len, &err), 0);
	assert_string_equal(heard, "CY");
	cme_buf_fini(&body);
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

static void refuses_in_words(void **state)
{
	struct cme_rtmp_server server;
	struct cme_rtmp_heard_what what;
	struct cme_buf bytes;
	struct cme_err err;
	const uint8_t *data;
	size_t len;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put_command(&bytes, "connect", "output", NULL);
	put_command(&bytes, "publish", NULL, KEY);
	put(&bytes, CME_RTMP_AUDIO, 4, "behind", 6);
	data = (const uint8_t *)bytes.data;
	len = bytes.len;
	assert_int_equal(cme_rtmp_server_read(&server, &data, &len, &what, &err), CME_RTMP_HEARD_CONNECT);
	cme_rtmp_server_accept(&server);
	assert_int_equal(cme_rtmp_server_read(&server, &data, &len, &what, &err), CME_RTMP_HEARD_PUBLISH);
	cme_rtmp_server_refuse(&server, "this key has expired");
	assert_true(said(&server, "this key has expired"));
	assert_int_equal(cme_rtmp_server_read(&server, &data, &len, &what, &err), 0);
	assert_int_equal(server.state, CME_RTMP_SERVER_ENDED);
	assert_true(len > 0);
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

/* RTMP, 7.2.1.1: what fails is its connect, which waits for the answer. */
static void refuses_a_connect(void **state)
{
	struct cme_rtmp_server server;
	struct cme_rtmp_heard_what what;
	struct cme_buf bytes;
	struct cme_err err;
	const uint8_t *data;
	size_t len;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put_command(&bytes, "connect", "other", NULL);
	data = (const uint8_t *)bytes.data;
	len = bytes.len;
	assert_int_equal(cme_rtmp_server_read(&server, &data, &len, &what, &err), CME_RTMP_HEARD_CONNECT);
	assert_int_equal(server.out.len, 0);
	cme_rtmp_server_refuse(&server, "no such application");
	assert_int_equal(server.state, CME_RTMP_SERVER_ENDED);
	assert_true(said(&server, "_error"));
	assert_true(said(&server, "NetConnection.Connect.Rejected"));
	assert_true(said(&server, "no such application"));
	assert_false(said(&server, "onStatus"));
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

static const struct {
	const char *commands; /* c: connect, p: publish, y: play, n: none, m: media past what a stranger may
				 send */
	const char *message;
} faults[] = {
	{ "p", "the client's commands: connect does not come first" },
	{ "cc", "the client's commands: connect comes twice" },
	{ "cpp", "the client's commands: publish comes twice" },
	{ "y", "the client's commands: connect does not come first" },
	{ "cn", "the client's commands: play names no stream" },
	{ "cpy", "the client's commands: play comes while it publishes" },
	{ "cym", "a message of 4096 bytes (at most 4095 are relayed)" },
	{ "m", "a message of 4096 bytes (at most 4095 are relayed)" },
	{ "cm", "a message of 4096 bytes (at most 4095 are relayed)" },
};

static void put_letter(struct cme_buf *bytes, char letter)
{
	static const uint8_t media[CME_RTMP_STRANGER_MAX + 1];

	switch (letter) {
	case 'c':
		put_command(bytes, "connect", "output", NULL);
		break;
	case 'p':
		put_command(bytes, "publish", NULL, KEY);
		break;
	case 'y':
		put_command(bytes, "play", NULL, KEY);
		break;
	case 'n':
		put_command(bytes, "play2", NULL, NULL);
		break;
	default:
		put(bytes, CME_RTMP_VIDEO, 6, media, sizeof media);
	}
}

static void ends_at_what_no_encoder_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct cme_rtmp_server server;
		struct cme_buf bytes;
		struct cme_err err;

		greet(&server);
		cme_buf_init(&bytes, LARGE);
		for (const char *letter = faults[i].commands; *letter; letter++)
			put_letter(&bytes, *letter);
		assert_int_equal(feed(&server, bytes.data, bytes.len, &err), -1);
		assert_string_equal(err.message, faults[i].message);
		assert_int_equal(server.state, CME_RTMP_SERVER_ENDED);
		cme_buf_fini(&bytes);
		cme_rtmp_server_fini(&server);
	}
}

/* Memory of the buffers and of the struct. */
static size_t memory(const struct cme_rtmp_server *server)
{
	size_t sum = sizeof *server + malloc_usable_size(server->out.data) +
		     malloc_usable_size(server->greeting.data);

	for (size_t i = 0; i < CME_CHUNK_STREAMS_MAX; i++)
		sum += malloc_usable_size(server->reader.streams[i].body.data);
	return sum;
}

/* A stranger that sends all it may, byte by byte, and reads nothing. */
static void a_stranger_takes_16_kb_at_most(void **state)
{
	static const uint8_t hello[HELLO] = { 3 }, body[CME_RTMP_STRANGER_MAX];
	struct cme_rtmp_server server;
	struct cme_err err = { 0 };
	struct cme_buf bytes;
	int rc = 0;

	(void)state;
	heard[0] = '\0';
	cme_rtmp_server_init(&server, 1);
	for (size_t i = 0; i < sizeof hello; i++) {
		assert_int_equal(feed(&server, hello + i, 1, &err), 0);
		assert_true(memory(&server) <= STRANGER);
	}
	cme_buf_init(&bytes, (size_t)1024 * 1024);
	put_command(&bytes, "connect", "output", NULL);
	for (uint32_t csid = 3; csid < 3 + CME_CHUNK_STREAMS_MAX;
	     csid++) /* each but the last stays unfinished */
		put(&bytes, CME_RTMP_DATA, csid, body, csid == 3 ? sizeof body : 128);
	for (int i = 0; i < 100; i++)
		put_command(&bytes, "createStream", NULL, NULL);
	for (size_t i = 0; i < bytes.len && rc == 0; i++) {
		rc = feed(&server, bytes.data + i, 1, &err);
		assert_true(memory(&server) <= STRANGER);
	}
	assert_int_equal(rc, -1);
	assert_string_equal(err.message, "the client's commands: it asks for more than it reads");
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

/* One that opens all chunk streams with messages that it does not finish. */
static void unfinished_messages_are_bounded_together(void **state)
{
	struct cme_rtmp_server server;
	struct cme_err err = { 0 };
	int rc = 0;

	(void)state;
	greet(&server);
	for (uint32_t csid = 3; csid < 3 + CME_CHUNK_STREAMS_MAX && rc == 0; csid++) {
		struct cme_chunk_message message = { .csid = csid, .type = CME_RTMP_DATA, .len = 4000 };
		uint8_t chunk[CME_CHUNK_HEADER_MAX + 128] = { 0 };
		size_t len = cme_chunk_header(chunk, &message);

		rc = feed(&server, chunk, len + 128, &err);
		for (int i = 0; i < 10 && rc == 0; i++) {
			chunk[0] = (uint8_t)(0xc0 | csid);
			rc = feed(&server, chunk, 1 + 128, &err);
		}
		assert_true(memory(&server) <= STRANGER);
	}
	assert_int_equal(rc, -1);
	assert_string_equal(err.message, "the peer's chunk stream: too many unfinished messages");
	cme_rtmp_server_fini(&server);
}

static void acknowledges_and_answers_pings(void **state)
{
	static const uint8_t window[4] = { 0, 0, 0x10, 0 }, ping[6] = { 0, 6, 1, 2, 3, 4 };
	static const uint8_t pong[6] = { 0, 7, 1, 2, 3, 4 };
	static const uint8_t ack[12] = { 2, 0, 0, 0, 0, 0, 4, CME_RTMP_ACKNOWLEDGEMENT };
	struct cme_rtmp_server server;
	struct cme_buf bytes;
	struct cme_err err;

	(void)state;
	greet(&server);
	cme_buf_init(&bytes, LARGE);
	put(&bytes, CME_RTMP_WINDOW_ACK_SIZE, 2, window, sizeof window);
	put_command(&bytes, "connect", "output", NULL);
	for (int i = 0; i < 60; i++)
		put(&bytes, CME_RTMP_USER_CONTROL, 2, ping, sizeof ping);
	assert_int_equal(feed(&server, bytes.data, bytes.len, &err), 0);
	assert_true(said(&server, "_result"));
	assert_non_null(memmem(server.out.data, server.out.len, pong, sizeof pong));
	assert_non_null(memmem(server.out.data, server.out.len, ack, sizeof ack));
	cme_buf_fini(&bytes);
	cme_rtmp_server_fini(&server);
}

static void is_for_rtmp_only(void **state)
{
	struct cme_rtmp_server server;
	struct cme_err err;

	(void)state;
	cme_rtmp_server_init(&server, 1);
	assert_int_equal(feed(&server, "GET / HTTP/1.1\r\n", 16, &err), -1);
	assert_string_equal(err.code, "network.protocol");
	cme_rtmp_server_fini(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_the_engine_publishes),
		cmocka_unit_test(an_encoder_need_not_wait),
		cmocka_unit_test(gives_what_the_engine_plays),
		cmocka_unit_test(a_viewer_that_stops_is_done),
		cmocka_unit_test(play2_names_a_stream_in_an_object),
		cmocka_unit_test(refuses_in_words),
		cmocka_unit_test(refuses_a_connect),
		cmocka_unit_test(ends_at_what_no_encoder_says),
		cmocka_unit_test(a_stranger_takes_16_kb_at_most),
		cmocka_unit_test(unfinished_messages_are_bounded_together),
		cmocka_unit_test(acknowledges_and_answers_pings),
		cmocka_unit_test(is_for_rtmp_only),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "rtmp/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/amf.h"
#include "stream/bytes.h"

#define KEY "room1?txSecret=1f2e3d4c&txTime=5e"

/* What the client sent, one line a message: name or type, and what matters of it. */
static char said[2048];

static void say(const char *text, double number)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof said - len, "%s %.0f;", text, number);
}

static void say_command(const struct cme_chunk_message *message)
{
	struct cme_amf_value name, id;
	size_t at = cme_amf_read(message->data, message->len, &name);
	char text[64];

	assert_int_not_equal(at, 0);
	assert_int_not_equal(cme_amf_read(message->data + at, message->len - at, &id), 0);
	snprintf(text, sizeof text, "%.*s@%u", (int)name.len, (const char *)name.data, message->stream_id);
	say(text, id.number);
}

/* A server made of our own chunk reader: takes what the session has to say. */
static void listen(struct cme_rtmp_session *session, struct cme_chunk_reader *reader)
{
	const uint8_t *data = (const uint8_t *)cme_buf_str(&session->out);
	size_t len = session->out.len;
	struct cme_chunk_message message;
	int rc;

	said[0] = '\0';
	while ((rc = cme_chunk_read(reader, &data, &len, &message, NULL)) == 1) {
		if (message.type == CME_RTMP_COMMAND)
			say_command(&message);
		else if (message.type == CME_RTMP_USER_CONTROL)
			say("pong", cme_get_be32(message.data + 2));
		else
			say(message.type == CME_RTMP_ACKNOWLEDGEMENT ? "ack" : "window",
			    cme_get_be32(message.data));
	}
	assert_int_equal(rc, 0);
	cme_buf_consume(&session->out, session->out.len);
}

/* The server's messages. */
struct server {
	struct cme_buf out;
	struct cme_chunk_reader reader;
};

static void send_raw(struct server *server, uint8_t type, const void *data, size_t len)
{
	struct cme_chunk_message message = { .csid = 3, .type = type, .data = data, .len = len };

	cme_chunk_write(&server->out, &message, CME_CHUNK_SIZE_FIRST);
}

static void send_number(struct server *server, uint8_t type, uint32_t value)
{
	uint8_t data[5] = { 0, 0, 0, 0, 2 }; /* a limit type, where one follows */

	cme_put_be32(data, value);
	send_raw(server, type, data, type == CME_RTMP_SET_PEER_BANDWIDTH ? 5 : 4);
}

static void put_pair(struct cme_buf *body, const char *key, const char *value)
{
	if (!value)
		return;
	cme_amf_put_key(body, key);
	cme_amf_put_string(body, value);
}

struct answer {
	const char *name;
	int id;
	double number; /* an argument of this value, unless there is a code */
	const char *level, *code, *description, *redirect;
};

static void send_answer(struct server *server, const struct answer *answer, uint8_t type)
{
	struct cme_buf body;

	cme_buf_init(&body, 4096);
	if (type == CME_RTMP_COMMAND_AMF3)
		cme_buf_append(&body, "", 1);
	cme_amf_put_string(&body, answer->name);
	cme_amf_put_number(&body, answer->id);
	cme_amf_put_null(&body);
	if (answer->code || answer->description) {
		cme_amf_begin_object(&body);
		put_pair(&body, "level", answer->level);
		put_pair(&body, "code", answer->code);
		put_pair(&body, "description", answer->description);
		if (answer->redirect) {
			cme_amf_put_key(&body, "ex");
			cme_amf_begin_object(&body);
			put_pair(&body, "redirect", answer->redirect);
			cme_amf_end_object(&body);
		}
		cme_amf_end_object(&body);
	} else {
		cme_amf_put_number(&body, answer->number);
	}
	send_raw(server, type, body.data, body.len);
	cme_buf_fini(&body);
}

static const struct answer connected = {
	.name = "_result", .id = 1, .level = "status", .code = "NetConnection.Connect.Success"
};
static const struct answer created = { .name = "_result", .id = 4, .number = 7 };
static const struct answer started = { .name = "onStatus",
				       .level = "status",
				       .code = "NetStream.Publish.Start" };

#define MESSAGE_MAX 100000

static void begin_as(struct cme_rtmp_session *session, struct server *server, bool play)
{
	struct cme_rtmp_session_config config = { .play = play, .message_max = MESSAGE_MAX, .seed = 1 };
	struct cme_rtmp_url url;
	struct cme_err err;

	assert_int_equal(cme_rtmp_url_parse(&url, "rtmp://h/live/" KEY, &err), 0);
	config.url = &url;
	cme_rtmp_session_init(session, &config);
	cme_buf_init(&server->out, 1 << 20);
	cme_chunk_reader_init(&server->reader);
}

static void begin(struct cme_rtmp_session *session, struct server *server)
{
	begin_as(session, server, false);
}

static void end(struct cme_rtmp_session *session, struct server *server)
{
	cme_rtmp_session_fini(session);
	cme_buf_fini(&server->out);
	cme_chunk_reader_fini(&server->reader);
}

/* Hands the session all the server has written, in pieces of `step` bytes. */
static int deliver(struct cme_rtmp_session *session, struct server *server, size_t step, struct cme_err *err)
{
	int rc = 0;

	for (size_t at = 0; at < server->out.len && rc == 0; at += step) {
		size_t left = server->out.len - at;

		rc = cme_rtmp_session_feed(session, (const uint8_t *)server->out.data + at,
					   left < step ? left : step, err);
	}
	cme_buf_reset(&server->out);
	return rc;
}

static void shake_hands(struct cme_rtmp_session *session, struct server *server, size_t step)
{
	uint8_t s0s1[1 + CME_RTMP_HANDSHAKE_SIZE] = { 3 };
	struct cme_err err;

	cme_rtmp_session_start(session);
	assert_int_equal(session->out.len, 1 + CME_RTMP_HANDSHAKE_SIZE);
	assert_memory_equal(session->out.data, "\x03\0\0\0\0\0\0\0\0", 9);
	for (size_t i = 1; i < sizeof s0s1; i++)
		s0s1[i] = (uint8_t)i;
	cme_buf_append(&server->out, s0s1, sizeof s0s1);
	cme_buf_consume(&session->out, session->out.len);
	assert_int_equal(deliver(session, server, step, &err), 0);
	assert_int_equal(session->state, CME_RTMP_S2);
	assert_int_equal(session->out.len, CME_RTMP_HANDSHAKE_SIZE); /* C2 is S1 */
	assert_memory_equal(session->out.data, s0s1 + 1, CME_RTMP_HANDSHAKE_SIZE);
	cme_buf_consume(&session->out, session->out.len);
	cme_buf_append(&server->out, s0s1 + 1, CME_RTMP_HANDSHAKE_SIZE);
	assert_int_equal(deliver(session, server, step, &err), 0);
	assert_int_equal(session->state, CME_RTMP_CONNECT);
}

static void expect_answered(struct cme_rtmp_session *session, struct server *server,
			    const struct answer *answer, size_t step, enum cme_rtmp_state state)
{
	struct cme_err err;

	send_answer(server, answer, CME_RTMP_COMMAND);
	if (deliver(session, server, step, &err) != 0)
		fail_msg("%s", err.message);
	assert_int_equal(session->state, state);
	listen(session, &server->reader);
}

static void go_live(struct cme_rtmp_session *session, struct server *server, size_t step)
{
	begin(session, server);
	shake_hands(session, server, step);
	listen(session, &server->reader);
	assert_string_equal(said, "connect@0 1;");
	expect_answered(session, server, &connected, step, CME_RTMP_CREATE);
	assert_string_equal(said, "releaseStream@0 2;FCPublish@0 3;createStream@0 4;");
	assert_int_equal(session->chunk_size, CME_RTMP_CHUNK_SIZE);
	assert_int_equal(server->reader.chunk_size, CME_RTMP_CHUNK_SIZE);
	expect_answered(session, server, &created, step, CME_RTMP_ASKED);
	assert_string_equal(said, "publish@7 5;");
	assert_int_equal(session->stream_id, 7);
	expect_answered(session, server, &started, step, CME_RTMP_LIVE);
}

static void publishes_whatever_the_pieces(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 128, 1536, 1537, 100000 };
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		go_live(&session, &server, steps[i]);
		cme_rtmp_session_goodbye(&session);
		listen(&session, &server.reader);
		assert_string_equal(said, "FCUnpublish@0 6;deleteStream@0 7;");
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

/* The body of the connect command a fresh session sends; valid until the end. */
static struct cme_chunk_message read_connect(struct cme_rtmp_session *session, struct server *server,
					     bool enhanced)
{
	struct cme_chunk_message message;
	const uint8_t *data;
	size_t len;

	begin(session, server);
	session->enhanced = enhanced;
	shake_hands(session, server, 4096);
	data = (const uint8_t *)session->out.data;
	len = session->out.len;
	assert_int_equal(cme_chunk_read(&server->reader, &data, &len, &message, NULL), 1);
	assert_int_equal(len, 0);
	return message;
}

static void says_in_connect_what_platforms_expect(void **state)
{
	static const char expected[] = "\x02\x00\x07"
				       "connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x03\x00\x03"
				       "app\x02\x00\x04"
				       "live\x00\x04type\x02\x00\x0anonprivate\x00\x08"
				       "flashVer\x02\x00";
	static const char rest[] = "FMLE/3.0 (compatible; cme/" CME_VERSION ")\x00\x05"
				   "tcUrl\x02\x00\x0drtmp://h/live\x00\x00\x09";
	struct cme_rtmp_session session;
	struct server server;
	struct cme_chunk_message connect = read_connect(&session, &server, false);

	(void)state;
	assert_int_equal(connect.len, sizeof expected - 1 + 1 + sizeof rest - 1);
	assert_memory_equal(connect.data, expected, sizeof expected - 1);
	assert_memory_equal(connect.data + sizeof expected, rest, sizeof rest - 1);
	end(&session, &server);
}

static void announces_enhanced_rtmp_where_it_is_wanted(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_amf_value name, id, object, list, caps;

	(void)state;
	for (int enhanced = 0; enhanced < 2; enhanced++) {
		struct cme_chunk_message connect = read_connect(&session, &server, enhanced);
		size_t at = cme_amf_read(connect.data, connect.len, &name);

		at += cme_amf_read(connect.data + at, connect.len - at, &id);
		assert_int_not_equal(cme_amf_read(connect.data + at, connect.len - at, &object), 0);
		assert_int_equal(cme_amf_find(&object, "fourCcList", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "videoFourCcInfoMap", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "audioFourCcInfoMap", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "capsEx", &caps), enhanced);
		if (enhanced)
			assert_true(caps.number == 1); /* it can reconnect, and reads no media */
		end(&session, &server);
	}
}

static const struct {
	enum cme_rtmp_state at;
	struct answer answer;
	const char *message;
} refusals[] = {
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", "no such app", NULL },
	  "connect: the server refused (NetConnection.Connect.Rejected: no such app)" },
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", NULL, "rtmp://u:p@h2/live/k?x=1" },
	  "connect: the server refused (NetConnection.Connect.Rejected; redirect to "
	  "rtmp://***@h2/live/***)" },
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, NULL, NULL, NULL, NULL },
	  "connect: the server refused (no reason given)" },
	{ CME_RTMP_CREATE,
	  { "_error", 4, 0, "error", NULL, "full", NULL },
	  "createStream: the server refused (full)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "NetStream.Publish.BadName", "Already publishing", NULL },
	  "publish: the server refused (NetStream.Publish.BadName: Already publishing)" },
	{ CME_RTMP_ASKED,
	  { "_error", 5, 0, "error", "NetStream.Publish.Denied", NULL, NULL },
	  "publish: the server refused (NetStream.Publish.Denied)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "X", "stream '" KEY "' or room1 with 1f2e3d4c\n is busy", NULL },
	  "publish: the server refused (X: stream '***' or *** with ***  is busy)" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Unpublish.Success", "stopped by the operator", NULL },
	  "publish: the server refused (NetStream.Unpublish.Success: stopped by the operator)" },
	{ CME_RTMP_LIVE,
	  { "close", 0, 0, NULL, NULL, NULL, NULL },
	  "publish: the server refused (no reason given)" },
};

static void reach(struct cme_rtmp_session *session, struct server *server, enum cme_rtmp_state state)
{
	static const struct answer *const answers[] = { &connected, &created, &started };

	begin(session, server);
	shake_hands(session, server, 4096);
	listen(session, &server->reader);
	for (int i = 0; session->state < state; i++)
		expect_answered(session, server, answers[i], 4096, session->state + 1);
}

static void says_who_refused_and_why_without_the_key(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		reach(&session, &server, refusals[i].at);
		send_answer(&server, &refusals[i].answer, i % 2 ? CME_RTMP_COMMAND_AMF3 : CME_RTMP_COMMAND);
		assert_int_equal(deliver(&session, &server, 3, &err), -1);
		assert_string_equal(err.code, "publish.refused");
		assert_string_equal(err.message, refusals[i].message);
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

static const struct answer harmless[] = {
	{ "_error", 2, 0, "error", "NetConnection.Call.Failed", "releaseStream", NULL },
	{ "_error", 3, 0, "error", "NetConnection.Call.Failed", "FCPublish", NULL },
	{ "onFCPublish", 0, 0, "status", "NetStream.Publish.Start", NULL, NULL },
	{ "onBWDone", 0, 0, NULL, NULL, NULL, NULL },
	{ "_result", 99, 3, NULL, NULL, NULL, NULL },
	{ "_result", 1, 3, NULL, NULL, NULL, NULL }, /* connect was answered before */
	{ "_error", -1, 3, NULL, NULL, NULL, NULL },
	{ "onStatus", 0, 0, "status", "NetStream.Publish.Start", "before its time", NULL },
};

static void passes_over_what_means_no_harm(void **state)
{
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	reach(&session, &server, CME_RTMP_CREATE);
	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
		expect_answered(&session, &server, &harmless[i], 4096, CME_RTMP_CREATE);
	assert_string_equal(said, "");
	end(&session, &server);
}

static void answers_pings_windows_and_bandwidth(void **state)
{
	static uint8_t audio[20000];
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	reach(&session, &server, CME_RTMP_LIVE);
	send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x06\x00\x01\x02\x03", 6);
	send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x00\x00\x00\x00\x07", 6); /* stream begin */
	send_number(&server, CME_RTMP_SET_PEER_BANDWIDTH, 2500000);
	send_number(&server, CME_RTMP_SET_PEER_BANDWIDTH, 2500000);
	send_number(&server, CME_RTMP_ACKNOWLEDGEMENT, 4711);
	assert_int_equal(deliver(&session, &server, 4096, &err), 0);
	listen(&session, &server.reader);
	assert_string_equal(said, "pong 66051;window 2500000;");
	assert_int_equal(session.acked, 4711);
	send_number(&server, CME_RTMP_WINDOW_ACK_SIZE, 10000);
	send_raw(&server, CME_RTMP_AUDIO, audio, sizeof audio);
	assert_int_equal(deliver(&session, &server, 1000, &err), 0);
	assert_non_null(strstr((listen(&session, &server.reader), said), "ack "));
	end(&session, &server);
}

static const struct {
	const char *what;
	uint8_t type;
	const char *data;
	size_t len;
	const char *message;
} garbage[] = {
	{ "no name", CME_RTMP_COMMAND, "", 0, "a command of the server is malformed" },
	{ "cut name", CME_RTMP_COMMAND, "\x02\x00\x09_res", 7, "a command of the server is malformed" },
	{ "a number for a name", CME_RTMP_COMMAND, "\x00\x40\x10\x00\x00\x00\x00\x00\x00", 9,
	  "a command of the server is malformed" },
	{ "created without an id", CME_RTMP_COMMAND,
	  "\x02\x00\x07_result\x00\x40\x10\x00\x00\x00\x00\x00\x00\x05\x05", 21,
	  "createStream: the answer has no stream id" },
	{ "created with a wild id", CME_RTMP_COMMAND,
	  "\x02\x00\x07_result\x00\x40\x10\x00\x00\x00\x00\x00\x00\x05\x00\x7f\xf8\x00\x00\x00\x00\x00\x00",
	  29, "createStream: the answer has no stream id" },
};

static void ends_on_garbage(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		reach(&session, &server, CME_RTMP_CREATE);
		send_raw(&server, garbage[i].type, garbage[i].data, garbage[i].len);
		assert_int_equal(deliver(&session, &server, 4096, &err), -1);
		assert_string_equal(err.code, "network.protocol");
		assert_string_equal(err.message, garbage[i].message);
		end(&session, &server);
	}
	begin(&session, &server);
	cme_rtmp_session_start(&session);
	assert_int_equal(cme_rtmp_session_feed(&session, (const uint8_t *)"HTTP/1.1", 8, &err), -1);
	assert_string_equal(err.message, "the server does not speak RTMP");
	end(&session, &server);
}

static void ends_with_a_peer_that_asks_and_does_not_read(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;
	int rc = 0;

	(void)state;
	reach(&session, &server, CME_RTMP_LIVE);
	for (int i = 0; i < 10000 && rc == 0; i++) {
		send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x06\x00\x00\x00\x01", 6);
		rc = deliver(&session, &server, 4096, &err);
	}
	assert_int_equal(rc, -1);
	assert_string_equal(err.message, "the server asks for more than it reads");
	end(&session, &server);
}

/* ---- playing */

static const struct answer playing = { .name = "onStatus",
				       .level = "status",
				       .code = "NetStream.Play.Start" };

static void reach_play(struct cme_rtmp_session *session, struct server *server, enum cme_rtmp_state state)
{
	static const struct answer *const answers[] = { &connected, &created, &playing };

	begin_as(session, server, true);
	shake_hands(session, server, 4096);
	listen(session, &server->reader);
	for (int i = 0; session->state < state; i++)
		expect_answered(session, server, answers[i], 4096, session->state + 1);
}

static void asks_to_play(void **state)
{
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	reach_play(&session, &server, CME_RTMP_CREATE);
	assert_string_equal(said, "window 2500000;createStream@0 4;");
	assert_string_equal(cme_rtmp_session_waiting(&session), "the answer to createStream");
	expect_answered(&session, &server, &created, 4096, CME_RTMP_ASKED);
	assert_string_equal(said, "play@7 5;pong 7;"); /* an event with the stream's id: its buffer */
	assert_string_equal(cme_rtmp_session_waiting(&session), "the answer to play");
	expect_answered(&session, &server, &playing, 4096, CME_RTMP_LIVE);
	cme_rtmp_session_goodbye(&session);
	listen(&session, &server.reader);
	assert_string_equal(said, "deleteStream@0 7;");
	end(&session, &server);
}

/* Enhanced RTMP v2: the list for servers of v1, the maps for those of v2. */
static void announces_what_it_reads(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_chunk_message connect;
	struct cme_amf_value name, id, object, list, map, any, caps;
	const uint8_t *data;
	size_t len, at;

	(void)state;
	begin_as(&session, &server, true);
	shake_hands(&session, &server, 4096);
	data = (const uint8_t *)session.out.data;
	len = session.out.len;
	assert_int_equal(cme_chunk_read(&server.reader, &data, &len, &connect, NULL), 1);
	at = cme_amf_read(connect.data, connect.len, &name);
	at += cme_amf_read(connect.data + at, connect.len - at, &id);
	assert_int_not_equal(cme_amf_read(connect.data + at, connect.len - at, &object), 0);
	assert_false(cme_amf_find(&object, "type", &any));
	assert_true(cme_amf_find(&object, "fourCcList", &list));
	assert_memory_equal(list.data, "\0\0\0\x0b\2\0\4avc1\2\0\4hvc1\2\0\4av01", 25);
	assert_true(cme_amf_find(&object, "audioFourCcInfoMap", &map));
	assert_true(cme_amf_find(&map, "*", &any));
	assert_true(any.number == 4);
	assert_true(cme_amf_find(&object, "capsEx", &caps));
	assert_true(caps.number == 15);
	end(&session, &server);
}

static void notes_a_request_to_reconnect(void **state)
{
	static const char *const where[] = { "rtmp://else/live", NULL };
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cme_buf body;

		begin(&session, &server);
		go_live(&session, &server, 4096);
		assert_false(session.reconnect);
		cme_buf_init(&body, 4096);
		cme_amf_put_string(&body, "onStatus");
		cme_amf_put_number(&body, 0);
		cme_amf_put_null(&body);
		cme_amf_begin_object(&body);
		cme_amf_put_key(&body, "code");
		cme_amf_put_string(&body, "NetConnection.Connect.ReconnectRequest");
		cme_amf_put_key(&body, "level");
		cme_amf_put_string(&body, "status");
		if (where[i]) {
			cme_amf_put_key(&body, "tcUrl");
			cme_amf_put_string(&body, where[i]);
		}
		cme_amf_end_object(&body);
		cme_chunk_write(&server.out,
				&(struct cme_chunk_message){ .csid = 3,
							     .type = CME_RTMP_COMMAND,
							     .data = (const uint8_t *)body.data,
							     .len = body.len },
				CME_CHUNK_SIZE_FIRST);
		cme_buf_fini(&body);
		assert_int_equal(cme_rtmp_session_feed(&session, (const uint8_t *)server.out.data,
						       server.out.len, &err),
				 0);
		assert_true(session.reconnect);
		assert_int_equal(session.state, CME_RTMP_LIVE);
		assert_string_equal(session.redirect, where[i] ? where[i] : "");
		end(&session, &server);
	}
}

/* Media of a session, one letter a message, read in pieces of `step` bytes. */
static void read_media(struct cme_rtmp_session *session, struct server *server, size_t step, char *types)
{
	struct cme_chunk_message message;
	struct cme_err err;
	int rc;

	for (size_t at = 0; at < server->out.len; at += step) {
		size_t left = server->out.len - at;
		const uint8_t *data = (const uint8_t *)server->out.data + at;
		size_t len = left < step ? left : step;

		while ((rc = cme_rtmp_session_read(session, &data, &len, &message, &err)) == 1) {
			*types++ = (char)('a' + message.type);
			assert_true(message.len == 0 || message.data[message.len - 1] == 'z');
		}
		assert_int_equal(rc, 0);
		assert_int_equal(len, 0);
	}
	*types = '\0';
	cme_buf_reset(&server->out);
}

static void hands_out_media_one_by_one(void **state)
{
	static uint8_t picture[70000];
	struct cme_rtmp_session session;
	struct server server;
	char types[64];

	(void)state;
	picture[sizeof picture - 1] = 'z';
	for (size_t step = 1; step < 100000; step = 3 * step + 1) {
		reach_play(&session, &server, CME_RTMP_ASKED);
		send_number(&server, CME_RTMP_WINDOW_ACK_SIZE, 20000);
		send_raw(&server, CME_RTMP_DATA, "z", 1);
		send_raw(&server, CME_RTMP_AUDIO, "", 0);
		send_raw(&server, CME_RTMP_USER_CONTROL, "\0\6\0\0\0\1", 6);
		send_raw(&server, CME_RTMP_VIDEO, picture, sizeof picture);
		send_answer(&server, &playing, CME_RTMP_COMMAND);
		send_raw(&server, CME_RTMP_AGGREGATE, "z", 1);
		read_media(&session, &server, step, types);
		assert_string_equal(types, "sijw");
		assert_int_equal(session.state, CME_RTMP_LIVE);
		assert_non_null(strstr((listen(&session, &server.reader), said), "ack "));
		end(&session, &server);
	}
}

static void passes_over_media_before_it_asked(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	char types[8];

	(void)state;
	reach_play(&session, &server, CME_RTMP_CREATE);
	send_raw(&server, CME_RTMP_AUDIO, "z", 1);
	read_media(&session, &server, 4096, types);
	assert_string_equal(types, "");
	assert_int_equal(session.state, CME_RTMP_CREATE);
	end(&session, &server);
}

static const struct {
	enum cme_rtmp_state at;
	struct answer answer;
	const char *code;
	const char *message;
} ends[] = {
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", "no such app", NULL },
	  "source.refused",
	  "connect: the server refused (NetConnection.Connect.Rejected: no such app)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "NetStream.Play.StreamNotFound", "No such stream: " KEY, NULL },
	  "source.refused",
	  "play: the server refused (NetStream.Play.StreamNotFound: No such stream: ***)" },
	{ CME_RTMP_ASKED,
	  { "_error", 5, 0, "error", "NetStream.Play.Failed", NULL, NULL },
	  "source.refused",
	  "play: the server refused (NetStream.Play.Failed)" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Play.UnpublishNotify", "gone", NULL },
	  "source.ended",
	  "the source ended" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Play.Stop", NULL, NULL },
	  "source.ended",
	  "the source ended" },
};

static void says_why_it_does_not_play(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		reach_play(&session, &server, ends[i].at);
		send_answer(&server, &ends[i].answer, CME_RTMP_COMMAND);
		assert_int_equal(deliver(&session, &server, 3, &err), -1);
		assert_string_equal(err.code, ends[i].code);
		assert_string_equal(err.message, ends[i].message);
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

static void refuses_media_past_the_limit(void **state)
{
	static uint8_t picture[MESSAGE_MAX + 1];
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	reach_play(&session, &server, CME_RTMP_LIVE);
	send_raw(&server, CME_RTMP_VIDEO, picture, sizeof picture);
	assert_int_equal(deliver(&session, &server, 4096, &err), -1);
	assert_string_equal(err.code, "media.too_large");
	assert_string_equal(err.message, "a message of 100001 bytes (at most 100000 are relayed)");
	end(&session, &server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publishes_whatever_the_pieces),
		cmocka_unit_test(says_in_connect_what_platforms_expect),
		cmocka_unit_test(notes_a_request_to_reconnect),
		cmocka_unit_test(announces_enhanced_rtmp_where_it_is_wanted),
		cmocka_unit_test(says_who_refused_and_why_without_the_key),
		cmocka_unit_test(passes_over_what_means_no_harm),
		cmocka_unit_test(answers_pings_windows_and_bandwidth),
		cmocka_unit_test(ends_on_garbage),
		cmocka_unit_test(ends_with_a_peer_that_asks_and_does_not_read),
		cmocka_unit_test(asks_to_play),
		cmocka_unit_test(announces_what_it_reads),
		cmocka_unit_test(hands_out_media_one_by_one),
		cmocka_unit_test(passes_over_media_before_it_asked),
		cmocka_unit_test(says_why_it_does_not_play),
		cmocka_unit_test(refuses_media_past_the_limit),
	};

	return cmocka_run_group_tests_name("rtmp_session", tests, NULL, NULL);
}

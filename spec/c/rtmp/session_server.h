/* SPDX-License-Identifier: MIT
 *
 * What tests of a client's session (rtmp/session.h) share: a server made of our own chunks and AMF, which
 * answers as it is told, and hears what the session says.
 */
#ifndef SPEC_RTMP_SESSION_SERVER_H
#define SPEC_RTMP_SESSION_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rtmp/amf.h"
#include "rtmp/session.h"
#include "stream/bytes.h"

#define KEY "room1?txSecret=1f2e3d4c&txTime=5e"

/* What the client sent, one line a message: name or type, and what matters of it. */
static char said[2048];

static inline void say(const char *text, double number)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof said - len, "%s %.0f;", text, number);
}

static inline void say_command(const struct cme_chunk_message *message)
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
static inline void listen(struct cme_rtmp_session *session, struct cme_chunk_reader *reader)
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

static inline void send_raw(struct server *server, uint8_t type, const void *data, size_t len)
{
	struct cme_chunk_message message = { .csid = 3, .type = type, .data = data, .len = len };

	cme_chunk_write(&server->out, &message, CME_CHUNK_SIZE_FIRST);
}

static inline void send_number(struct server *server, uint8_t type, uint32_t value)
{
	uint8_t data[5] = { 0, 0, 0, 0, 2 }; /* a limit type, where one follows */

	cme_put_be32(data, value);
	send_raw(server, type, data, type == CME_RTMP_SET_PEER_BANDWIDTH ? 5 : 4);
}

static inline void put_pair(struct cme_buf *body, const char *key, const char *value)
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

static inline void send_answer(struct server *server, const struct answer *answer, uint8_t type)
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

static inline void begin_as(struct cme_rtmp_session *session, struct server *server, bool play)
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

static inline void begin(struct cme_rtmp_session *session, struct server *server)
{
	begin_as(session, server, false);
}

static inline void end(struct cme_rtmp_session *session, struct server *server)
{
	cme_rtmp_session_fini(session);
	cme_buf_fini(&server->out);
	cme_chunk_reader_fini(&server->reader);
}

/* Hands the session all the server has written, in pieces of `step` bytes. */
static inline int deliver(struct cme_rtmp_session *session, struct server *server, size_t step,
			  struct cme_err *err)
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

static inline void shake_hands(struct cme_rtmp_session *session, struct server *server, size_t step)
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

static inline void expect_answered(struct cme_rtmp_session *session, struct server *server,
				   const struct answer *answer, size_t step, enum cme_rtmp_state state)
{
	struct cme_err err;

	send_answer(server, answer, CME_RTMP_COMMAND);
	if (deliver(session, server, step, &err) != 0)
		fail_msg("%s", err.message);
	assert_int_equal(session->state, state);
	listen(session, &server->reader);
}

static inline void go_live(struct cme_rtmp_session *session, struct server *server, size_t step)
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

static inline void reach(struct cme_rtmp_session *session, struct server *server, enum cme_rtmp_state state)
{
	static const struct answer *const answers[] = { &connected, &created, &started };

	begin(session, server);
	shake_hands(session, server, 4096);
	listen(session, &server->reader);
	for (int i = 0; session->state < state; i++)
		expect_answered(session, server, answers[i], 4096, session->state + 1);
}

static const struct answer playing = { .name = "onStatus",
				       .level = "status",
				       .code = "NetStream.Play.Start" };

static inline void reach_play(struct cme_rtmp_session *session, struct server *server,
			      enum cme_rtmp_state state)
{
	static const struct answer *const answers[] = { &connected, &created, &playing };

	begin_as(session, server, true);
	shake_hands(session, server, 4096);
	listen(session, &server->reader);
	for (int i = 0; session->state < state; i++)
		expect_answered(session, server, answers[i], 4096, session->state + 1);
}

#endif

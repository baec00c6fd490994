/* SPDX-License-Identifier: MIT */
#include "rtmp/session.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "rtmp/amf.h"
#include "rtmp/both/command.h"
#include "rtmp/client/say.h"
#include "rtmp/reason.h"
#include "stream/bytes.h"

#define OUT_MAX                                                                                    \
	65536 /* control bytes that wait to be sent: a peer that asks and does not read is cut off \
	       */

void cme_rtmp_session_init(struct cme_rtmp_session *session, const struct cme_rtmp_session_config *config)
{
	memset(session, 0, sizeof *session);
	session->url = *config->url;
	if (config->login)
		snprintf(session->login, sizeof session->login, "%s", config->login);
	session->play = config->play;
	session->enhanced = config->enhanced;
	session->seed = config->seed;
	session->chunk_size = CME_CHUNK_SIZE_FIRST;
	cme_buf_init(&session->out, OUT_MAX);
	cme_chunk_reader_init(&session->reader);
	if (config->play)
		cme_chunk_reader_allow(&session->reader, config->message_max);
}

void cme_rtmp_session_fini(struct cme_rtmp_session *session)
{
	cme_buf_fini(&session->out);
	cme_chunk_reader_fini(&session->reader);
	OPENSSL_cleanse(&session->url, sizeof session->url);
	OPENSSL_cleanse(session->login, sizeof session->login);
}

void cme_rtmp_session_start(struct cme_rtmp_session *session)
{
	uint8_t c0c1[1 + CME_RTMP_HANDSHAKE_SIZE] = { CME_RTMP_VERSION }; /* time 0, then four zero bytes */

	cme_rtmp_handshake_fill(c0c1 + 9, sizeof c0c1 - 9, &session->seed);
	cme_buf_append(&session->out, c0c1, sizeof c0c1);
	session->state = CME_RTMP_S0S1;
}

void cme_rtmp_session_goodbye(struct cme_rtmp_session *session)
{
	if (session->state == CME_RTMP_ASKED || session->state == CME_RTMP_LIVE)
		cme_rtmp_say_end(session);
	session->state = CME_RTMP_ENDED;
}

/* A string of the server as text. false: it is no string, too long, or holds a NUL. */
static bool copy_text(char *out, size_t size, const struct cme_amf_value *value)
{
	if (value->type != CME_AMF_STRING || value->len >= size || memchr(value->data, '\0', value->len))
		return false;
	memcpy(out, value->data, value->len);
	out[value->len] = '\0';
	return true;
}

/* `ex` of NetConnection.Connect.Rejected with code 302: the tcUrl of the server that would take us. */
static void note_redirect(struct cme_rtmp_session *session, const struct cme_amf_value *info)
{
	struct cme_amf_value code, ex, number, to;

	if (session->state >= CME_RTMP_LIVE || !cme_amf_find(info, "code", &code) ||
	    !cme_amf_is(&code, "NetConnection.Connect.Rejected") || !cme_amf_find(info, "ex", &ex) ||
	    !cme_amf_find(&ex, "code", &number) || number.type != CME_AMF_NUMBER || number.number != 302 ||
	    !cme_amf_find(&ex, "redirect", &to))
		return;
	copy_text(session->redirect, sizeof session->redirect, &to);
}

static void note_words(struct cme_rtmp_session *session, const struct cme_amf_value *info)
{
	struct cme_amf_value description;

	if (session->state == CME_RTMP_CONNECT && cme_amf_find(info, "description", &description))
		copy_text(session->words, sizeof session->words, &description);
}

/* What the session asks for, as its command is called. */
static const char *asked(const struct cme_rtmp_session *session)
{
	return session->play ? "play" : "publish";
}

static int refused(struct cme_rtmp_session *session, const char *command,
		   const struct cme_rtmp_command *answer, struct cme_err *err)
{
	char reason[CME_RTMP_REASON_MAX];
	bool in_object = answer->info.type != CME_AMF_OBJECT;
	const struct cme_amf_value *info = in_object ? &answer->object : &answer->info;

	note_redirect(session, info);
	note_words(session, info);
	cme_rtmp_reason(reason, info, &session->url, session->login);
	return cme_err_set(err, session->play ? "source.refused" : "publish.refused",
			   "%s: the server refused (%s)", command, reason);
}

static int on_result(struct cme_rtmp_session *session, int id, const struct cme_rtmp_command *answer,
		     struct cme_err *err)
{
	if (id == CME_RTMP_ID_CONNECT && session->state == CME_RTMP_CONNECT) {
		cme_rtmp_offer_read(&session->offer, &answer->object);
		cme_rtmp_offer_read(&session->offer, &answer->info);
		cme_rtmp_say_create(session);
		session->state = CME_RTMP_CREATE;
	} else if (id == CME_RTMP_ID_CREATE && session->state == CME_RTMP_CREATE) {
		if (answer->info.type != CME_AMF_NUMBER || !(answer->info.number >= 0) ||
		    answer->info.number > UINT32_MAX)
			return cme_err_set(err, "network.protocol",
					   "createStream: the answer has no stream id");
		session->stream_id = (uint32_t)answer->info.number;
		cme_rtmp_say_ask(session);
		session->state = CME_RTMP_ASKED;
	}
	return 0;
}

/* Servers that do not know releaseStream or FCPublish say so and mean no harm. */
static int on_error(struct cme_rtmp_session *session, int id, const struct cme_rtmp_command *answer,
		    struct cme_err *err)
{
	if (id == CME_RTMP_ID_CONNECT && session->state == CME_RTMP_CONNECT)
		return refused(session, "connect", answer, err);
	if (id == CME_RTMP_ID_CREATE && session->state == CME_RTMP_CREATE)
		return refused(session, "createStream", answer, err);
	if (id == CME_RTMP_ID_ASK && session->state == CME_RTMP_ASKED)
		return refused(session, asked(session), answer, err);
	return 0;
}

/* Whether the code of a status stands in a list of names that ends in NULL. */
static bool says_one_of(const struct cme_amf_value *code, const char *const *names)
{
	while (*names && !cme_amf_is(code, *names))
		names++;
	return *names != NULL;
}

/* Without a tcUrl it is for the same server. */
static void note_reconnect(struct cme_rtmp_session *session, const struct cme_amf_value *info)
{
	struct cme_amf_value to;

	session->reconnect = true;
	session->redirect[0] = '\0';
	if (cme_amf_find(info, "tcUrl", &to))
		copy_text(session->redirect, sizeof session->redirect, &to);
}

static int on_status(struct cme_rtmp_session *session, const struct cme_rtmp_command *status,
		     struct cme_err *err)
{
	static const char *const ends[] = { "NetStream.Play.Stop", "NetStream.Play.UnpublishNotify",
					    "NetConnection.Connect.Closed", NULL };
	static const char *const stops[] = { "NetStream.Unpublish.Success", "NetConnection.Connect.Closed",
					     NULL };
	struct cme_amf_value level = { .type = CME_AMF_NULL }, code = { .type = CME_AMF_NULL };
	const char *start = session->play ? "NetStream.Play.Start" : "NetStream.Publish.Start";

	cme_amf_find(&status->info, "level", &level);
	cme_amf_find(&status->info, "code", &code);
	if (cme_amf_is(&level, "error") || (!session->play && says_one_of(&code, stops)))
		return refused(session, asked(session), status, err);
	if (session->play && says_one_of(&code, ends))
		return cme_err_set(err, "source.ended", "the source ended");
	if (cme_amf_is(&code, "NetConnection.Connect.ReconnectRequest"))
		note_reconnect(session, &status->info);
	else if (cme_amf_is(&code, start) && session->state == CME_RTMP_ASKED)
		session->state = CME_RTMP_LIVE;
	return 0;
}

static int on_command(struct cme_rtmp_session *session, const uint8_t *data, size_t len, struct cme_err *err)
{
	struct cme_rtmp_command command;
	int id;

	if (cme_rtmp_command_parse(data, len, &command) != 0)
		return cme_err_set(err, "network.protocol", "a command of the server is malformed");
	id = command.id.number >= 0 && command.id.number <= CME_RTMP_ID_LAST ? (int)command.id.number : 0;
	if (cme_amf_is(&command.name, "_result"))
		return on_result(session, id, &command, err);
	if (cme_amf_is(&command.name, "_error"))
		return on_error(session, id, &command, err);
	if (cme_amf_is(&command.name, "onStatus"))
		return on_status(session, &command, err);
	if (cme_amf_is(&command.name, "close"))
		return refused(session, asked(session), &command, err);
	return 0;
}

static void on_user_control(struct cme_rtmp_session *session, const uint8_t *data, size_t len)
{
	if (len >= 6 && cme_get_be16(data) == CME_RTMP_PING)
		cme_rtmp_say_pong(session, data + 2);
}

/* The server limits what we may have unacknowledged: it is told the window we took on. */
static void on_peer_bandwidth(struct cme_rtmp_session *session, uint32_t size)
{
	if (session->window_sent)
		return;
	session->window_sent = size ? size : CME_RTMP_WINDOW;
	cme_rtmp_say_number(session, CME_RTMP_WINDOW_ACK_SIZE, session->window_sent);
}

/* Servers may send media before they say that they do. 1: the message is the owner's. */
static int on_media(struct cme_rtmp_session *session)
{
	if (!session->play || session->state < CME_RTMP_ASKED)
		return 0;
	session->state = CME_RTMP_LIVE;
	return 1;
}

/* 1: the message is the owner's. */
static int on_message(struct cme_rtmp_session *session, const struct cme_chunk_message *message,
		      struct cme_err *err)
{
	uint32_t first = message->len >= 4 ? cme_get_be32(message->data) : 0;

	switch (message->type) {
	case CME_RTMP_ACKNOWLEDGEMENT:
		session->acked = first;
		return 0;
	case CME_RTMP_WINDOW_ACK_SIZE:
		session->window = first;
		return 0;
	case CME_RTMP_SET_PEER_BANDWIDTH:
		on_peer_bandwidth(session, first);
		return 0;
	case CME_RTMP_USER_CONTROL:
		on_user_control(session, message->data, message->len);
		return 0;
	case CME_RTMP_COMMAND:
		return on_command(session, message->data, message->len, err);
	case CME_RTMP_COMMAND_AMF3:
		return message->len ? on_command(session, message->data + 1, message->len - 1, err) : 0;
	case CME_RTMP_AUDIO:
	case CME_RTMP_VIDEO:
	case CME_RTMP_DATA:
	case CME_RTMP_AGGREGATE:
		return on_media(session);
	default:
		return 0;
	}
}

static void acknowledge(struct cme_rtmp_session *session)
{
	if (session->window == 0 || session->received - session->acknowledged < session->window)
		return;
	session->acknowledged = session->received;
	cme_rtmp_say_number(session, CME_RTMP_ACKNOWLEDGEMENT, (uint32_t)session->received);
}

/* Collects `need` bytes of the handshake; true once they are all there. */
static bool collect(struct cme_rtmp_session *session, size_t need, const uint8_t **data, size_t *len)
{
	size_t missing = need - session->handshake_len;
	size_t n = *len < missing ? *len : missing;

	memcpy(session->handshake + session->handshake_len, *data, n);
	session->handshake_len += n;
	*data += n;
	*len -= n;
	if (session->handshake_len < need)
		return false;
	session->handshake_len = 0;
	return true;
}

static int feed_handshake(struct cme_rtmp_session *session, const uint8_t **data, size_t *len,
			  struct cme_err *err)
{
	if (session->state == CME_RTMP_S0S1) {
		if (session->handshake_len == 0 && **data != CME_RTMP_VERSION)
			return cme_err_set(err, "network.protocol", "the server does not speak RTMP");
		if (!collect(session, 1 + CME_RTMP_HANDSHAKE_SIZE, data, len))
			return 0;
		cme_buf_append(&session->out, session->handshake + 1, CME_RTMP_HANDSHAKE_SIZE);
		session->state = CME_RTMP_S2;
	} else if (collect(session, CME_RTMP_HANDSHAKE_SIZE, data, len)) {
		cme_rtmp_say_connect(session);
		session->state = CME_RTMP_CONNECT;
	}
	return 0;
}

static int read_some(struct cme_rtmp_session *session, const uint8_t **data, size_t *len,
		     struct cme_chunk_message *message, struct cme_err *err)
{
	int rc;

	if (session->state <= CME_RTMP_S2)
		return feed_handshake(session, data, len, err);
	rc = cme_chunk_read(&session->reader, data, len, message, err);
	return rc == 1 ? on_message(session, message, err) : rc;
}

int cme_rtmp_session_read(struct cme_rtmp_session *session, const uint8_t **data, size_t *len,
			  struct cme_chunk_message *message, struct cme_err *err)
{
	size_t before = *len;
	int rc = 0;

	while (rc == 0 && *len > 0 && session->state != CME_RTMP_ENDED)
		rc = read_some(session, data, len, message, err);
	session->received += before - *len;
	if (rc >= 0 && session->state > CME_RTMP_S2)
		acknowledge(session);
	if (rc >= 0 && session->out.failed)
		rc = cme_err_set(err, "network.protocol", "the server asks for more than it reads");
	if (rc < 0)
		session->state = CME_RTMP_ENDED;
	return rc;
}

int cme_rtmp_session_feed(struct cme_rtmp_session *session, const uint8_t *data, size_t len,
			  struct cme_err *err)
{
	struct cme_chunk_message ignored;
	int rc;

	do
		rc = cme_rtmp_session_read(session, &data, &len, &ignored, err);
	while (rc == 1);
	return rc;
}

const char *cme_rtmp_session_waiting(const struct cme_rtmp_session *session)
{
	static const char *const names[] = { "the start",
					     "the handshake",
					     "the handshake",
					     "the answer to connect",
					     "the answer to createStream",
					     "the answer to publish",
					     "media",
					     "the end" };

	return session->play && session->state == CME_RTMP_ASKED ? "the answer to play"
								 : names[session->state];
}

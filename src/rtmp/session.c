/* SPDX-License-Identifier: MIT */
#include "rtmp/session.h"

#include <stdio.h>
#include <string.h>

#include "rtmp/amf.h"
#include "rtmp/reason.h"
#include "stream/bytes.h"

#define VERSION 3
#define OUT_MAX                                                                                    \
	65536 /* control bytes that wait to be sent: a peer that asks and does not read is cut off \
	       */
#define COMMAND_MAX 8192
#define WINDOW      2500000 /* acknowledgement window we announce when asked */
#define FLASH_VER   "FMLE/3.0 (compatible; cme/" CME_VERSION ")"

/* Transaction ids are fixed: each command is sent once. */
enum {
	ID_CONNECT = 1,
	ID_RELEASE = 2,
	ID_FCPUBLISH = 3,
	ID_CREATE = 4,
	ID_PUBLISH = 5,
	ID_FCUNPUBLISH = 6,
	ID_DELETE = 7
};

enum { CSID_CONTROL = 2, CSID_COMMAND = 3 };

/* User control events (section 7.1.7). */
enum { EVENT_PING = 6, EVENT_PONG = 7 };

/* A command received: its name, transaction id, command object and first argument. */
struct command {
	struct cme_amf_value name;
	struct cme_amf_value id;
	struct cme_amf_value object;
	struct cme_amf_value info;
};

void cme_rtmp_session_init(struct cme_rtmp_session *session, const struct cme_rtmp_session_config *config)
{
	memset(session, 0, sizeof *session);
	session->url = *config->url;
	session->hevc = config->hevc;
	session->seed = config->seed;
	session->chunk_size = CME_CHUNK_SIZE_FIRST;
	cme_buf_init(&session->out, OUT_MAX);
	cme_chunk_reader_init(&session->reader);
}

void cme_rtmp_session_fini(struct cme_rtmp_session *session)
{
	cme_buf_fini(&session->out);
	cme_chunk_reader_fini(&session->reader);
}

/* splitmix64: the handshake asks for bytes that differ, not for secrets. */
static uint8_t random_byte(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint8_t)(z >> 56);
}

void cme_rtmp_session_start(struct cme_rtmp_session *session)
{
	uint8_t c0c1[1 + CME_RTMP_HANDSHAKE_SIZE] = { VERSION }; /* time 0, then four zero bytes */

	for (size_t i = 9; i < sizeof c0c1; i++)
		c0c1[i] = random_byte(&session->seed);
	cme_buf_append(&session->out, c0c1, sizeof c0c1);
	session->state = CME_RTMP_S0S1;
}

static void send_message(struct cme_rtmp_session *session, struct cme_chunk_message message)
{
	cme_chunk_write(&session->out, &message, session->chunk_size);
}

static void send_u32(struct cme_rtmp_session *session, enum cme_rtmp_type type, uint32_t value)
{
	uint8_t data[4];

	cme_put_be32(data, value);
	send_message(session, (struct cme_chunk_message){
				      .csid = CSID_CONTROL, .type = (uint8_t)type, .data = data, .len = 4 });
}

static void begin_command(struct cme_buf *body, const char *name, int id)
{
	cme_buf_init(body, COMMAND_MAX);
	cme_amf_put_string(body, name);
	cme_amf_put_number(body, id);
}

static void end_command(struct cme_rtmp_session *session, struct cme_buf *body, uint32_t stream_id)
{
	session->out.failed |= body->failed;
	send_message(session, (struct cme_chunk_message){ .csid = CSID_COMMAND,
							  .type = CME_RTMP_COMMAND,
							  .stream_id = stream_id,
							  .data = (const uint8_t *)cme_buf_str(body),
							  .len = body->len });
	cme_buf_fini(body);
}

static void put_member(struct cme_buf *body, const char *key, const char *value)
{
	cme_amf_put_key(body, key);
	cme_amf_put_string(body, value);
}

static void send_connect(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	begin_command(&body, "connect", ID_CONNECT);
	cme_amf_begin_object(&body);
	put_member(&body, "app", session->url.app);
	put_member(&body, "type", "nonprivate");
	put_member(&body, "flashVer", FLASH_VER);
	put_member(&body, "tcUrl", session->url.tc_url);
	if (session->hevc) {
		cme_amf_put_key(&body, "fourCcList");
		cme_amf_begin_array(&body, 1);
		cme_amf_put_string(&body, "hvc1");
	}
	cme_amf_end_object(&body);
	end_command(session, &body, 0);
}

/* A command without object: null, and the stream key where the command has one. */
static void send_named(struct cme_rtmp_session *session, const char *name, int id, const char *key)
{
	struct cme_buf body;

	begin_command(&body, name, id);
	cme_amf_put_null(&body);
	if (key)
		cme_amf_put_string(&body, key);
	end_command(session, &body, 0);
}

static void send_create(struct cme_rtmp_session *session)
{
	send_u32(session, CME_RTMP_SET_CHUNK_SIZE, CME_RTMP_CHUNK_SIZE);
	session->chunk_size = CME_RTMP_CHUNK_SIZE;
	send_named(session, "releaseStream", ID_RELEASE, session->url.key);
	send_named(session, "FCPublish", ID_FCPUBLISH, session->url.key);
	send_named(session, "createStream", ID_CREATE, NULL);
}

static void send_publish(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	begin_command(&body, "publish", ID_PUBLISH);
	cme_amf_put_null(&body);
	cme_amf_put_string(&body, session->url.key);
	cme_amf_put_string(&body, "live");
	end_command(session, &body, session->stream_id);
}

void cme_rtmp_session_goodbye(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	if (session->state == CME_RTMP_PUBLISH || session->state == CME_RTMP_LIVE) {
		send_named(session, "FCUnpublish", ID_FCUNPUBLISH, session->url.key);
		begin_command(&body, "deleteStream", ID_DELETE);
		cme_amf_put_null(&body);
		cme_amf_put_number(&body, session->stream_id);
		end_command(session, &body, 0);
	}
	session->state = CME_RTMP_ENDED;
}

/* `ex` of NetConnection.Connect.Rejected with code 302: the tcUrl of the server that would take us. */
static void note_redirect(struct cme_rtmp_session *session, const struct cme_amf_value *info)
{
	struct cme_amf_value code, ex, number, to;

	if (session->state >= CME_RTMP_LIVE || !cme_amf_find(info, "code", &code) ||
	    !cme_amf_is(&code, "NetConnection.Connect.Rejected") || !cme_amf_find(info, "ex", &ex) ||
	    !cme_amf_find(&ex, "code", &number) || number.type != CME_AMF_NUMBER || number.number != 302 ||
	    !cme_amf_find(&ex, "redirect", &to) || to.type != CME_AMF_STRING ||
	    to.len >= sizeof session->redirect || memchr(to.data, '\0', to.len))
		return;
	memcpy(session->redirect, to.data, to.len);
	session->redirect[to.len] = '\0';
}

static int refused(struct cme_rtmp_session *session, const char *command, const struct command *answer,
		   struct cme_err *err)
{
	char reason[CME_RTMP_REASON_MAX];
	bool in_object = answer->info.type != CME_AMF_OBJECT;
	const struct cme_amf_value *info = in_object ? &answer->object : &answer->info;

	note_redirect(session, info);
	cme_rtmp_reason(reason, info, cme_rtmp_url_secret(&session->url));
	return cme_err_set(err, "publish.refused", "%s: the server refused (%s)", command, reason);
}

static int on_result(struct cme_rtmp_session *session, int id, const struct command *answer,
		     struct cme_err *err)
{
	if (id == ID_CONNECT && session->state == CME_RTMP_CONNECT) {
		send_create(session);
		session->state = CME_RTMP_CREATE;
	} else if (id == ID_CREATE && session->state == CME_RTMP_CREATE) {
		if (answer->info.type != CME_AMF_NUMBER || !(answer->info.number >= 0) ||
		    answer->info.number > UINT32_MAX)
			return cme_err_set(err, "network.protocol",
					   "createStream: the answer has no stream id");
		session->stream_id = (uint32_t)answer->info.number;
		send_publish(session);
		session->state = CME_RTMP_PUBLISH;
	}
	return 0;
}

/* Servers that do not know releaseStream or FCPublish say so and mean no harm. */
static int on_error(struct cme_rtmp_session *session, int id, const struct command *answer,
		    struct cme_err *err)
{
	if (id == ID_CONNECT && session->state == CME_RTMP_CONNECT)
		return refused(session, "connect", answer, err);
	if (id == ID_CREATE && session->state == CME_RTMP_CREATE)
		return refused(session, "createStream", answer, err);
	if (id == ID_PUBLISH && session->state == CME_RTMP_PUBLISH)
		return refused(session, "publish", answer, err);
	return 0;
}

static int on_status(struct cme_rtmp_session *session, const struct command *status, struct cme_err *err)
{
	struct cme_amf_value level = { .type = CME_AMF_NULL }, code = { .type = CME_AMF_NULL };

	cme_amf_find(&status->info, "level", &level);
	cme_amf_find(&status->info, "code", &code);
	if (cme_amf_is(&level, "error") || cme_amf_is(&code, "NetStream.Unpublish.Success") ||
	    cme_amf_is(&code, "NetConnection.Connect.Closed"))
		return refused(session, "publish", status, err);
	if (cme_amf_is(&code, "NetStream.Publish.Start") && session->state == CME_RTMP_PUBLISH)
		session->state = CME_RTMP_LIVE;
	return 0;
}

/* A command has a name. What follows may be missing, the id as well (ffmpeg's onFCPublish): then it is 0.
 * Nobody asked for a command that has none of our ids, so what it holds cannot end the session. */
static int parse_command(const uint8_t *data, size_t len, struct command *command)
{
	struct cme_amf_value *const rest[] = { &command->id, &command->object, &command->info };
	size_t at = cme_amf_read(data, len, &command->name);

	if (!at || command->name.type != CME_AMF_STRING)
		return -1;
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		struct cme_amf_value value;
		size_t n = cme_amf_read(data + at, len - at, &value);

		if (n == 0)
			break;
		if (i == 0 && value.type != CME_AMF_NUMBER)
			continue; /* no id: it is the object already */
		*rest[i] = value;
		at += n;
	}
	return 0;
}

static int on_command(struct cme_rtmp_session *session, const uint8_t *data, size_t len, struct cme_err *err)
{
	struct command command = { .id.type = CME_AMF_NUMBER,
				   .object.type = CME_AMF_NULL,
				   .info.type = CME_AMF_NULL };
	int id;

	if (parse_command(data, len, &command) != 0)
		return cme_err_set(err, "network.protocol", "a command of the server is malformed");
	id = command.id.number >= 0 && command.id.number <= ID_DELETE ? (int)command.id.number : 0;
	if (cme_amf_is(&command.name, "_result"))
		return on_result(session, id, &command, err);
	if (cme_amf_is(&command.name, "_error"))
		return on_error(session, id, &command, err);
	if (cme_amf_is(&command.name, "onStatus"))
		return on_status(session, &command, err);
	if (cme_amf_is(&command.name, "close"))
		return refused(session, "publish", &command, err);
	return 0;
}

static void on_user_control(struct cme_rtmp_session *session, const uint8_t *data, size_t len)
{
	uint8_t pong[6] = { 0, EVENT_PONG };

	if (len < sizeof pong || cme_get_be16(data) != EVENT_PING)
		return;
	memcpy(pong + 2, data + 2, 4);
	send_message(session, (struct cme_chunk_message){ .csid = CSID_CONTROL,
							  .type = CME_RTMP_USER_CONTROL,
							  .data = pong,
							  .len = sizeof pong });
}

/* The server limits what we may have unacknowledged: it is told the window we took on. */
static void on_peer_bandwidth(struct cme_rtmp_session *session, uint32_t size)
{
	if (session->window_sent)
		return;
	session->window_sent = size ? size : WINDOW;
	send_u32(session, CME_RTMP_WINDOW_ACK_SIZE, session->window_sent);
}

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
	default:
		return 0;
	}
}

static void acknowledge(struct cme_rtmp_session *session)
{
	if (session->window == 0 || session->received - session->acknowledged < session->window)
		return;
	session->acknowledged = session->received;
	send_u32(session, CME_RTMP_ACKNOWLEDGEMENT, (uint32_t)session->received);
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
		if (session->handshake_len == 0 && **data != VERSION)
			return cme_err_set(err, "network.protocol", "the server does not speak RTMP");
		if (!collect(session, 1 + CME_RTMP_HANDSHAKE_SIZE, data, len))
			return 0;
		cme_buf_append(&session->out, session->handshake + 1, CME_RTMP_HANDSHAKE_SIZE);
		session->state = CME_RTMP_S2;
	} else if (collect(session, CME_RTMP_HANDSHAKE_SIZE, data, len)) {
		send_connect(session);
		session->state = CME_RTMP_CONNECT;
	}
	return 0;
}

static int feed_some(struct cme_rtmp_session *session, const uint8_t **data, size_t *len, struct cme_err *err)
{
	struct cme_chunk_message message;
	int rc;

	if (session->state <= CME_RTMP_S2)
		return feed_handshake(session, data, len, err);
	rc = cme_chunk_read(&session->reader, data, len, &message, err);
	return rc == 1 ? on_message(session, &message, err) : rc;
}

int cme_rtmp_session_feed(struct cme_rtmp_session *session, const uint8_t *data, size_t len,
			  struct cme_err *err)
{
	int rc = 0;

	session->received += len;
	while (rc == 0 && len > 0 && session->state != CME_RTMP_ENDED)
		rc = feed_some(session, &data, &len, err);
	if (rc == 0 && session->state > CME_RTMP_S2)
		acknowledge(session);
	if (rc == 0 && session->out.failed)
		rc = cme_err_set(err, "network.protocol", "the server asks for more than it reads");
	if (rc != 0)
		session->state = CME_RTMP_ENDED;
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

	return names[session->state];
}

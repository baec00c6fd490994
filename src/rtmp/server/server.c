/* SPDX-License-Identifier: MIT */
#include "rtmp/server/server.h"

#include <string.h>

#include "rtmp/amf.h"
#include "rtmp/both/command.h"
#include "rtmp/both/enhanced.h"
#include "rtmp/server/greeting.h"
#include "stream/bytes.h"

#define WINDOW     2500000 /* bytes: the acknowledgement window that we ask for, and keep ourselves */
#define BY_CLIENT  2       /* "dynamic", the limit type of Set Peer Bandwidth */
#define STREAM_ID  1       /* of the one stream that a connection has */
#define LIVE_OUT   65536   /* answers that an encoder which was admitted may leave unread */
#define OWN_EVENTS 0       /* transaction id of what nobody asked for */

/* What old clients look at. */
#define SERVER_NAME         "FMS/3,5,7,7009"
#define SERVER_CAPABILITIES 31
#define SERVER_MODE         1

#define CAPS (CME_RTMP_CAPS_MULTITRACK | CME_RTMP_CAPS_MODEX | CME_RTMP_CAPS_NANOSECONDS)

void cme_rtmp_server_init(struct cme_rtmp_server *server, uint64_t seed)
{
	memset(server, 0, sizeof *server);
	server->seed = seed;
	server->chunk_size = CME_CHUNK_SIZE_FIRST;
	server->window = WINDOW;
	cme_buf_init(&server->out, CME_RTMP_STRANGER_MAX);
	cme_buf_init(&server->greeting, 1 + CME_RTMP_HANDSHAKE_SIZE);
	cme_chunk_reader_init(&server->reader);
	cme_chunk_reader_confine(&server->reader, CME_RTMP_STRANGER_MAX);
}

void cme_rtmp_server_fini(struct cme_rtmp_server *server)
{
	cme_buf_fini(&server->out);
	cme_buf_fini(&server->greeting);
	cme_chunk_reader_fini(&server->reader);
}

static struct cme_rtmp_voice voice(struct cme_rtmp_server *server)
{
	return (struct cme_rtmp_voice){ &server->out, server->chunk_size };
}

/* ---- answers */

static void begin_info(struct cme_buf *body, const char *level, const char *code, const char *description)
{
	cme_amf_begin_object(body);
	cme_rtmp_put_text(body, "level", level);
	cme_rtmp_put_text(body, "code", code);
	cme_rtmp_put_text(body, "description", description);
}

static void say_status(struct cme_rtmp_server *server, const char *level, const char *code,
		       const char *description)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, "onStatus", OWN_EVENTS);
	cme_amf_put_null(&body);
	begin_info(&body, level, code, description);
	cme_amf_end_object(&body);
	cme_rtmp_command_end(voice(server), &body, STREAM_ID);
}

static void say_windows(struct cme_rtmp_server *server)
{
	uint8_t bandwidth[5] = { 0, 0, 0, 0, BY_CLIENT };

	cme_put_be32(bandwidth, WINDOW);
	cme_rtmp_send_number(voice(server), CME_RTMP_WINDOW_ACK_SIZE, WINDOW);
	cme_rtmp_send_control(voice(server), CME_RTMP_SET_PEER_BANDWIDTH, bandwidth, sizeof bandwidth);
	cme_rtmp_send_number(voice(server), CME_RTMP_SET_CHUNK_SIZE, CME_RTMP_SERVER_CHUNK);
	server->chunk_size = CME_RTMP_SERVER_CHUNK;
}

static void say_connected(struct cme_rtmp_server *server)
{
	struct cme_buf body;

	say_windows(server);
	cme_rtmp_command_begin(&body, "_result", server->connect_id);
	cme_amf_begin_object(&body);
	cme_rtmp_put_text(&body, "fmsVer", SERVER_NAME);
	cme_rtmp_put_number(&body, "capabilities", SERVER_CAPABILITIES);
	cme_rtmp_put_number(&body, "mode", SERVER_MODE);
	cme_amf_end_object(&body);
	begin_info(&body, "status", "NetConnection.Connect.Success", "Connection succeeded.");
	cme_rtmp_put_number(&body, "objectEncoding", 0);
	cme_rtmp_put_enhanced(&body, CAPS);
	cme_amf_end_object(&body);
	cme_rtmp_command_end(voice(server), &body, 0);
}

/* The answer to a connect that fails. */
static void say_rejected(struct cme_rtmp_server *server, const char *words)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, "_error", server->connect_id);
	cme_amf_put_null(&body);
	begin_info(&body, "error", "NetConnection.Connect.Rejected", words);
	cme_amf_end_object(&body);
	cme_rtmp_command_end(voice(server), &body, 0);
}

/* The result of a command that only has to be answered; nobody waits for that of id 0. */
static void say_done(struct cme_rtmp_server *server, double id)
{
	struct cme_buf body;

	if (!(id > 0))
		return;
	cme_rtmp_command_begin(&body, "_result", id);
	cme_amf_put_null(&body);
	cme_amf_put_null(&body);
	cme_rtmp_command_end(voice(server), &body, 0);
}

static void say_created(struct cme_rtmp_server *server, double id)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, "_result", id);
	cme_amf_put_null(&body);
	cme_amf_put_number(&body, STREAM_ID);
	cme_rtmp_command_end(voice(server), &body, 0);
}

/* ---- commands */

static int bad(struct cme_err *err, const char *fact)
{
	return cme_err_set(err, "network.protocol", "the client's commands: %s", fact);
}

static int on_connect(struct cme_rtmp_server *server, const struct cme_rtmp_command *command,
		      struct cme_err *err)
{
	struct cme_amf_value app = { .type = CME_AMF_NULL };

	if (server->state != CME_RTMP_SERVER_CONNECT)
		return bad(err, "connect comes twice");
	if (!cme_amf_find(&command->object, "app", &app) || app.type != CME_AMF_STRING)
		return bad(err, "connect names no application");
	if (app.len >= sizeof server->app || memchr(app.data, '\0', app.len))
		return bad(err, "the application's name is too long");
	memcpy(server->app, app.data, app.len);
	server->connect_id = command->id.number;
	server->state = CME_RTMP_SERVER_CONNECTING;
	return CME_RTMP_HEARD_CONNECT;
}

/* It asks for a stream, to publish or to play it. */
static int ask(struct cme_rtmp_server *server, const struct cme_amf_value *key, bool plays,
	       struct cme_rtmp_heard_what *what)
{
	what->key = (struct cme_rtmp_key){ (const char *)key->data, key->len };
	server->plays = plays;
	server->state = CME_RTMP_SERVER_ASKED;
	return plays ? CME_RTMP_HEARD_PLAY : CME_RTMP_HEARD_PUBLISH;
}

static bool names_stream(const struct cme_amf_value *key)
{
	return key->type == CME_AMF_STRING && !(key->len && memchr(key->data, '\0', key->len));
}

static int on_publish(struct cme_rtmp_server *server, const struct cme_rtmp_command *command,
		      struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	if (server->state != CME_RTMP_SERVER_READY)
		return bad(err, "publish comes twice");
	if (!names_stream(&command->info))
		return bad(err, "publish names no stream");
	return ask(server, &command->info, false, what);
}

/* play2 has the name in an object. Who plays goes on with what it plays: there is one quality of it. */
static int on_play(struct cme_rtmp_server *server, const struct cme_rtmp_command *command,
		   struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	struct cme_amf_value name = command->info;

	if (server->state == CME_RTMP_SERVER_PLAYING)
		return 0;
	if (server->state != CME_RTMP_SERVER_READY)
		return bad(err, "play comes while it publishes");
	if ((name.type == CME_AMF_OBJECT && !cme_amf_find(&command->info, "streamName", &name)) ||
	    !names_stream(&name))
		return bad(err, "play names no stream");
	return ask(server, &name, true, what);
}

/* closeStream, FCUnpublish and deleteStream mean one thing; encoders send several of them. */
static int on_close(struct cme_rtmp_server *server, const struct cme_rtmp_command *command)
{
	say_done(server, command->id.number);
	if (server->state == CME_RTMP_SERVER_PLAYING) {
		server->state = CME_RTMP_SERVER_ENDED;
		return CME_RTMP_HEARD_STOP;
	}
	if (server->state != CME_RTMP_SERVER_LIVE)
		return 0;
	say_status(server, "status", "NetStream.Unpublish.Success", "Stream is now unpublished.");
	server->state = CME_RTMP_SERVER_READY;
	return CME_RTMP_HEARD_UNPUBLISH;
}

static int dispatch(struct cme_rtmp_server *server, const struct cme_rtmp_command *command,
		    struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	const struct cme_amf_value *name = &command->name;

	if (cme_amf_is(name, "connect"))
		return on_connect(server, command, err);
	if (server->state < CME_RTMP_SERVER_READY)
		return bad(err, "connect does not come first");
	if (cme_amf_is(name, "publish"))
		return on_publish(server, command, what, err);
	if (cme_amf_is(name, "play") || cme_amf_is(name, "play2"))
		return on_play(server, command, what, err);
	if (cme_amf_is(name, "deleteStream") || cme_amf_is(name, "closeStream") ||
	    cme_amf_is(name, "FCUnpublish"))
		return on_close(server, command);
	if (cme_amf_is(name, "createStream"))
		say_created(server, command->id.number);
	else if (cme_amf_is(name, "releaseStream") || cme_amf_is(name, "FCPublish"))
		say_done(server, command->id.number);
	return 0;
}

static int on_command(struct cme_rtmp_server *server, const uint8_t *data, size_t len,
		      struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	struct cme_rtmp_command command;

	if (cme_rtmp_command_parse(data, len, &command) != 0)
		return bad(err, "one is malformed");
	return dispatch(server, &command, what, err);
}

/* ---- messages */

static void on_user_control(struct cme_rtmp_server *server, const uint8_t *data, size_t len)
{
	if (len >= 6 && cme_get_be16(data) == CME_RTMP_PING)
		cme_rtmp_send_pong(voice(server), data + 2);
}

/* 0 and what is absurdly small would have us answer every byte. */
static void on_window(struct cme_rtmp_server *server, const struct cme_chunk_message *message)
{
	uint32_t window = message->len >= 4 ? cme_get_be32(message->data) : 0;

	if (window >= CME_RTMP_SERVER_CHUNK)
		server->window = window;
}

static int on_message(struct cme_rtmp_server *server, struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	const struct cme_chunk_message *message = &what->message;

	switch (message->type) {
	case CME_RTMP_WINDOW_ACK_SIZE:
		on_window(server, message);
		return 0;
	case CME_RTMP_USER_CONTROL:
		on_user_control(server, message->data, message->len);
		return 0;
	case CME_RTMP_COMMAND:
		return on_command(server, message->data, message->len, what, err);
	case CME_RTMP_COMMAND_AMF3:
		return message->len ? on_command(server, message->data + 1, message->len - 1, what, err) : 0;
	case CME_RTMP_AUDIO:
	case CME_RTMP_VIDEO:
	case CME_RTMP_DATA:
	case CME_RTMP_AGGREGATE:
		return server->state == CME_RTMP_SERVER_LIVE ? CME_RTMP_HEARD_MEDIA : 0;
	default:
		return 0;
	}
}

static void acknowledge(struct cme_rtmp_server *server)
{
	if (server->state < CME_RTMP_SERVER_READY || server->received - server->acknowledged < server->window)
		return;
	server->acknowledged = server->received;
	cme_rtmp_send_number(voice(server), CME_RTMP_ACKNOWLEDGEMENT, (uint32_t)server->received);
}

/* ---- the handshake */

/* Collects `need` bytes of the handshake. 1: they are all there; 0; -1: no memory. */
static int collect(struct cme_rtmp_server *server, size_t need, const uint8_t **data, size_t *len,
		   struct cme_err *err)
{
	size_t missing = need - server->greeting.len;
	size_t n = *len < missing ? *len : missing;

	if (cme_buf_append(&server->greeting, *data, n) != 0)
		return cme_err_set(err, "internal", "out of memory");
	*data += n;
	*len -= n;
	return server->greeting.len == need;
}

static int read_greeting(struct cme_rtmp_server *server, const uint8_t **data, size_t *len,
			 struct cme_err *err)
{
	bool first = server->state == CME_RTMP_SERVER_C0C1;
	int rc;

	if (first && server->greeting.len == 0 && **data != CME_RTMP_VERSION)
		return cme_err_set(err, "network.protocol", "the peer does not speak RTMP");
	rc = collect(server, (first ? 1 : 0) + (size_t)CME_RTMP_HANDSHAKE_SIZE, data, len, err);
	if (rc <= 0)
		return rc;
	if (first)
		cme_rtmp_greet(&server->out, (const uint8_t *)server->greeting.data + 1, &server->seed);
	cme_buf_fini(&server->greeting);
	server->state = first ? CME_RTMP_SERVER_C2 : CME_RTMP_SERVER_CONNECT;
	return 0;
}

/* ---- the owner's calls */

static int read_some(struct cme_rtmp_server *server, const uint8_t **data, size_t *len,
		     struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	int rc;

	if (server->state <= CME_RTMP_SERVER_C2)
		return read_greeting(server, data, len, err);
	rc = cme_chunk_read(&server->reader, data, len, &what->message, err);
	return rc == 1 ? on_message(server, what, err) : rc;
}

int cme_rtmp_server_read(struct cme_rtmp_server *server, const uint8_t **data, size_t *len,
			 struct cme_rtmp_heard_what *what, struct cme_err *err)
{
	size_t before = *len;
	int rc = 0;

	while (rc == 0 && *len > 0 && server->state != CME_RTMP_SERVER_ENDED)
		rc = read_some(server, data, len, what, err);
	server->received += before - *len;
	if (rc >= 0)
		acknowledge(server);
	if (rc >= 0 && server->out.failed)
		rc = bad(err, "it asks for more than it reads");
	if (rc < 0)
		server->state = CME_RTMP_SERVER_ENDED;
	return rc;
}

void cme_rtmp_server_accept(struct cme_rtmp_server *server)
{
	say_connected(server);
	server->state = CME_RTMP_SERVER_READY;
}

static void say_event(struct cme_rtmp_server *server, enum cme_rtmp_event what)
{
	uint8_t event[6] = { 0, (uint8_t)what };

	cme_put_be32(event + 2, STREAM_ID);
	cme_rtmp_send_control(voice(server), CME_RTMP_USER_CONTROL, event, sizeof event);
}

static void say_begin(struct cme_rtmp_server *server)
{
	server->out.limit = LIVE_OUT;
	say_event(server, CME_RTMP_STREAM_BEGIN);
}

void cme_rtmp_server_admit(struct cme_rtmp_server *server, size_t message_max)
{
	cme_chunk_reader_allow(&server->reader, message_max);
	say_begin(server);
	say_status(server, "status", "NetStream.Publish.Start", "Start publishing");
	server->state = CME_RTMP_SERVER_LIVE;
}

void cme_rtmp_server_play(struct cme_rtmp_server *server)
{
	say_begin(server);
	say_status(server, "status", "NetStream.Play.Reset", "Playing and resetting stream.");
	say_status(server, "status", "NetStream.Play.Start", "Started playing stream.");
	server->state = CME_RTMP_SERVER_PLAYING;
}

void cme_rtmp_server_refuse(struct cme_rtmp_server *server, const char *words)
{
	if (server->state == CME_RTMP_SERVER_CONNECTING)
		say_rejected(server, words);
	else
		say_status(server, "error",
			   server->plays ? "NetStream.Play.Failed" : "NetStream.Publish.BadName", words);
	server->state = CME_RTMP_SERVER_ENDED;
}

void cme_rtmp_server_finish(struct cme_rtmp_server *server)
{
	say_status(server, "status", "NetStream.Play.UnpublishNotify", "The stream has ended.");
	say_event(server, CME_RTMP_STREAM_EOF);
	say_status(server, "status", "NetStream.Play.Stop", "Stopped playing stream.");
	server->state = CME_RTMP_SERVER_ENDED;
}

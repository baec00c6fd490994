/* SPDX-License-Identifier: MIT
 *
 * A streaming platform with a script: an RTMP server in threads of its own that behaves, or stalls,
 * refuses, hangs up or talks nonsense at a chosen step. Who plays gets the messages of a tape. For C tests;
 * header only, because a test is one source file. It speaks through the engine's chunk code, whose own test
 * holds it to the specification.
 */
#ifndef CME_SPEC_RTMP_SINK_H
#define CME_SPEC_RTMP_SINK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtmp/amf.h"
#include "rtmp/chunk.h"
#include "stream/bytes.h"

enum sink_script {
	SINK_GOOD,
	SINK_SILENT,         /* accepts and says nothing */
	SINK_NO_S2,          /* half a handshake */
	SINK_NO_CONNECT,     /* does not answer connect */
	SINK_NO_PUBLISH,     /* does not answer publish */
	SINK_GARBAGE,        /* answers connect with noise */
	SINK_REJECT_CONNECT, /* _error */
	SINK_REFUSE_PUBLISH, /* onStatus error */
	SINK_HANG_UP,        /* closes instead of an answer to publish */
	SINK_STOP_READING,   /* takes the publish and then nothing more */
	SINK_PINGS,          /* reads through a keyhole and asks for a pong with every message */
	SINK_CUT,            /* hangs up the first connection once `cut` is set */
	SINK_REDIRECT,       /* refuses connect and names the server of `redirect` */
	SINK_FFMPEG,         /* says onFCPublish without an id, as ffmpeg -listen 1 */
	SINK_ACCEPT_AND_END, /* takes each publish and hangs up */
	SINK_LOGIN,          /* wants a login as Adobe's server does, and takes any response */
	SINK_UPDATES,        /* over TLS: new keys again and again before it answers publish or play */
};

#define SINK_TAG_MAX 270 /* bytes of sink_put_tag */
#define SINK_KEYS    100 /* of SINK_UPDATES */

/* What a player is sent. */
struct sink_message {
	uint8_t type;
	uint32_t timestamp;
	const void *data;
	size_t len;
};

struct sink {
	enum sink_script script;
	const struct sink_message *tape; /* set it before the first connection */
	size_t tape_len;
	bool tape_ends;     /* hangs up behind it; else stays */
	SSL_CTX *tls;       /* NULL: plain */
	char redirect[256]; /* set it before the first connection */
	int listen_fd;
	int port;
	pthread_t thread;
	_Atomic bool stopped;
	_Atomic bool cut; /* for SINK_CUT */
	int stop_pipe[2]; /* readable once stopped */
	_Atomic int fd;   /* of the connection now served; -1 */

	/* what was seen; read these after sink_stop, or the atomic ones any time */
	_Atomic int connections;
	_Atomic int publishes;
	_Atomic int plays;
	_Atomic int media;     /* messages */
	_Atomic int goodbyes;  /* deleteStream */
	_Atomic int backwards; /* timestamps that stepped back, per type and connection */
	_Atomic int headless;  /* connections whose first picture was no sequence header or keyframe */
	_Atomic int pongs;
	_Atomic int headers; /* sequence headers of pictures */
	_Atomic int first;   /* last byte of the last connection's first keyframe: which frame it was */
	char key[256];       /* of the last publish or play */
	char app[512];       /* of the last connect */
};

struct sink_connection {
	struct sink *sink;
	int fd;
	SSL *ssl;
	struct cme_chunk_reader reader;
	uint32_t last[32]; /* timestamp by type */
	int videos;
};

static ssize_t sink_read(struct sink_connection *c, uint8_t *data, size_t size)
{
	return c->ssl ? SSL_read(c->ssl, data, (int)size) : recv(c->fd, data, size, 0);
}

static bool sink_read_all(struct sink_connection *c, uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t n = sink_read(c, data, size);

		if (n <= 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return true;
}

static void sink_write(struct sink_connection *c, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = c->ssl ? SSL_write(c->ssl, at, (int)len) : send(c->fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

static void sink_say(struct sink_connection *c, uint8_t type, const void *data, size_t len)
{
	struct cme_chunk_message message = { .csid = 3, .type = type, .data = data, .len = len };
	struct cme_buf out;

	cme_buf_init(&out, 65536);
	cme_chunk_write(&out, &message, CME_CHUNK_SIZE_FIRST);
	sink_write(c, out.data, out.len);
	cme_buf_fini(&out);
}

/* name, id, null, and then { level, code } or a number. */
static void sink_answer_with(struct sink_connection *c, const char *name, double id, const char *level,
			     const char *code, const char *description)
{
	struct cme_buf body;

	cme_buf_init(&body, 4096);
	cme_amf_put_string(&body, name);
	cme_amf_put_number(&body, id);
	cme_amf_put_null(&body);
	if (code) {
		cme_amf_begin_object(&body);
		cme_amf_put_key(&body, "level");
		cme_amf_put_string(&body, level);
		cme_amf_put_key(&body, "code");
		cme_amf_put_string(&body, code);
		if (description) {
			cme_amf_put_key(&body, "description");
			cme_amf_put_string(&body, description);
		}
		cme_amf_end_object(&body);
	} else {
		cme_amf_put_number(&body, 1);
	}
	sink_say(c, CME_RTMP_COMMAND, body.data, body.len);
	cme_buf_fini(&body);
}

static void sink_answer(struct sink_connection *c, const char *name, double id, const char *level,
			const char *code)
{
	sink_answer_with(c, name, id, level, code, NULL);
}

static bool sink_shake_hands(struct sink_connection *c)
{
	static const uint8_t s0s1[1 + 1536] = { 3 };
	uint8_t c0c1[1 + 1536], c2[1536];

	if (!sink_read_all(c, c0c1, sizeof c0c1))
		return false;
	if (c->sink->script == SINK_SILENT)
		return sink_read_all(c, c2, sizeof c2); /* which does not come */
	sink_write(c, s0s1, sizeof s0s1);
	if (c->sink->script == SINK_NO_S2)
		return sink_read_all(c, c2, sizeof c2) && sink_read_all(c, c2, 1);
	sink_write(c, c0c1 + 1, 1536);
	return sink_read_all(c, c2, sizeof c2);
}

/* Reads nothing until sink_stop. */
static void sink_wait(struct sink_connection *c)
{
	struct pollfd wait = { .fd = c->sink->stop_pipe[0], .events = POLLIN };

	while (poll(&wait, 1, -1) < 0)
		;
}

/* As Adobe's server and SRS do it. */
static void sink_send_elsewhere(struct sink_connection *c, double id)
{
	struct cme_buf body;

	cme_buf_init(&body, 4096);
	cme_amf_put_string(&body, "_error");
	cme_amf_put_number(&body, id);
	cme_amf_put_null(&body);
	cme_amf_begin_object(&body);
	cme_amf_put_key(&body, "level");
	cme_amf_put_string(&body, "error");
	cme_amf_put_key(&body, "code");
	cme_amf_put_string(&body, "NetConnection.Connect.Rejected");
	cme_amf_put_key(&body, "ex");
	cme_amf_begin_object(&body);
	cme_amf_put_key(&body, "code");
	cme_amf_put_number(&body, 302);
	cme_amf_put_key(&body, "redirect");
	cme_amf_put_string(&body, c->sink->redirect);
	cme_amf_end_object(&body);
	cme_amf_end_object(&body);
	sink_say(c, CME_RTMP_COMMAND, body.data, body.len);
	cme_buf_fini(&body);
}

static void sink_ask_for_login(struct sink_connection *c, double id)
{
	bool named = strstr(c->sink->app, "?authmod=adobe&user=") != NULL;

	sink_answer_with(c, "_error", id, "error", "NetConnection.Connect.Rejected",
			 named ? "[ AccessManager.Reject ] : [ authmod=adobe ] : "
				 "?reason=needauth&user=u&salt=c2E=&challenge=Y2g=&opaque=b3A="
			       : "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ");
}

static void sink_note_app(struct sink *sink, const uint8_t *data, size_t len)
{
	struct cme_amf_value object, app;

	if (cme_amf_read(data, len, &object) && cme_amf_find(&object, "app", &app))
		snprintf(sink->app, sizeof sink->app, "%.*s", (int)app.len, (const char *)app.data);
}

/* false: to hang up. */
static bool sink_on_connect(struct sink_connection *c, double id)
{
	uint8_t window[4];

	if (c->sink->script == SINK_LOGIN && !strstr(c->sink->app, "&response=")) {
		sink_ask_for_login(c, id);
		return true;
	}
	switch (c->sink->script) {
	case SINK_NO_CONNECT:
		return true;
	case SINK_GARBAGE:
		sink_write(c, "\xc5HTTP/1.1 400 Bad Request\r\n", 27);
		return true;
	case SINK_REDIRECT:
		sink_send_elsewhere(c, id);
		return true;
	case SINK_REJECT_CONNECT:
		sink_answer(c, "_error", id, "error", "NetConnection.Connect.Rejected");
		return true;
	default:
		cme_put_be32(window, 5000000);
		sink_say(c, CME_RTMP_WINDOW_ACK_SIZE, window, 4);
		sink_answer(c, "_result", id, "status", "NetConnection.Connect.Success");
		return true;
	}
}

/* Records of TLS that are no data. */
static void sink_update_keys(struct sink_connection *c)
{
	for (int i = 0; i < SINK_KEYS && SSL_key_update(c->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1; i++)
		SSL_do_handshake(c->ssl);
}

static bool sink_on_publish(struct sink_connection *c, const uint8_t *data, size_t len)
{
	struct cme_amf_value value;
	size_t at = cme_amf_read(data, len, &value);

	if (cme_amf_read(data + at, len - at, &value))
		snprintf(c->sink->key, sizeof c->sink->key, "%.*s", (int)value.len, (const char *)value.data);
	if (c->sink->script == SINK_NO_PUBLISH)
		return true;
	if (c->sink->script == SINK_HANG_UP)
		return false;
	if (c->sink->script == SINK_UPDATES)
		sink_update_keys(c);
	atomic_fetch_add(&c->sink->publishes, 1);
	if (c->sink->script == SINK_REFUSE_PUBLISH)
		sink_answer(c, "onStatus", 0, "error", "NetStream.Publish.BadName");
	else
		sink_answer(c, "onStatus", 0, "status", "NetStream.Publish.Start");
	if (c->sink->script == SINK_STOP_READING)
		sink_wait(c);
	return c->sink->script != SINK_ACCEPT_AND_END;
}

/* A message as an FLV tag: one of less than 256 bytes and milliseconds. Returns its size. */
static inline size_t sink_put_tag(char out[SINK_TAG_MAX], const struct sink_message *message)
{
	const char head[11] = {
		(char)message->type, 0, 0, (char)message->len, 0, 0, (char)message->timestamp
	};
	const char trailer[4] = { 0, 0, 0, (char)(sizeof head + message->len) };

	memcpy(out, head, sizeof head);
	memcpy(out + sizeof head, message->data, message->len);
	memcpy(out + sizeof head + message->len, trailer, sizeof trailer);
	return sizeof head + message->len + sizeof trailer;
}

static void sink_play(struct sink_connection *c, const struct sink_message *message)
{
	struct cme_chunk_message out = { .csid = 6,
					 .type = message->type,
					 .timestamp = message->timestamp,
					 .stream_id = 1,
					 .data = message->data,
					 .len = message->len };
	struct cme_buf bytes;

	cme_buf_init(&bytes, (size_t)32 * 1024 * 1024);
	cme_chunk_write(&bytes, &out, CME_CHUNK_SIZE_FIRST);
	sink_write(c, bytes.data, bytes.len);
	cme_buf_fini(&bytes);
}

static bool sink_on_play(struct sink_connection *c, const uint8_t *data, size_t len)
{
	struct cme_amf_value value;
	size_t at = cme_amf_read(data, len, &value);

	if (cme_amf_read(data + at, len - at, &value))
		snprintf(c->sink->key, sizeof c->sink->key, "%.*s", (int)value.len, (const char *)value.data);
	atomic_fetch_add(&c->sink->plays, 1);
	if (c->sink->script == SINK_NO_PUBLISH)
		return true;
	if (c->sink->script == SINK_HANG_UP)
		return false;
	if (c->sink->script == SINK_REFUSE_PUBLISH) {
		sink_answer(c, "onStatus", 0, "error", "NetStream.Play.StreamNotFound");
		return true;
	}
	if (c->sink->script == SINK_UPDATES)
		sink_update_keys(c);
	sink_answer(c, "onStatus", 0, "status", "NetStream.Play.Start");
	for (size_t i = 0; i < c->sink->tape_len; i++)
		sink_play(c, &c->sink->tape[i]);
	if (c->sink->tape_ends) /* a close would reset what the player has not read yet */
		shutdown(c->fd, SHUT_WR);
	return true;
}

static bool sink_on_command(struct sink_connection *c, const struct cme_chunk_message *message)
{
	struct cme_amf_value name, id;
	size_t at = cme_amf_read(message->data, message->len, &name);

	at += cme_amf_read(message->data + at, message->len - at, &id);
	if (cme_amf_is(&name, "connect")) {
		sink_note_app(c->sink, message->data + at, message->len - at);
		return sink_on_connect(c, id.number);
	}
	if (cme_amf_is(&name, "FCPublish") && c->sink->script == SINK_FFMPEG)
		sink_say(c, CME_RTMP_COMMAND, "\x02\x00\x0bonFCPublish", 14);
	if (cme_amf_is(&name, "createStream"))
		sink_answer(c, "_result", id.number, NULL, NULL);
	if (cme_amf_is(&name, "deleteStream"))
		atomic_fetch_add(&c->sink->goodbyes, 1);
	if (cme_amf_is(&name, "play"))
		return sink_on_play(c, message->data + at, message->len - at);
	if (cme_amf_is(&name, "publish"))
		return sink_on_publish(c, message->data + at, message->len - at);
	return true;
}

static bool sink_on_media(struct sink_connection *c, const struct cme_chunk_message *message)
{
	uint32_t *last = &c->last[message->type & 31];

	if (message->timestamp < *last)
		atomic_fetch_add(&c->sink->backwards, 1);
	*last = message->timestamp;
	if (message->type == CME_RTMP_VIDEO && message->len > 1 && c->videos == 1)
		atomic_store(&c->sink->first, message->data[message->len - 1]);
	if (message->type == CME_RTMP_VIDEO && message->len > 1 && message->data[0] == 0x17 &&
	    message->data[1] == 0)
		atomic_fetch_add(&c->sink->headers, 1);
	if (c->sink->script == SINK_PINGS)
		sink_say(c, CME_RTMP_USER_CONTROL, "\x00\x06\x00\x00\x00\x07", 6);
	/* the sequence header first, then a keyframe */
	if (message->type == CME_RTMP_VIDEO && c->videos++ < 2 &&
	    (message->len < 2 || message->data[0] != 0x17 || message->data[1] != c->videos - 1))
		atomic_fetch_add(&c->sink->headless, 1);
	atomic_fetch_add(&c->sink->media, 1);
	return c->sink->script != SINK_CUT || !atomic_load(&c->sink->cut) ||
	       atomic_load(&c->sink->connections) > 1;
}

static bool sink_on_message(struct sink_connection *c, const struct cme_chunk_message *message)
{
	if (message->type == CME_RTMP_COMMAND)
		return sink_on_command(c, message);
	if (message->type == CME_RTMP_USER_CONTROL && message->len == 6 && message->data[1] == 7)
		atomic_fetch_add(&c->sink->pongs, 1);
	if (message->type == CME_RTMP_VIDEO || message->type == CME_RTMP_AUDIO)
		return sink_on_media(c, message);
	return true;
}

static void sink_serve(struct sink_connection *c)
{
	struct cme_chunk_message message;
	uint8_t data[8192];
	bool open = sink_shake_hands(c);

	while (open) {
		ssize_t n = sink_read(c, data, sizeof data);
		const uint8_t *at = data;
		size_t len = n > 0 ? (size_t)n : 0;
		int rc = 0;

		open = n > 0;
		while (open && (rc = cme_chunk_read(&c->reader, &at, &len, &message, NULL)) == 1)
			open = sink_on_message(c, &message);
		if (rc < 0)
			open = false;
	}
}

static void *sink_run(void *arg)
{
	struct sink *sink = arg;

	while (!atomic_load(&sink->stopped)) {
		struct sink_connection c = { .sink = sink, .fd = accept(sink->listen_fd, NULL, NULL) };

		if (c.fd < 0)
			break;
		atomic_store(&sink->fd, c.fd);
		atomic_fetch_add(&sink->connections, 1);
		cme_chunk_reader_init(&c.reader);
		if (sink->tls) {
			c.ssl = SSL_new(sink->tls);
			SSL_set_fd(c.ssl, c.fd);
		}
		if (!c.ssl || SSL_accept(c.ssl) == 1)
			sink_serve(&c);
		cme_chunk_reader_fini(&c.reader);
		SSL_free(c.ssl);
		atomic_store(&sink->fd, -1);
		close(c.fd);
	}
	return NULL;
}

static bool sink_start(struct sink *sink, enum sink_script script, SSL_CTX *tls)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int small = 4096;

	*sink = (struct sink){ .script = script, .tls = tls, .fd = -1 };
	sink->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (script == SINK_STOP_READING || script == SINK_PINGS)
		setsockopt(sink->listen_fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	if (bind(sink->listen_fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(sink->listen_fd, 16) != 0 ||
	    getsockname(sink->listen_fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	sink->port = ntohs(address.sin_port);
	return pipe(sink->stop_pipe) == 0 && pthread_create(&sink->thread, NULL, sink_run, sink) == 0;
}

/* Ends the thread wherever it is. */
static void sink_stop(struct sink *sink)
{
	int fd;

	atomic_store(&sink->stopped, true);
	shutdown(sink->listen_fd, SHUT_RDWR);
	fd = atomic_load(&sink->fd);
	if (fd >= 0)
		shutdown(fd, SHUT_RDWR);
	(void)!write(sink->stop_pipe[1], "", 1);
	pthread_join(sink->thread, NULL);
	close(sink->listen_fd);
	close(sink->stop_pipe[0]);
	close(sink->stop_pipe[1]);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * A server's half of an RTMP connection, without the connection: bytes received go in, what the owner has to
 * know comes out one by one, and so do bytes to send ("Adobe's Real Time Messaging Protocol", 2012, sections
 * 5.2 and 7; Enhanced RTMP v1 and v2 for what the answer to connect announces). Encoders publish and viewers
 * play here, and the owner decides who may.
 *
 *     C0C1 -> C2 -> CONNECT -> CONNECTING -> READY ------> ASKED -> LIVE ----> READY (it unpublished)
 *                   connect        |         createStream    |  `-> PLAYING -> ENDED (it stopped)
 *                                  |         publish, play   |
 *                                  +-------------------------+-> ENDED (refused)
 *
 * Until the owner has admitted it a client is a stranger: all that is kept of it is this struct, one message
 * that is not whole yet, and answers that it has not read (CME_RTMP_STRANGER_MAX of each). Only of one that
 * publishes may messages be as large as media are: one that plays has nothing long to say.
 *
 * The owner sends what is in `out` and consumes it, and the media of one that plays, in chunks of
 * `chunk_size`; what is in `out` may stand between two of their messages, never inside one. Deadlines are the
 * owner's. The stream key is handed out and not kept. Pure; one thread at a time per server.
 */
#ifndef CME_RTMP_SERVER_SERVER_H
#define CME_RTMP_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"
#include "rtmp/chunk.h"

#define CME_RTMP_STRANGER_MAX   4095 /* bytes, so that a buffer of them takes 4 KB */
#define CME_RTMP_SERVER_APP_MAX 512  /* bytes of an application, with its query */
#define CME_RTMP_SERVER_CHUNK   4096 /* ours, once connected */

enum cme_rtmp_server_state {
	CME_RTMP_SERVER_C0C1,       /* waiting for the client's version and random bytes */
	CME_RTMP_SERVER_C2,         /* and for its echo of ours */
	CME_RTMP_SERVER_CONNECT,    /* for connect */
	CME_RTMP_SERVER_CONNECTING, /* for the owner, who accepts or refuses */
	CME_RTMP_SERVER_READY,      /* for publish or play */
	CME_RTMP_SERVER_ASKED,      /* for the owner, who admits or refuses */
	CME_RTMP_SERVER_LIVE,       /* it sends media */
	CME_RTMP_SERVER_PLAYING,    /* it gets them */
	CME_RTMP_SERVER_ENDED,      /* after a refusal or a failure: nothing more is read */
};

/* What came of a read. */
enum cme_rtmp_heard {
	CME_RTMP_HEARD_NOTHING,   /* all was taken, more is needed */
	CME_RTMP_HEARD_CONNECT,   /* `app` is known; the owner accepts or refuses before it reads on */
	CME_RTMP_HEARD_PUBLISH,   /* it asks to publish; the owner admits or refuses before it reads on */
	CME_RTMP_HEARD_PLAY,      /* it asks to play; so here */
	CME_RTMP_HEARD_MEDIA,     /* a message of picture, sound or data */
	CME_RTMP_HEARD_UNPUBLISH, /* the encoder ended the stream */
	CME_RTMP_HEARD_STOP,      /* the viewer has seen enough; state ENDED */
};

struct cme_rtmp_server {
	enum cme_rtmp_server_state state;
	struct cme_buf out;                /* to be sent, in order */
	char app[CME_RTMP_SERVER_APP_MAX]; /* as the client has it, with its query */
	uint64_t received;                 /* bytes since the start */
	size_t chunk_size;                 /* ours: of the media that the owner writes */
	bool plays;                        /* what it asked for the last time was to play */

	/* the server's own */
	struct cme_buf greeting; /* the part of C0C1 or C2 that came */
	double connect_id;       /* transaction of connect, which the owner's decision answers */
	uint64_t seed;
	struct cme_chunk_reader reader;
	uint32_t window;       /* acknowledge after this many bytes */
	uint64_t acknowledged; /* `received` at our last acknowledgement */
};

/* A stream key, or the name of a stream to play, as a client sent it, with its query; in the message, no NUL.
 */
struct cme_rtmp_key {
	const char *text;
	size_t len;
};

/* What a read hands out; valid until the next. */
struct cme_rtmp_heard_what {
	struct cme_chunk_message message; /* MEDIA */
	struct cme_rtmp_key key;          /* PUBLISH, PLAY */
};

/* seed: of the handshake's random bytes. */
void cme_rtmp_server_init(struct cme_rtmp_server *server, uint64_t seed);
void cme_rtmp_server_fini(struct cme_rtmp_server *server);

/* Takes bytes received up to what the owner has to know; *data and *len move past what was taken. -1 with err
 * and state ENDED: network.protocol, media.too_large. */
int cme_rtmp_server_read(struct cme_rtmp_server *server, const uint8_t **data, size_t *len,
			 struct cme_rtmp_heard_what *what, struct cme_err *err);

/* It may connect (state CONNECTING). */
void cme_rtmp_server_accept(struct cme_rtmp_server *server);

/* It may publish (state ASKED): messages may have so many bytes from now on. */
void cme_rtmp_server_admit(struct cme_rtmp_server *server, size_t message_max);

/* It may play (state ASKED): media may follow. */
void cme_rtmp_server_play(struct cme_rtmp_server *server);

/* It may not, or not any longer: the words stand in the client's log. It is its connect that fails while that
 * waits for an answer (section 7.2.1.1). State ENDED. */
void cme_rtmp_server_refuse(struct cme_rtmp_server *server, const char *words);

/* What it plays has ended. State ENDED. */
void cme_rtmp_server_finish(struct cme_rtmp_server *server);

#endif

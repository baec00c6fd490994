/* SPDX-License-Identifier: MIT
 *
 * A client's half of an RTMP connection, one that publishes or one that plays, without the connection: bytes
 * received go in, the state changes, bytes to send come out ("Adobe's Real Time Messaging Protocol", 2012,
 * sections 5.2 and 7; Enhanced RTMP v1 and v2 for what connect announces). Simple handshake; releaseStream
 * and FCPublish as encoders send them.
 *
 * A server may ask for another connection while it takes media, or gives them (Enhanced RTMP v2, "Reconnect
 * Request"): `reconnect` says so then, and `redirect` where to.
 *
 *     S0S1 -> S2 -> CONNECT -> CREATE -> ASKED -> LIVE
 *      C0C1   C2     connect   createStream  publish or play
 *
 * Once live the owner of a publishing session sends media itself, and that of a playing one reads them. The
 * owner sends what is in `out`, consumes it, and keeps it apart from its media: control bytes may
 * stand between two media messages, never inside one. Deadlines are the owner's. What the peer says about
 * a refusal ends up in the error without the stream key. Pure; one thread at a time per session.
 */
#ifndef CME_RTMP_SESSION_H
#define CME_RTMP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/err.h"
#include "rtmp/both/handshake.h"
#include "rtmp/chunk.h"
#include "rtmp/client/login.h"
#include "rtmp/client/offer.h"
#include "rtmp/url.h"

#define CME_RTMP_CHUNK_SIZE   60000 /* ours, once connected: what SRS uses towards other servers */
#define CME_RTMP_REDIRECT_MAX 1024
#define CME_RTMP_WINDOW       2500000 /* bytes: the acknowledgement window that we announce */

enum cme_rtmp_state {
	CME_RTMP_IDLE,    /* before start */
	CME_RTMP_S0S1,    /* waiting for the server's version and random bytes */
	CME_RTMP_S2,      /* and for its echo of ours */
	CME_RTMP_CONNECT, /* for the answer to connect */
	CME_RTMP_CREATE,  /* to createStream */
	CME_RTMP_ASKED,   /* to publish or play */
	CME_RTMP_LIVE,    /* the server takes media, or sends them */
	CME_RTMP_ENDED,   /* after goodbye, or after a failure */
};

struct cme_rtmp_session_config {
	const struct cme_rtmp_url *url; /* copied */
	const char *login;  /* stands behind the application (client/login.h); NULL: nothing; copied */
	bool play;          /* it plays; else it publishes */
	bool enhanced;      /* one that publishes announces Enhanced RTMP; one that plays always does */
	size_t message_max; /* bytes of a message of media that one that plays takes */
	uint64_t seed;      /* of the handshake's random bytes */
};

struct cme_rtmp_session {
	enum cme_rtmp_state state;
	struct cme_buf out;                   /* to be sent, in order */
	uint32_t stream_id;                   /* of the stream, once state is ASKED */
	uint32_t chunk_size;                  /* ours: of media messages the owner writes */
	uint64_t received;                    /* bytes since the start */
	char redirect[CME_RTMP_REDIRECT_MAX]; /* where the server sends its clients, as a tcUrl or a part of
					       * one (url.h); "": nowhere else */
	bool reconnect;                       /* the server asked for another connection */
	struct cme_rtmp_offer offer;          /* what it takes, once the state is CREATE */
	char words[CME_RTMP_REDIRECT_MAX];    /* in which it refused connect, for the login; "": it did not */
	uint32_t acked;                       /* the last count the server has acknowledged; wraps */

	/* the session's own */
	struct cme_rtmp_url url;
	char login[CME_LOGIN_QUERY_MAX];
	bool play;
	bool enhanced;
	uint64_t seed;
	uint8_t handshake[1 + CME_RTMP_HANDSHAKE_SIZE]; /* S0S1, then S2 */
	size_t handshake_len;
	struct cme_chunk_reader reader;
	uint32_t window;       /* acknowledge after this many bytes; 0: never */
	uint32_t window_sent;  /* the window we announced; 0: none */
	uint64_t acknowledged; /* `received` at our last acknowledgement */
};

/* Makes a session in IDLE. Later allocations that fail show as a failed out.failed or feed. */
void cme_rtmp_session_init(struct cme_rtmp_session *session, const struct cme_rtmp_session_config *config);

/* Also wipes the URL and the login from memory. */
void cme_rtmp_session_fini(struct cme_rtmp_session *session);

/* The connection is up: begins the handshake. */
void cme_rtmp_session_start(struct cme_rtmp_session *session);

/* Takes bytes received, up to the end of the next message of media or data of a session that plays; *data and
 * *len move past what was taken. 1: *message is that message, its data valid until the next call; 0: all was
 * taken, more is needed; -1 with err and state ENDED: publish.refused or source.refused (the server said no,
 * or ended the publishing; `redirect` may say where to go instead), source.ended (it ended the playing),
 * network.protocol, media.too_large. */
int cme_rtmp_session_read(struct cme_rtmp_session *session, const uint8_t **data, size_t *len,
			  struct cme_chunk_message *message, struct cme_err *err);

/* Takes all of the bytes received, for a session that publishes. 0, or -1 as above. */
int cme_rtmp_session_feed(struct cme_rtmp_session *session, const uint8_t *data, size_t len,
			  struct cme_err *err);

/* Puts deleteStream, and FCUnpublish before it, into out, if there is a stream to end. State ENDED. */
void cme_rtmp_session_goodbye(struct cme_rtmp_session *session);

/* What the session waits for, for a message: "the answer to connect". */
const char *cme_rtmp_session_waiting(const struct cme_rtmp_session *session);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a session (session.h) says to its server: commands and control messages, appended to session->out. For
 * session.c alone. Pure; one thread at a time per session.
 */
#ifndef CME_RTMP_CLIENT_SAY_H
#define CME_RTMP_CLIENT_SAY_H

#include "rtmp/session.h"

/* Transaction ids are fixed: each command is sent once. */
enum cme_rtmp_id {
	CME_RTMP_ID_CONNECT = 1,
	CME_RTMP_ID_RELEASE = 2,
	CME_RTMP_ID_FCPUBLISH = 3,
	CME_RTMP_ID_CREATE = 4,
	CME_RTMP_ID_ASK = 5, /* publish or play */
	CME_RTMP_ID_FCUNPUBLISH = 6,
	CME_RTMP_ID_DELETE = 7,
	CME_RTMP_ID_LAST = CME_RTMP_ID_DELETE
};

void cme_rtmp_say_connect(struct cme_rtmp_session *session);

/* createStream, and what goes with it: releaseStream and FCPublish as encoders send them, or the window that
 * a player has. */
void cme_rtmp_say_create(struct cme_rtmp_session *session);

/* publish or play, once there is a stream id. */
void cme_rtmp_say_ask(struct cme_rtmp_session *session);

/* FCUnpublish and deleteStream. */
void cme_rtmp_say_end(struct cme_rtmp_session *session);

/* A control message of one number. */
void cme_rtmp_say_number(struct cme_rtmp_session *session, enum cme_rtmp_type type, uint32_t value);

/* The answer to a ping with these four bytes. */
void cme_rtmp_say_pong(struct cme_rtmp_session *session, const uint8_t stamp[4]);

#endif

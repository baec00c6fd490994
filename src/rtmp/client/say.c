/* SPDX-License-Identifier: MIT */
#include "rtmp/client/say.h"

#include <stdio.h>
#include <string.h>

#include "rtmp/amf.h"
#include "rtmp/both/command.h"
#include "rtmp/both/enhanced.h"
#include "stream/bytes.h"

#define FLASH_VER  "FMLE/3.0 (compatible; cme/" CME_VERSION ")"
#define BUFFER_MS  3000    /* what a player says it buffers, as players do */
#define LIVE_FIRST (-2000) /* "start" of play: what is live, else a recording of that name */

/* What an old server asks of a player: all codecs, all of their functions. */
#define PLAYER_CAPABILITIES 15
#define PLAYER_AUDIO_CODECS 4071
#define PLAYER_VIDEO_CODECS 252
#define PLAYER_VIDEO_SEEK   1

static struct cme_rtmp_voice voice(struct cme_rtmp_session *session)
{
	return (struct cme_rtmp_voice){ &session->out, session->chunk_size };
}

void cme_rtmp_say_number(struct cme_rtmp_session *session, enum cme_rtmp_type type, uint32_t value)
{
	cme_rtmp_send_number(voice(session), type, value);
}

void cme_rtmp_say_pong(struct cme_rtmp_session *session, const uint8_t stamp[4])
{
	cme_rtmp_send_pong(voice(session), stamp);
}

/* A part of the URL, and the login behind it. */
static void put_with_login(struct cme_buf *body, const char *key, const struct cme_rtmp_session *session,
			   const char *part)
{
	char text[CME_RTMP_HOST_MAX + CME_RTMP_APP_MAX + 32 + CME_LOGIN_QUERY_MAX];

	snprintf(text, sizeof text, "%s%s", part, session->login);
	cme_rtmp_put_text(body, key, text);
}

static void put_player(struct cme_buf *body)
{
	cme_rtmp_put_number(body, "capabilities", PLAYER_CAPABILITIES);
	cme_rtmp_put_number(body, "audioCodecs", PLAYER_AUDIO_CODECS);
	cme_rtmp_put_number(body, "videoCodecs", PLAYER_VIDEO_CODECS);
	cme_rtmp_put_number(body, "videoFunction", PLAYER_VIDEO_SEEK);
}

void cme_rtmp_say_connect(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, "connect", CME_RTMP_ID_CONNECT);
	cme_amf_begin_object(&body);
	put_with_login(&body, "app", session, session->url.app);
	if (!session->play)
		cme_rtmp_put_text(&body, "type", "nonprivate");
	cme_rtmp_put_text(&body, "flashVer", FLASH_VER);
	put_with_login(&body, "tcUrl", session, session->url.tc_url);
	if (session->play)
		put_player(&body);
	if (session->play)
		cme_rtmp_put_enhanced(&body, CME_RTMP_CAPS_RECONNECT | CME_RTMP_CAPS_MULTITRACK |
						     CME_RTMP_CAPS_MODEX | CME_RTMP_CAPS_NANOSECONDS);
	else if (session->enhanced)
		cme_rtmp_put_enhanced(&body,
				      CME_RTMP_CAPS_RECONNECT); /* the others are for those who read media */
	cme_amf_end_object(&body);
	cme_rtmp_command_end(voice(session), &body, 0);
}

/* A command without object: null, and the stream key where the command has one. */
static void send_named(struct cme_rtmp_session *session, const char *name, int id, const char *key)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, name, id);
	cme_amf_put_null(&body);
	if (key)
		cme_amf_put_string(&body, key);
	cme_rtmp_command_end(voice(session), &body, 0);
}

void cme_rtmp_say_create(struct cme_rtmp_session *session)
{
	if (session->play) {
		cme_rtmp_say_number(session, CME_RTMP_WINDOW_ACK_SIZE, CME_RTMP_WINDOW);
	} else {
		cme_rtmp_say_number(session, CME_RTMP_SET_CHUNK_SIZE, CME_RTMP_CHUNK_SIZE);
		session->chunk_size = CME_RTMP_CHUNK_SIZE;
		send_named(session, "releaseStream", CME_RTMP_ID_RELEASE, session->url.key);
		send_named(session, "FCPublish", CME_RTMP_ID_FCPUBLISH, session->url.key);
	}
	send_named(session, "createStream", CME_RTMP_ID_CREATE, NULL);
}

/* The stream's id and the player's buffer in milliseconds. */
static void send_buffer_length(struct cme_rtmp_session *session)
{
	uint8_t event[10] = { 0, CME_RTMP_BUFFER_LENGTH };

	cme_put_be32(event + 2, session->stream_id);
	cme_put_be32(event + 6, BUFFER_MS);
	cme_rtmp_send_control(voice(session), CME_RTMP_USER_CONTROL, event, sizeof event);
}

void cme_rtmp_say_ask(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	cme_rtmp_command_begin(&body, session->play ? "play" : "publish", CME_RTMP_ID_ASK);
	cme_amf_put_null(&body);
	cme_amf_put_string(&body, session->url.key);
	if (session->play)
		cme_amf_put_number(&body, LIVE_FIRST);
	else
		cme_amf_put_string(&body, "live");
	cme_rtmp_command_end(voice(session), &body, session->stream_id);
	if (session->play)
		send_buffer_length(session);
}

void cme_rtmp_say_end(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	if (!session->play)
		send_named(session, "FCUnpublish", CME_RTMP_ID_FCUNPUBLISH, session->url.key);
	cme_rtmp_command_begin(&body, "deleteStream", CME_RTMP_ID_DELETE);
	cme_amf_put_null(&body);
	cme_amf_put_number(&body, session->stream_id);
	cme_rtmp_command_end(voice(session), &body, 0);
}

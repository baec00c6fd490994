/* SPDX-License-Identifier: MIT */
#include "rtmp/client/say.h"

#include <stdio.h>
#include <string.h>

#include "rtmp/amf.h"
#include "stream/bytes.h"
#include "stream/flv/codec.h"

#define COMMAND_MAX 8192
#define FLASH_VER   "FMLE/3.0 (compatible; cme/" CME_VERSION ")"
#define BUFFER_MS   3000    /* what a player says it buffers, as players do */
#define LIVE_FIRST  (-2000) /* "start" of play: what is live, else a recording of that name */

/* What an old server asks of a player: all codecs, all of their functions. */
#define PLAYER_CAPABILITIES 15
#define PLAYER_AUDIO_CODECS 4071
#define PLAYER_VIDEO_CODECS 252
#define PLAYER_VIDEO_SEEK   1

/* Enhanced RTMP v2, "Enhancing NetConnection connect Command". */
enum { CAN_FORWARD = 4 };
enum { CAPS_RECONNECT = 1, CAPS_MULTITRACK = 2, CAPS_MODEX = 4, CAPS_NANOSECONDS = 8 };

enum { CSID_CONTROL = 2, CSID_COMMAND = 3 };

/* User control events (section 7.1.7). */
enum { EVENT_BUFFER = 3, EVENT_PONG = 7 };

static void send_message(struct cme_rtmp_session *session, struct cme_chunk_message message)
{
	cme_chunk_write(&session->out, &message, session->chunk_size);
}

void cme_rtmp_say_number(struct cme_rtmp_session *session, enum cme_rtmp_type type, uint32_t value)
{
	uint8_t data[4];

	cme_put_be32(data, value);
	send_message(session, (struct cme_chunk_message){
				      .csid = CSID_CONTROL, .type = (uint8_t)type, .data = data, .len = 4 });
}

static void send_event(struct cme_rtmp_session *session, const uint8_t *data, size_t len)
{
	send_message(session,
		     (struct cme_chunk_message){
			     .csid = CSID_CONTROL, .type = CME_RTMP_USER_CONTROL, .data = data, .len = len });
}

void cme_rtmp_say_pong(struct cme_rtmp_session *session, const uint8_t stamp[4])
{
	uint8_t pong[6] = { 0, EVENT_PONG };

	memcpy(pong + 2, stamp, 4);
	send_event(session, pong, sizeof pong);
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

/* A part of the URL, and the login behind it. */
static void put_with_login(struct cme_buf *body, const char *key, const struct cme_rtmp_session *session,
			   const char *part)
{
	char text[CME_RTMP_HOST_MAX + CME_RTMP_APP_MAX + 32 + CME_LOGIN_QUERY_MAX];

	snprintf(text, sizeof text, "%s%s", part, session->login);
	put_member(body, key, text);
}

static void put_number(struct cme_buf *body, const char *key, double value)
{
	cme_amf_put_key(body, key);
	cme_amf_put_number(body, value);
}

static void put_fourcc(struct cme_buf *body, enum cme_flv_codec codec)
{
	char text[5] = { 0 };

	cme_put_be32((uint8_t *)text, cme_flv_codec_fourcc(codec));
	cme_amf_put_string(body, text);
}

static void put_player(struct cme_buf *body)
{
	put_number(body, "capabilities", PLAYER_CAPABILITIES);
	put_number(body, "audioCodecs", PLAYER_AUDIO_CODECS);
	put_number(body, "videoCodecs", PLAYER_VIDEO_CODECS);
	put_number(body, "videoFunction", PLAYER_VIDEO_SEEK);
}

/* Servers of Enhanced RTMP v1 look at the list, those of v2 at the maps. */
static void put_enhanced(struct cme_buf *body, unsigned caps)
{
	cme_amf_put_key(body, "fourCcList");
	cme_amf_begin_array(body, CME_FLV_CODECS - 1);
	for (int codec = CME_FLV_NONE + 1; codec < CME_FLV_CODECS; codec++)
		put_fourcc(body, (enum cme_flv_codec)codec);
	cme_amf_put_key(body, "videoFourCcInfoMap");
	cme_amf_begin_object(body);
	put_number(body, "*", CAN_FORWARD);
	cme_amf_end_object(body);
	cme_amf_put_key(body, "audioFourCcInfoMap");
	cme_amf_begin_object(body);
	put_number(body, "*", CAN_FORWARD);
	cme_amf_end_object(body);
	put_number(body, "capsEx", caps);
}

void cme_rtmp_say_connect(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	begin_command(&body, "connect", CME_RTMP_ID_CONNECT);
	cme_amf_begin_object(&body);
	put_with_login(&body, "app", session, session->url.app);
	if (!session->play)
		put_member(&body, "type", "nonprivate");
	put_member(&body, "flashVer", FLASH_VER);
	put_with_login(&body, "tcUrl", session, session->url.tc_url);
	if (session->play)
		put_player(&body);
	if (session->play)
		put_enhanced(&body, CAPS_RECONNECT | CAPS_MULTITRACK | CAPS_MODEX | CAPS_NANOSECONDS);
	else if (session->enhanced)
		put_enhanced(&body, CAPS_RECONNECT); /* the others are for those who read media */
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
	uint8_t event[10] = { 0, EVENT_BUFFER };

	cme_put_be32(event + 2, session->stream_id);
	cme_put_be32(event + 6, BUFFER_MS);
	send_event(session, event, sizeof event);
}

void cme_rtmp_say_ask(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	begin_command(&body, session->play ? "play" : "publish", CME_RTMP_ID_ASK);
	cme_amf_put_null(&body);
	cme_amf_put_string(&body, session->url.key);
	if (session->play)
		cme_amf_put_number(&body, LIVE_FIRST);
	else
		cme_amf_put_string(&body, "live");
	end_command(session, &body, session->stream_id);
	if (session->play)
		send_buffer_length(session);
}

void cme_rtmp_say_end(struct cme_rtmp_session *session)
{
	struct cme_buf body;

	if (!session->play)
		send_named(session, "FCUnpublish", CME_RTMP_ID_FCUNPUBLISH, session->url.key);
	begin_command(&body, "deleteStream", CME_RTMP_ID_DELETE);
	cme_amf_put_null(&body);
	cme_amf_put_number(&body, session->stream_id);
	end_command(session, &body, 0);
}

/* SPDX-License-Identifier: MIT */
#include "stream/flv/body.h"

#include "stream/bytes.h"

#define NANOSECONDS_END 1000000u /* of a millisecond */

/* The old format: what stands in the first bytes. */
enum { ENHANCED_VIDEO = 0x80, ENHANCED_AUDIO = 9, FRAME_KEY = 1, FRAME_COMMAND = 5 };
enum { AVC_CONFIG = 0, AVC_FRAMES = 1, AVC_END = 2, AAC_CONFIG = 0, AAC_FRAMES = 1 };

/* Packet types of Enhanced RTMP. Those of sound that are not here are as those of pictures. */
enum { START = 0, FRAMES = 1, END = 2, FRAMES_X = 3, METADATA = 4, VIDEO_TRACKS = 6, MODIFIED = 7 };
enum { AUDIO_TRACKS = 5 };
enum { OFFSET_NANO = 0, DAMAGED = 14, COMPOSITION_NANO = 15 }; /* types of ModEx; from 14 ours (writer.h) */
enum { ONE_TRACK = 0, MANY_TRACKS = 1, MANY_CODECS = 2 };

void cme_flv_body_init(struct cme_flv_body *body, bool video, const uint8_t *data, size_t len)
{
	*body = (struct cme_flv_body){ .video = video, .data = data, .len = len };
}

static void skip(struct cme_flv_body *body, size_t n)
{
	body->data += n;
	body->len -= n;
}

/* The next bytes as a number. false: they are not there. */
static bool take(struct cme_flv_body *body, size_t bytes, uint32_t *value)
{
	if (body->len < bytes)
		return false;
	*value = 0;
	for (size_t i = 0; i < bytes; i++)
		*value = *value << 8 | body->data[i];
	skip(body, bytes);
	return true;
}

static unsigned frame_type(const struct cme_flv_body *body)
{
	return body->first >> 4 & 7;
}

/* A composition time is a signed number of 24 bits. */
static bool take_composition(struct cme_flv_body *body, int32_t *composition_ms)
{
	uint32_t bits;

	if (!take(body, 3, &bits))
		return false;
	*composition_ms = (int32_t)(bits ^ 0x800000u) - 0x800000;
	return true;
}

static int give(struct cme_flv_body *body, struct cme_flv_unit *unit, enum cme_flv_part part, size_t len)
{
	unit->part = part;
	unit->data = body->data;
	unit->len = len;
	skip(body, len);
	return 1;
}

/* ---- the old format */

static int old_picture(struct cme_flv_body *body, struct cme_flv_unit *unit)
{
	static const enum cme_flv_part parts[] = {
		[AVC_CONFIG] = CME_FLV_CONFIG, [AVC_FRAMES] = CME_FLV_FRAMES, [AVC_END] = CME_FLV_END
	};
	uint32_t type;

	unit->id.number = body->first & 0x0f;
	unit->codec = cme_flv_codec_find(unit->id);
	if (frame_type(body) == FRAME_COMMAND)
		return give(body, unit, CME_FLV_NOTHING, body->len);
	if (unit->codec == CME_CODEC_NONE)
		return give(body, unit, CME_FLV_FRAMES, body->len);
	if (!take(body, 1, &type) || !take_composition(body, &unit->composition_ms))
		return -1;
	return give(body, unit, type <= AVC_END ? parts[type] : CME_FLV_NOTHING, body->len);
}

static int old_sound(struct cme_flv_body *body, struct cme_flv_unit *unit)
{
	uint32_t type = AAC_FRAMES;

	unit->id.number = body->first >> 4;
	unit->codec = cme_flv_codec_find(unit->id);
	unit->sound = body->first;
	if (unit->codec == CME_CODEC_AAC && !take(body, 1, &type))
		return -1;
	return give(body, unit,
		    type == AAC_CONFIG   ? CME_FLV_CONFIG
		    : type == AAC_FRAMES ? CME_FLV_FRAMES
					 : CME_FLV_NOTHING,
		    body->len);
}

/* ---- Enhanced RTMP */

/* One modifier, and the type of the packet behind it. Its size is at least 1; 256 and more have a longer
 * field. */
static bool take_modifier(struct cme_flv_body *body)
{
	uint32_t size, types;
	const uint8_t *data;

	if (!take(body, 1, &size) || (size == 0xff && !take(body, 2, &size)) || body->len < size + 1)
		return false;
	data = body->data;
	skip(body, size + 1);
	if (!take(body, 1, &types))
		return false;
	body->packet = types & 0x0f;
	if (types >> 4 == OFFSET_NANO && size + 1 >= 3)
		body->nanoseconds = cme_get_be24(data) % NANOSECONDS_END;
	if (types >> 4 == COMPOSITION_NANO && size + 1 >= 3)
		body->composition_nanoseconds = cme_get_be24(data) % NANOSECONDS_END;
	body->damaged = body->damaged || types >> 4 == DAMAGED;
	return true;
}

/* The tracks of one message are in packets of the same type. */
static bool take_tracks(struct cme_flv_body *body)
{
	uint32_t types;

	if (!take(body, 1, &types) || types >> 4 > MANY_CODECS)
		return false;
	body->packet = types & 0x0f;
	body->form = types >> 4 == ONE_TRACK     ? CME_FLV_ONE
		     : types >> 4 == MANY_TRACKS ? CME_FLV_MANY
						 : CME_FLV_MIXED;
	return true;
}

/* Up to the first track. false: malformed. */
static bool open_enhanced(struct cme_flv_body *body)
{
	body->form = CME_FLV_SINGLE;
	body->packet = body->first & 0x0f;
	while (body->packet == MODIFIED)
		if (!take_modifier(body))
			return false;
	if (body->video && body->packet != METADATA && frame_type(body) == FRAME_COMMAND) {
		body->form = CME_FLV_DONE;
		return true;
	}
	if (body->packet == (body->video ? VIDEO_TRACKS : AUDIO_TRACKS) && !take_tracks(body))
		return false;
	return body->form == CME_FLV_MIXED || take(body, 4, &body->fourcc);
}

/* The head of the next track. *size: its bytes. false: malformed. */
static bool open_track(struct cme_flv_body *body, struct cme_flv_unit *unit, size_t *size)
{
	uint32_t track = 0, bytes;

	unit->id.number = body->fourcc;
	if (body->form == CME_FLV_MIXED && !take(body, 4, &unit->id.number))
		return false;
	if (body->form != CME_FLV_SINGLE && !take(body, 1, &track))
		return false;
	unit->track = (uint8_t)track;
	unit->codec = cme_flv_codec_find(unit->id);
	*size = body->len;
	if (body->form != CME_FLV_MANY && body->form != CME_FLV_MIXED)
		return true;
	if (!take(body, 3, &bytes) || bytes > body->len)
		return false;
	*size = bytes;
	return true;
}

static enum cme_flv_part part_of(bool video, unsigned packet)
{
	switch (packet) {
	case START:
		return CME_FLV_CONFIG;
	case FRAMES:
		return CME_FLV_FRAMES;
	case FRAMES_X:
		return video ? CME_FLV_FRAMES : CME_FLV_NOTHING;
	case END:
		return CME_FLV_END;
	case METADATA:
		return video ? CME_FLV_METADATA : CME_FLV_CHANNELS;
	default:
		return CME_FLV_NOTHING;
	}
}

static int next_track(struct cme_flv_body *body, struct cme_flv_unit *unit)
{
	size_t size, before;

	if (!open_track(body, unit, &size))
		return -1;
	before = body->len;
	if (body->packet == FRAMES && cme_flv_codec_composed(unit->codec) &&
	    (size < 3 || !take_composition(body, &unit->composition_ms)))
		return -1;
	return give(body, unit, part_of(body->video, body->packet), size - (before - body->len));
}

/* An empty message of sound means silence. false: malformed. */
static bool open_body(struct cme_flv_body *body)
{
	uint32_t first;

	body->form = CME_FLV_DONE;
	if (!take(body, 1, &first))
		return true;
	body->first = (uint8_t)first;
	if (body->video ? first & ENHANCED_VIDEO : first >> 4 == ENHANCED_AUDIO)
		return open_enhanced(body);
	body->form = CME_FLV_OLD;
	return true;
}

static int next_unit(struct cme_flv_body *body, struct cme_flv_unit *unit)
{
	*unit = (struct cme_flv_unit){ .id = { .video = body->video, .enhanced = body->form != CME_FLV_OLD },
				       .keyframe = body->video && frame_type(body) == FRAME_KEY,
				       .nanoseconds = body->nanoseconds,
				       .composition_nanoseconds = body->composition_nanoseconds,
				       .damaged = body->damaged };
	if (body->form == CME_FLV_OLD)
		return body->video ? old_picture(body, unit) : old_sound(body, unit);
	return next_track(body, unit);
}

int cme_flv_body_next(struct cme_flv_body *body, struct cme_flv_unit *unit)
{
	int rc;

	if (body->form == CME_FLV_OPENING && !open_body(body)) {
		body->form = CME_FLV_DONE;
		return -1;
	}
	if (body->form == CME_FLV_DONE)
		return 0;
	rc = next_unit(body, unit);
	if (rc < 0 || body->len == 0)
		body->form = CME_FLV_DONE;
	return rc;
}

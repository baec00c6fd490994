/* SPDX-License-Identifier: MIT */
#include "relay/source/flv_reader.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "rtmp/amf.h"
#include "rtmp/chunk.h"
#include "stream/codec/sound.h"
#include "stream/flv/file.h"

#define STEP_MAX_MS 60000 /* a clock that moves by no more goes on */
#define SCRIPT_MAX  65536 /* bytes of a data message that is looked at */
#define PICTURE_MAX 16384 /* the most that a side of a picture may be said to have */

void cme_flv_reader_init(struct cme_flv_reader *reader, const int *track)
{
	*reader = (struct cme_flv_reader){ .kind = -1,
					   .gap_ms = -1,
					   .track = { CME_TRACK_FIRST, CME_TRACK_FIRST } };
	cme_gather_init(&reader->gather, true);
	for (int i = 0; track && i < CME_STREAMS; i++)
		reader->track[i] = track[i];
}

void cme_flv_reader_fini(struct cme_flv_reader *reader)
{
	cme_gather_fini(&reader->gather);
}

/* ---- messages */

/* A member of an object that is a plausible side of a picture, else what was. */
static int side(const struct cme_amf_value *object, const char *key, int was)
{
	struct cme_amf_value value;

	if (!cme_amf_find(object, key, &value) || value.type != CME_AMF_NUMBER || !(value.number >= 1) ||
	    value.number > PICTURE_MAX)
		return was;
	return (int)value.number;
}

/* A hint: what it says of streams promises nothing. */
static void look_at_data(struct cme_flv_reader *reader, const uint8_t *data, size_t len)
{
	struct cme_amf_value value = { .type = CME_AMF_NULL };
	size_t at = 0, n = 1;

	if (reader->gather.media || len > SCRIPT_MAX)
		return;
	while (n && at < len && value.type != CME_AMF_OBJECT) { /* its name, or two of them, stand before */
		n = cme_amf_read(data + at, len - at, &value);
		at += n;
	}
	reader->width = side(&value, "width", reader->width);
	reader->height = side(&value, "height", reader->height);
}

/* The clock wraps after 49 days, FFmpeg's after 24 (it writes 31 bits), and it steps back a little where
 * streams lie apart. */
static int32_t moved_ms(const struct cme_flv_reader *reader, uint32_t timestamp)
{
	uint32_t by = timestamp - (uint32_t)reader->clock_ms;
	int32_t of_31_bits = (int32_t)(by << 1) / 2;

	return of_31_bits < STEP_MAX_MS && of_31_bits > -STEP_MAX_MS ? of_31_bits : (int32_t)by;
}

static void set_clock(struct cme_flv_reader *reader, uint32_t timestamp)
{
	if (reader->gap_ms >= 0)
		reader->offset_ms = (uint32_t)(reader->clock_ms + reader->gap_ms) - timestamp;
	reader->gap_ms = -1;
	timestamp += reader->offset_ms;
	if (reader->clocked)
		reader->clock_ms += moved_ms(reader, timestamp);
	else
		reader->clock_ms = timestamp;
	reader->clocked = true;
}

static void open_message(struct cme_flv_reader *reader, uint8_t type, uint32_t timestamp, const uint8_t *data,
			 size_t len)
{
	if (type != CME_RTMP_VIDEO && type != CME_RTMP_AUDIO) {
		if (type == CME_RTMP_DATA)
			look_at_data(reader, data, len);
		return;
	}
	set_clock(reader, timestamp);
	reader->kind = type == CME_RTMP_VIDEO ? CME_VIDEO : CME_AUDIO;
	cme_flv_body_init(&reader->body, reader->kind == CME_VIDEO, data, len);
}

void cme_flv_reader_feed(struct cme_flv_reader *reader, uint8_t type, uint32_t timestamp, const uint8_t *data,
			 size_t len)
{
	reader->foreign = true;
	if (type != CME_RTMP_AGGREGATE) {
		open_message(reader, type, timestamp, data, len);
		return;
	}
	reader->tags = data;
	reader->tags_len = len;
	reader->tags_offset = timestamp;
	reader->tags_fresh = true;
}

void cme_flv_reader_rejoin(struct cme_flv_reader *reader, int64_t gap_ms)
{
	if (reader->clocked)
		reader->gap_ms = gap_ms > 0 ? gap_ms : 0;
}

/* The time of an aggregate message is that of its first tag. false: there is no other tag. */
static bool open_next_tag(struct cme_flv_reader *reader)
{
	struct cme_flv_tag tag;

	if (!cme_flv_next_tag(&reader->tags, &reader->tags_len, &tag)) {
		reader->tags_len = 0;
		return false;
	}
	if (reader->tags_fresh)
		reader->tags_offset -= tag.timestamp;
	reader->tags_fresh = false;
	open_message(reader, tag.type, tag.timestamp + reader->tags_offset, tag.data, tag.len);
	return true;
}

/* ---- parameters */

static void set_sound(struct cme_params *par, const struct cme_sound *sound)
{
	par->sample_rate = sound->sample_rate;
	par->frame_size = sound->samples;
	par->channels = sound->channels;
}

/* The four rates that the old format can tell; the frames know better. */
static void set_sound_by_flags(struct cme_params *par, uint8_t flags)
{
	set_sound(par, &(struct cme_sound){ .sample_rate = 44100 >> (3 - (flags >> 2 & 3)),
					    .channels = 1 + (flags & 1) });
}

static bool has_codec(const struct cme_flv_reader *reader, int kind, enum cme_codec codec)
{
	const struct cme_params *par = reader->gather.par[kind];

	return par && par->codec == codec;
}

/* Forgets what the stream was if that is another codec. CME_END_CHANGED: packets of it went out or
 * wait, so the source has to be opened anew. */
static int leave_codec(struct cme_flv_reader *reader, int kind, enum cme_codec codec)
{
	struct cme_gather *gather = &reader->gather;

	if (has_codec(reader, kind, codec))
		return 0;
	if (gather->media || gather->pending.count)
		return gather->par[kind] ? CME_END_CHANGED : 0;
	cme_params_free(&gather->par[kind]);
	return 0;
}

static int alloc_stream(struct cme_flv_reader *reader, int kind, enum cme_codec codec)
{
	struct cme_params *par;
	int rc = leave_codec(reader, kind, codec);

	if (rc < 0 || reader->gather.par[kind])
		return rc;
	par = cme_params_new(codec);
	if (!par)
		return CME_END_MEMORY;
	if (kind == CME_VIDEO) {
		par->width = reader->width;
		par->height = reader->height;
	}
	reader->gather.par[kind] = par;
	return 0;
}

static int configure(struct cme_flv_reader *reader, const struct cme_flv_unit *unit)
{
	struct cme_gather *gather = &reader->gather;
	struct cme_params *par = gather->par[reader->kind];
	struct cme_sound sound;

	if (cme_gather_has_sets(gather, reader->kind))
		cme_sets_read(&gather->sets, unit->data, unit->len);
	if (cme_sound_read_config(par->codec, unit->data, unit->len, &sound))
		set_sound(par, &sound);
	return cme_gather_configure(gather, reader->kind, unit->data, unit->len);
}

/* What the first frame of sound tells of it. */
static void describe_sound(struct cme_flv_reader *reader, const struct cme_flv_unit *unit)
{
	struct cme_params *par = reader->gather.par[reader->kind];
	struct cme_sound sound;

	if (cme_sound_read_frame(par->codec, unit->data, unit->len, &sound)) {
		set_sound(par, &sound);
	} else if (unit->sound && unit->codec == CME_CODEC_MP3) {
		set_sound_by_flags(par, unit->sound);
	}
}

/* ---- packets */

/* NULL: no memory, or it is too large. */
static struct cme_packet *make_packet(const struct cme_flv_reader *reader, const struct cme_flv_unit *unit)
{
	struct cme_packet *packet = unit->len > CME_PACKET_BYTES_MAX ? NULL : cme_packet_new(unit->len);

	if (!packet)
		return NULL;
	memcpy(packet->payload, unit->data, unit->len);
	packet->stream = reader->kind;
	packet->key = unit->keyframe || reader->kind == CME_AUDIO;
	packet->damaged = unit->damaged;
	packet->dts_us = reader->clock_ms * CME_MS_US + unit->nanoseconds / 1000;
	packet->pts_us =
		packet->dts_us + unit->composition_ms * CME_MS_US + unit->composition_nanoseconds / 1000;
	return packet;
}

static int take_frames(struct cme_flv_reader *reader, const struct cme_flv_unit *unit,
		       struct cme_packet **packet)
{
	struct cme_gather *gather = &reader->gather;
	struct cme_packet *made;
	int rc;

	if (unit->len == 0)
		return 0;
	if (!gather->came[reader->kind] && reader->kind == CME_AUDIO)
		describe_sound(reader, unit);
	gather->came[reader->kind] = true;
	made = make_packet(reader, unit);
	rc = made ? 0 : CME_END_MEMORY;
	if (rc == 0 && made->key && cme_gather_has_sets(gather, reader->kind))
		rc = cme_gather_follow_sets(gather, made->data, made->size, gather->sets.length_size);
	if (rc == 0)
		rc = cme_gather_put(gather, &made, packet, cme_now_us());
	cme_packet_unref(made);
	return rc;
}

/* Of several tracks one is relayed. */
static bool chosen(struct cme_flv_reader *reader, const struct cme_flv_unit *unit)
{
	int *track = &reader->track[reader->kind];

	if (*track == CME_TRACK_FIRST)
		*track = unit->track;
	return *track == unit->track;
}

/* A codec that is not read. */
static int pass_over(struct cme_flv_reader *reader, const struct cme_flv_unit *unit)
{
	reader->gather.dropped += unit->part == CME_FLV_FRAMES;
	cme_flv_codec_name(unit->id, reader->unread[reader->kind]);
	return reader->kind == CME_VIDEO ? CME_END_PICTURE : 0;
}

static bool is_note(const struct cme_flv_unit *unit)
{
	return unit->part == CME_FLV_METADATA || unit->part == CME_FLV_CHANNELS;
}

static int take_unit(struct cme_flv_reader *reader, const struct cme_flv_unit *unit,
		     struct cme_packet **packet)
{
	int rc;

	if (is_note(unit) && chosen(reader, unit))
		return cme_gather_note(&reader->gather, reader->kind, unit->data, unit->len);
	if ((unit->part != CME_FLV_CONFIG && unit->part != CME_FLV_FRAMES) || !chosen(reader, unit))
		return 0;
	reader->foreign = false;
	if (unit->codec == CME_CODEC_NONE)
		return pass_over(reader, unit);
	reader->unread[reader->kind][0] = '\0';
	rc = alloc_stream(reader, reader->kind, unit->codec);
	if (rc < 0)
		return rc;
	return unit->part == CME_FLV_CONFIG ? configure(reader, unit) : take_frames(reader, unit, packet);
}

struct cme_packet *cme_flv_reader_next(struct cme_flv_reader *reader, int *rc)
{
	struct cme_packet *packet = NULL;
	struct cme_flv_unit unit;

	*rc = 0;
	while (!packet && *rc == 0) {
		int more;

		if (cme_gather_holds(&reader->gather))
			return cme_gather_held(&reader->gather);
		if (reader->kind < 0 && !open_next_tag(reader))
			return NULL;
		if (reader->kind < 0)
			continue;
		more = cme_flv_body_next(&reader->body, &unit);
		if (more == 1)
			*rc = take_unit(reader, &unit, &packet);
		else
			reader->kind = -1;
		reader->gather.dropped += more < 0;
		if (*rc == 0 && cme_gather_hopeless(&reader->gather, cme_now_us()))
			*rc = CME_END_PICTURE;
	}
	if (*rc < 0)
		cme_gather_give_up(&reader->gather, false);
	return packet;
}

/* ---- what is told */

const char *cme_flv_reader_lacks(const struct cme_flv_reader *reader, int kind)
{
	return reader->unread[kind][0] ? reader->unread[kind] : cme_gather_lacks(&reader->gather, kind);
}

void cme_flv_reader_fault(const struct cme_flv_reader *reader, int rc, struct cme_err *err)
{
	if (rc == CME_END_PICTURE)
		cme_err_set(err, "media.unsupported", CME_PICTURE_UNREADABLE,
			    cme_flv_reader_lacks(reader, CME_VIDEO));
	else if (rc == CME_END_CHANGED)
		cme_err_set(err, "source.ended", "its codec changed (it is opened anew)");
	else if (rc == CME_END_MEMORY)
		cme_err_set(err, "internal", "out of memory");
	else
		cme_err_set(err, "media.unsupported", "not a stream that can be read");
}

void cme_flv_reader_promise(const struct cme_flv_reader *reader, struct cme_promise *promise)
{
	*promise = (struct cme_promise){ 0 };
	for (int kind = 0; kind < CME_STREAMS; kind++) {
		const char *lacks = cme_flv_reader_lacks(reader, kind);

		promise->made[kind] =
			lacks || reader->gather.came[kind] || cme_gather_known(&reader->gather, kind);
		if (lacks)
			snprintf(promise->unreadable[kind], sizeof promise->unreadable[kind], "%s", lacks);
	}
}

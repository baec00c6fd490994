/* SPDX-License-Identifier: MIT */
#include "stream/gather.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "stream/codec/picture.h"
#include "stream/nal/h264.h"
#include "stream/nal/hevc.h"

#define EXTRADATA_MAX 65536
#define SOUND_WAIT_US CME_SECOND_US /* how long a picture waits for its sound to show */
#define PICTURE_WAIT_US \
	(5 * CME_SECOND_US) /* nginx-rtmp sends sound at once, the picture from a keyframe on */

/* Codecs of which nothing can be decoded without a configuration. */
static const struct {
	enum cme_codec id;
	bool always; /* in any container; else some have it in band */
	const char *lacking;
} headed[] = {
	{ CME_CODEC_H264, true, "H.264 without a sequence header" },
	{ CME_CODEC_AAC, true, "AAC without a sequence header" },
	{ CME_CODEC_HEVC, false, "HEVC without a sequence header" },
	{ CME_CODEC_AV1, false, "AV1 without a sequence header" },
	{ CME_CODEC_OPUS, false, "Opus without a sequence header" },
	{ CME_CODEC_FLAC, false, "FLAC without a sequence header" },
};

void cme_gather_init(struct cme_gather *gather, bool open)
{
	*gather = (struct cme_gather){ .open = open };
	cme_sets_init(&gather->sets, NULL);
}

void cme_gather_expect(struct cme_gather *gather, bool video, bool audio)
{
	gather->told = true;
	gather->expected[CME_VIDEO] = video;
	gather->expected[CME_AUDIO] = audio;
}

void cme_gather_fini(struct cme_gather *gather)
{
	for (size_t i = gather->pending.head; i < gather->pending.count; i++)
		cme_packet_unref(gather->pending.packet[i]);
	for (int kind = 0; kind < CME_STREAMS; kind++)
		cme_params_free(&gather->par[kind]);
	for (int kind = 0; kind < CME_STREAMS; kind++)
		free(gather->note[kind].data);
	cme_sets_fini(&gather->sets);
	cme_media_unref(gather->media);
	gather->media = NULL;
}

/* ---- what is known */

bool cme_gather_has_sets(struct cme_gather *gather, int kind)
{
	const struct cme_sets_kind *sets =
		kind == CME_VIDEO && gather->par[kind] ? cme_sets_kind(gather->par[kind]->codec) : NULL;

	if (sets && gather->sets.kind != sets) {
		cme_sets_fini(&gather->sets);
		cme_sets_init(&gather->sets, sets);
	}
	return sets;
}

/* A header without parameter sets. */
static bool is_hollow(const struct cme_params *par)
{
	size_t len = par->extradata_len;

	if (par->codec == CME_CODEC_HEVC)
		return cme_hevc_is_hvcc(par->extradata, len) && par->extradata[22] == 0;
	return par->codec == CME_CODEC_H264 && cme_h264_is_avcc(par->extradata, len) &&
	       (par->extradata[5] & 0x1f) == 0;
}

/* What is said of the codec without its configuration; NULL: it needs none. */
static const char *lacking(const struct cme_gather *gather, enum cme_codec id)
{
	for (size_t i = 0; i < sizeof headed / sizeof headed[0]; i++)
		if (headed[i].id == id && (headed[i].always || (gather->open && !gather->told)))
			return headed[i].lacking;
	return NULL;
}

bool cme_gather_suffice(const struct cme_gather *gather, const struct cme_params *par)
{
	if (!par || par->codec == CME_CODEC_NONE)
		return false;
	if (is_hollow(par))
		return false;
	return par->extradata_len > 0 || !lacking(gather, par->codec);
}

bool cme_gather_known(const struct cme_gather *gather, int kind)
{
	return cme_gather_suffice(gather, gather->par[kind]);
}

const char *cme_gather_lacks(const struct cme_gather *gather, int kind)
{
	const char *what;

	if (!gather->came[kind] || cme_gather_known(gather, kind))
		return NULL;
	what = gather->par[kind] ? lacking(gather, gather->par[kind]->codec) : NULL;
	return what ? what : "a codec that is not known";
}

/* ---- configurations */

/* Takes it over; NULL: there was no memory for it. */
static int replace_media(struct cme_gather *gather, struct cme_media *media)
{
	if (!media)
		return CME_END_MEMORY;
	cme_media_unref(gather->media);
	gather->media = media;
	return 0;
}

int cme_gather_configure(struct cme_gather *gather, int kind, const uint8_t *data, size_t len)
{
	struct cme_params *par = gather->par[kind];

	if (len == 0 || len > EXTRADATA_MAX)
		return 0;
	if (par->extradata_len == len && memcmp(par->extradata, data, len) == 0)
		return 0;
	if (cme_params_configure(par, data, len) != 0)
		return CME_END_MEMORY;
	if (gather->media && gather->media->par[kind])
		return replace_media(gather, cme_media_with_extradata(gather->media, kind, data, len));
	return 0;
}

int cme_gather_note(struct cme_gather *gather, int kind, const uint8_t *data, size_t len)
{
	struct cme_note *note = &gather->note[kind];
	uint8_t *copy;

	if (len > CME_NOTE_MAX || (note->len == len && (len == 0 || memcmp(note->data, data, len) == 0)))
		return 0;
	copy = malloc(len + !len);
	if (!copy)
		return CME_END_MEMORY;
	if (len)
		memcpy(copy, data, len);
	free(note->data);
	*note = (struct cme_note){ copy, len };
	if (!gather->media)
		return 0;
	return replace_media(gather, cme_media_with_note(gather->media, kind, data, len));
}

int cme_gather_change_record(struct cme_gather *gather)
{
	struct cme_buf record;
	int rc = 0;

	cme_buf_init(&record, EXTRADATA_MAX);
	if (cme_sets_record(&gather->sets, &record) == 0)
		rc = cme_gather_configure(gather, CME_VIDEO, (const uint8_t *)record.data, record.len);
	cme_buf_fini(&record);
	return rc;
}

int cme_gather_follow_sets(struct cme_gather *gather, const uint8_t *data, size_t len, size_t prefix)
{
	return cme_sets_watch(&gather->sets, data, len, prefix) ? cme_gather_change_record(gather) : 0;
}

/* ---- packets */

bool cme_gather_hopeless(struct cme_gather *gather, int64_t now_us)
{
	if (!cme_gather_lacks(gather, CME_VIDEO))
		gather->unknown_us = 0;
	else if (!gather->unknown_us)
		gather->unknown_us = now_us;
	return gather->unknown_us && now_us - gather->unknown_us > PICTURE_WAIT_US;
}

static bool full(const struct cme_gather *gather)
{
	return gather->pending.count == CME_GATHER_PENDING_MAX ||
	       gather->pending.bytes >= CME_GATHER_PENDING_BYTES;
}

/* Both streams are known, or the other had its time or all the room there is, and did not show. */
static bool settled(const struct cme_gather *gather, int64_t now_us)
{
	bool video = cme_gather_known(gather, CME_VIDEO), audio = cme_gather_known(gather, CME_AUDIO);

	if (video && audio)
		return true;
	if ((!video && !audio) ||
	    cme_gather_lacks(gather, CME_VIDEO)) /* sound does not go out for a picture */
		return false;
	if (full(gather)) /* files come faster than any clock tells */
		return true;
	if (gather->told)
		return (video || !gather->expected[CME_VIDEO]) && (audio || !gather->expected[CME_AUDIO]);
	if (!gather->open) /* only wait for parameters */
		return (video || !gather->par[CME_VIDEO]) && (audio || !gather->par[CME_AUDIO]);
	return now_us - gather->first_us > (video ? SOUND_WAIT_US : PICTURE_WAIT_US);
}

/* The stream's parameters if they are known. */
static const struct cme_params *known(const struct cme_gather *gather, int kind)
{
	return cme_gather_known(gather, kind) ? gather->par[kind] : NULL;
}

/* A media of these streams with what was said of them. NULL: no memory. */
static struct cme_media *new_media(const struct cme_gather *gather, const struct cme_params *video,
				   const struct cme_params *audio)
{
	struct cme_media *media = cme_media_new(video, audio);

	for (int kind = 0; media && kind < CME_STREAMS; kind++) {
		const struct cme_note *note = &gather->note[kind];

		if (note->len == 0 || cme_media_put_note(media, kind, note->data, note->len) == 0)
			continue;
		cme_media_unref(media);
		media = NULL;
	}
	return media;
}

static int make_media(struct cme_gather *gather)
{
	return replace_media(gather, new_media(gather, known(gather, CME_VIDEO), known(gather, CME_AUDIO)));
}

static int hold_back(struct cme_gather *gather, struct cme_packet **given, int64_t now_us)
{
	if (gather->pending.count == 0)
		gather->first_us = now_us;
	if (full(gather))
		return cme_gather_lacks(gather, CME_VIDEO) ? CME_END_PICTURE : CME_END_UNREADABLE;
	gather->pending.bytes += (*given)->size;
	gather->pending.packet[gather->pending.count++] = *given;
	*given = NULL;
	return settled(gather, now_us) ? make_media(gather) : 0;
}

/* A stream that showed, or became known, after the media was made: a media with both. */
static int add_late_stream(struct cme_gather *gather, int kind)
{
	if (gather->media->par[kind] || !cme_gather_known(gather, kind))
		return 0;
	return replace_media(
		gather,
		new_media(gather, kind == CME_VIDEO ? gather->par[kind] : gather->media->par[CME_VIDEO],
			  kind == CME_AUDIO ? gather->par[kind] : gather->media->par[CME_AUDIO]));
}

static int hand_out(struct cme_gather *gather, struct cme_packet **given, struct cme_packet **packet)
{
	int kind = (*given)->stream;
	int rc = add_late_stream(gather, kind);

	if (rc < 0)
		return rc;
	if (!gather->media->par[kind]) {
		gather->dropped++;
		return 0;
	}
	cme_packet_belong(*given, gather->media);
	*packet = *given;
	*given = NULL;
	return 0;
}

/* What VP8 and VP9 have of a record, and the size of a picture that has it nowhere else. */
static int describe_picture(struct cme_gather *gather, const struct cme_packet *packet)
{
	struct cme_params *par = gather->par[CME_VIDEO];
	struct cme_buf record;
	int rc = 0;

	if (packet->stream != CME_VIDEO || !packet->key || (gather->media && gather->media->par[CME_VIDEO]))
		return 0;
	if (par->width == 0)
		cme_picture_read_frame(par->codec, packet->data, packet->size, &par->width, &par->height);
	cme_buf_init(&record, EXTRADATA_MAX);
	if (par->extradata_len == 0 &&
	    cme_picture_put_record(par->codec, packet->data, packet->size, &record))
		rc = cme_gather_configure(gather, CME_VIDEO, (const uint8_t *)record.data, record.len);
	cme_buf_fini(&record);
	return rc;
}

int cme_gather_put(struct cme_gather *gather, struct cme_packet **given, struct cme_packet **packet,
		   int64_t now_us)
{
	int rc = describe_picture(gather, *given);

	if (rc < 0)
		return rc;
	return gather->media ? hand_out(gather, given, packet) : hold_back(gather, given, now_us);
}

bool cme_gather_holds(const struct cme_gather *gather)
{
	return gather->media && gather->pending.head < gather->pending.count;
}

struct cme_packet *cme_gather_held(struct cme_gather *gather)
{
	struct cme_packet *packet = NULL;

	while (!packet && cme_gather_holds(gather)) {
		struct cme_packet *held = gather->pending.packet[gather->pending.head++];

		if (gather->media->par[held->stream]) {
			cme_packet_belong(held, gather->media);
			packet = held;
		} else {
			gather->dropped++;
			cme_packet_unref(held);
		}
	}
	return packet;
}

int cme_gather_end(struct cme_gather *gather)
{
	if (cme_gather_lacks(gather, CME_VIDEO))
		return CME_END_PICTURE;
	if (gather->media || (!cme_gather_known(gather, CME_VIDEO) && !cme_gather_known(gather, CME_AUDIO)))
		return CME_END_OVER;
	return make_media(gather);
}

void cme_gather_give_up(struct cme_gather *gather, bool last)
{
	gather->dropped += last + (unsigned)(gather->pending.count - gather->pending.head);
	while (gather->pending.head < gather->pending.count)
		cme_packet_unref(gather->pending.packet[gather->pending.head++]);
}

unsigned cme_gather_dropped(struct cme_gather *gather)
{
	unsigned dropped = gather->dropped;

	gather->dropped = 0;
	return dropped;
}

/* SPDX-License-Identifier: MIT */
#include "relay/source/av/reader.h"

#include "common/clock.h"
#include "relay/source/av/reader_form.h"
#include "relay/source/av/reader_streams.h"

#define SOUND_WAIT_US CME_SECOND_US /* how long a picture waits for its sound to show */
#define PICTURE_WAIT_US \
	(5 * CME_SECOND_US) /* nginx-rtmp sends sound at once, the picture from a keyframe on */

int cme_reader_init(struct cme_reader *reader, AVFormatContext *ctx)
{
	int rc;

	*reader = (struct cme_reader){ .ctx = ctx, .index = { -1, -1 } };
	cme_h264_sets_init(&reader->sets);
	reader->last_dts_us[CME_VIDEO] = reader->last_dts_us[CME_AUDIO] = AV_NOPTS_VALUE;
	if (cme_reader_is_flv(ctx)) {
		ctx->flags |= AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
		return 0;
	}
	rc = avformat_find_stream_info(ctx, NULL);
	return rc < 0 ? rc : cme_reader_choose_streams(reader);
}

void cme_reader_fini(struct cme_reader *reader)
{
	for (size_t i = reader->pending.head; i < reader->pending.count; i++)
		av_packet_free(&reader->pending.av[i]);
	for (int kind = 0; kind < CME_STREAMS; kind++)
		avcodec_parameters_free(&reader->par[kind]);
	av_bsf_free(&reader->adts);
	cme_h264_sets_fini(&reader->sets);
	cme_media_unref(reader->media);
	reader->media = NULL;
}

/* Pictures have come without parameters for so long that none will follow. */
static bool hopeless(struct cme_reader *reader)
{
	if (!cme_reader_lacks(reader, CME_VIDEO))
		reader->unknown_us = 0;
	else if (!reader->unknown_us)
		reader->unknown_us = cme_now_us();
	return reader->unknown_us && cme_now_us() - reader->unknown_us > PICTURE_WAIT_US;
}

static bool full(const struct cme_reader *reader)
{
	return reader->pending.count == CME_READER_PENDING_MAX ||
	       reader->pending.bytes >= CME_READER_PENDING_BYTES;
}

/* Both streams are known, or the other had its time or all the room there is, and did not show. */
static bool settled(const struct cme_reader *reader)
{
	bool video = cme_reader_known(reader->par[CME_VIDEO]),
	     audio = cme_reader_known(reader->par[CME_AUDIO]);

	if (video && audio)
		return true;
	if ((!video && !audio) ||
	    cme_reader_lacks(reader, CME_VIDEO)) /* sound does not go out for a picture */
		return false;
	if (full(reader)) /* files come faster than any clock tells */
		return true;
	if (!cme_reader_is_flv(
		    reader->ctx)) /* all streams were found at the start: only wait for parameters */
		return (video || !reader->par[CME_VIDEO]) && (audio || !reader->par[CME_AUDIO]);
	return cme_now_us() - reader->first_us > (video ? SOUND_WAIT_US : PICTURE_WAIT_US);
}

static int make_media(struct cme_reader *reader)
{
	reader->media =
		cme_media_new(cme_reader_known(reader->par[CME_VIDEO]) ? reader->par[CME_VIDEO] : NULL,
			      cme_reader_known(reader->par[CME_AUDIO]) ? reader->par[CME_AUDIO] : NULL);
	return reader->media ? 0 : AVERROR(ENOMEM);
}

static int hold_back(struct cme_reader *reader, AVPacket *av)
{
	AVPacket *held;

	if (reader->pending.count == 0)
		reader->first_us = cme_now_us();
	if (full(reader))
		return cme_reader_lacks(reader, CME_VIDEO) ? AVERROR_PATCHWELCOME : AVERROR_INVALIDDATA;
	held = av_packet_alloc();
	if (!held)
		return AVERROR(ENOMEM);
	av_packet_move_ref(held, av);
	reader->pending.bytes += (size_t)held->size;
	reader->pending.av[reader->pending.count++] = held;
	return settled(reader) ? make_media(reader) : 0;
}

/* The source ended before it was settled: no other stream will show. 0: what is held can go out. */
static int settle_at_end(struct cme_reader *reader)
{
	if (cme_reader_lacks(reader, CME_VIDEO))
		return AVERROR_PATCHWELCOME;
	if (reader->media ||
	    (!cme_reader_known(reader->par[CME_VIDEO]) && !cme_reader_known(reader->par[CME_AUDIO])))
		return AVERROR_EOF;
	return make_media(reader);
}

/* A stream that showed, or became known, after the media was made: a media with both. */
static int add_late_stream(struct cme_reader *reader, int kind)
{
	struct cme_media *media;

	if (reader->media->par[kind] || !cme_reader_known(reader->par[kind]))
		return 0;
	media = cme_media_new(kind == CME_VIDEO ? reader->par[kind] : reader->media->par[CME_VIDEO],
			      kind == CME_AUDIO ? reader->par[kind] : reader->media->par[CME_AUDIO]);
	if (!media)
		return AVERROR(ENOMEM);
	cme_media_unref(reader->media);
	reader->media = media;
	return 0;
}

static struct cme_packet *next_held(struct cme_reader *reader)
{
	struct cme_packet *packet = NULL;

	while (!packet && reader->pending.head < reader->pending.count) {
		AVPacket **held = &reader->pending.av[reader->pending.head++];

		if (reader->media->par[(*held)->stream_index])
			packet = cme_packet_new(*held, reader->media, 0);
		reader->dropped += !packet;
		av_packet_free(held);
	}
	return packet;
}

/* One packet read and converted, av is its place. *kind -1: not for us. */
static int read_one(struct cme_reader *reader, AVPacket *av, int *kind)
{
	int rc = av_read_frame(reader->ctx, av);

	*kind = rc < 0 ? -1 : cme_reader_kind_of(reader, av);
	reader->foreign = rc >= 0 && *kind < 0;
	if (*kind < 0)
		return rc;
	reader->came[*kind] = true;
	if (reader->init && reader->init->fresh && (rc = cme_reader_follow_init(reader)) < 0)
		return rc;
	if ((size_t)av->size > CME_PACKET_BYTES_MAX)
		return AVERROR(ENOMEM);
	rc = cme_reader_convert(reader, *kind, av);
	if (rc == 0)
		rc = cme_reader_to_microseconds(reader, *kind, av);
	if (rc != AVERROR(EAGAIN))
		return rc;
	*kind = -1;
	return 0;
}

static int hand_out(struct cme_reader *reader, int kind, AVPacket *av, struct cme_packet **packet)
{
	int rc = add_late_stream(reader, kind);

	if (rc < 0)
		return rc;
	if (reader->media->par[kind])
		*packet = cme_packet_new(av, reader->media, 0);
	reader->dropped += !*packet;
	return 0;
}

/* The source is read no further: what is held back does not go out, nor what was read last. */
static void give_up(struct cme_reader *reader, bool last)
{
	reader->dropped += last + (unsigned)(reader->pending.count - reader->pending.head);
	while (reader->pending.head < reader->pending.count)
		av_packet_free(&reader->pending.av[reader->pending.head++]);
}

struct cme_packet *cme_reader_next(struct cme_reader *reader, int *rc)
{
	struct cme_packet *packet = NULL;
	AVPacket *av;
	int kind;

	*rc = 0;
	if (reader->media && reader->pending.head < reader->pending.count)
		return next_held(reader);
	av = av_packet_alloc();
	if (!av) {
		*rc = AVERROR(ENOMEM);
		return NULL;
	}
	*rc = read_one(reader, av, &kind);
	if (*rc == AVERROR_EOF)
		*rc = settle_at_end(reader);
	else if (*rc == 0 && hopeless(reader))
		*rc = AVERROR_PATCHWELCOME;
	else if (*rc == 0 && kind >= 0)
		*rc = reader->media ? hand_out(reader, kind, av, &packet) : hold_back(reader, av);
	if (*rc < 0)
		give_up(reader, kind >= 0 && av->size > 0);
	av_packet_free(&av);
	return packet;
}

unsigned cme_reader_dropped(struct cme_reader *reader)
{
	unsigned dropped = reader->dropped;

	reader->dropped = 0;
	return dropped;
}

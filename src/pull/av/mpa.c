/* SPDX-License-Identifier: MIT */
#include "pull/av/mpa.h"

#include <string.h>

#include "stream/codec/sound.h"

#define HEADER 4 /* 16 bits that are 0, and where in its frame a part begins */

bool cme_mpa_takes(const struct cme_mpa *mpa, const AVPacket *av)
{
	static const uint8_t whole[HEADER] = { 0 };

	if (av->size <= HEADER)
		return false;
	return mpa->parser ||
	       (memcmp(av->data, whole, HEADER) == 0 &&
		cme_sound_mpeg_codec(av->data + HEADER, (size_t)av->size - HEADER) != CME_CODEC_NONE);
}

static int open_parser(struct cme_mpa *mpa)
{
	mpa->parser = av_parser_init(AV_CODEC_ID_MP3);
	mpa->codec = avcodec_alloc_context3(NULL);
	mpa->packet = av_packet_alloc();
	if (mpa->parser && mpa->codec && mpa->packet)
		return 0;
	cme_mpa_fini(mpa);
	return AVERROR(ENOMEM);
}

int cme_mpa_put(struct cme_mpa *mpa, AVPacket *av, AVRational time_base)
{
	int rc = mpa->parser ? 0 : open_parser(mpa);

	if (rc < 0)
		return rc;
	av_packet_unref(mpa->packet);
	av_packet_move_ref(mpa->packet, av);
	mpa->at = HEADER;
	mpa->time_base = time_base;
	return 0;
}

/* A frame that begins in the packet's middle follows the one before. */
static int64_t time_of(struct cme_mpa *mpa, const uint8_t *frame, size_t len)
{
	int64_t at = mpa->parser->pts == AV_NOPTS_VALUE ? mpa->next : mpa->parser->pts;
	struct cme_sound sound;

	mpa->next = at;
	if (cme_sound_read_frame(cme_sound_mpeg_codec(frame, len), frame, len, &sound))
		mpa->next +=
			av_rescale_q(sound.samples, (AVRational){ 1, sound.sample_rate }, mpa->time_base);
	return at;
}

static int give(struct cme_mpa *mpa, const uint8_t *frame, int len, AVPacket *av)
{
	int rc = av_new_packet(av, len);

	if (rc < 0)
		return rc;
	memcpy(av->data, frame, (size_t)len);
	av->stream_index = mpa->packet->stream_index;
	av->pts = av->dts = time_of(mpa, frame, (size_t)len);
	av->flags |= AV_PKT_FLAG_KEY;
	return 1;
}

int cme_mpa_next(struct cme_mpa *mpa, AVPacket *av)
{
	while (mpa->packet && mpa->at < mpa->packet->size) {
		int64_t pts = mpa->at == HEADER ? mpa->packet->pts : AV_NOPTS_VALUE;
		uint8_t *frame = NULL;
		int len = 0;
		int used =
			av_parser_parse2(mpa->parser, mpa->codec, &frame, &len, mpa->packet->data + mpa->at,
					 mpa->packet->size - mpa->at, pts, pts, 0);

		if (used < 0 || (used == 0 && len == 0))
			mpa->at = mpa->packet->size;
		else
			mpa->at += used;
		if (len > 0)
			return give(mpa, frame, len, av);
	}
	return 0;
}

void cme_mpa_fini(struct cme_mpa *mpa)
{
	av_parser_close(mpa->parser);
	avcodec_free_context(&mpa->codec);
	av_packet_free(&mpa->packet);
	mpa->parser = NULL;
}

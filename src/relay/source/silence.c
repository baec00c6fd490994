/* SPDX-License-Identifier: MIT */
#include "relay/source/silence.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#define RATE    48000
#define SAMPLES 1024 /* of a frame */
#define JUMP_US CME_SECOND_US

static const uint8_t config[] = { 0x11, 0x90 };                        /* LC, 48 kHz, two channels */
static const uint8_t frame[] = { 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c }; /* of it, silent */

static void forget(struct cme_silence *silence)
{
	cme_media_unref(silence->without);
	cme_media_unref(silence->with);
	silence->without = silence->with = NULL;
	silence->begun = false;
}

void cme_silence_fini(struct cme_silence *silence)
{
	forget(silence);
}

static struct cme_params *sound(void)
{
	struct cme_params *par = cme_params_new(CME_CODEC_AAC);

	if (!par || cme_params_configure(par, config, sizeof config) != 0) {
		cme_params_free(&par);
		return NULL;
	}
	par->sample_rate = RATE;
	par->frame_size = SAMPLES;
	par->channels = 2;
	return par;
}

/* The media with silence beside its picture; NULL: no memory. */
static struct cme_media *add_sound(const struct cme_media *media)
{
	const struct cme_note *note = &media->note[CME_VIDEO];
	struct cme_params *par = sound();
	struct cme_media *with = par ? cme_media_new(media->par[CME_VIDEO], par) : NULL;

	cme_params_free(&par);
	if (with && note->len && cme_media_put_note(with, CME_VIDEO, note->data, note->len) != 0) {
		cme_media_unref(with);
		return NULL;
	}
	return with;
}

/* false: no memory, or the packet's source has sound, or no picture. */
static bool follow_media(struct cme_silence *silence, const struct cme_packet *packet)
{
	struct cme_media *media = packet->media;

	if (media == silence->without || media == silence->with)
		return silence->with != NULL;
	forget(silence);
	if (media->par[CME_AUDIO] || !media->par[CME_VIDEO])
		return false;
	silence->with = add_sound(media);
	if (silence->with)
		silence->without = cme_media_ref(media);
	return silence->with != NULL;
}

static struct cme_packet *make_frame(struct cme_silence *silence, int64_t at_us, int64_t arrival_us)
{
	struct cme_packet *packet = cme_packet_new(sizeof frame);

	if (!packet)
		return NULL;
	memcpy(packet->payload, frame, sizeof frame);
	packet->stream = CME_AUDIO;
	packet->key = true;
	packet->dts_us = packet->pts_us = at_us;
	packet->arrival_us = arrival_us;
	cme_packet_belong(packet, silence->with);
	return packet;
}

struct cme_packet *cme_silence_next(struct cme_silence *silence, const struct cme_packet *packet)
{
	int64_t dts_us = packet->dts_us, at_us;

	if (packet->stream != CME_VIDEO || !follow_media(silence, packet))
		return NULL;
	at_us = silence->base_us + silence->frames * SAMPLES * CME_SECOND_US / RATE;
	if (!silence->begun || llabs(dts_us - at_us) > JUMP_US) {
		silence->base_us = at_us = dts_us;
		silence->frames = 0;
		silence->begun = true;
	}
	if (at_us > dts_us)
		return NULL;
	silence->frames++;
	return make_frame(silence, at_us, packet->arrival_us);
}

void cme_silence_mark(struct cme_silence *silence, struct cme_packet *packet)
{
	if (!silence->with || packet->media != silence->without)
		return;
	cme_media_unref(packet->media);
	packet->media = cme_media_ref(silence->with);
}

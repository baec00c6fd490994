/* SPDX-License-Identifier: MIT */
#include "look/viewer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "av/convert.h"
#include "common/clock.h"
#include "look/viewer_inside.h"
#include "relay/base/scheme.h"
#include "relay/base/spec.h"

#define SHOT_US (95 * CME_MS_US) /* between two pictures that are measured */

/* ---- what libavcodec takes */

static void decode(struct cme_decoder *decoder, const struct cme_packet *packet)
{
	AVPacket *av = av_packet_alloc();

	if (av && cme_av_from_packet(av, packet) == 0)
		cme_decoder_put(decoder, av);
	av_packet_free(&av);
}

static void open_decoder(struct cme_decoder *decoder, const struct cme_params *params)
{
	AVCodecParameters *par = avcodec_parameters_alloc();

	if (par && cme_av_from_params(par, params) == 0)
		cme_decoder_open(decoder, par);
	avcodec_parameters_free(&par);
}

/* ---- the picture */

static void keep_shot(struct cme_viewer *viewer, const struct cme_picture_facts *picture, int64_t pts_us)
{
	struct cme_shot *shot = &viewer->shots[viewer->next_shot];

	*shot = (struct cme_shot){ .at_us = pts_us,
				   .moved = !viewer->shot_any ||
					    cme_picture_moved(viewer->anchor, picture->cells) };
	cme_print_make(&shot->print, picture->cells);
	if (shot->moved) {
		memcpy(viewer->anchor, picture->cells, sizeof viewer->anchor);
		viewer->moved_us = pts_us;
	}
	viewer->shown_us = pts_us;
	viewer->shot_any = true;
	viewer->next_shot = (viewer->next_shot + 1) % CME_SHOTS;
	if (viewer->shot_count < CME_SHOTS)
		viewer->shot_count++;
}

static void keep(struct cme_viewer *viewer)
{
	pthread_mutex_lock(&viewer->kept_lock);
	cme_decoder_keep(&viewer->eye, viewer->kept);
	pthread_mutex_unlock(&viewer->kept_lock);
}

/* Pictures closer together than it takes are seen, and not measured. */
static void measure(struct cme_viewer *viewer, int64_t pts_us)
{
	struct cme_picture_facts picture;
	struct cme_small small;
	bool due =
		!viewer->shot_any || pts_us - viewer->shot_pts_us >= SHOT_US || pts_us < viewer->shot_pts_us;

	if (due && !cme_decoder_picture(&viewer->eye, &small))
		return;
	if (due)
		cme_picture_measure(&small, &picture);
	pthread_mutex_lock(&viewer->lock);
	viewer->seen_us = cme_now_us();
	if (due) {
		viewer->shot_pts_us = pts_us;
		viewer->picture = picture;
		keep_shot(viewer, &picture, pts_us);
	}
	viewer->facts.declared_rate = cme_decoder_declared_rate(&viewer->eye);
	pthread_mutex_unlock(&viewer->lock);
	if (due)
		keep(viewer);
}

static void measure_all(struct cme_viewer *viewer)
{
	int64_t pts_us;

	while (cme_decoder_next(&viewer->eye, &pts_us))
		measure(viewer, pts_us);
}

/* What is in the decoder comes out; the next packet is a keyframe. */
static void drain(struct cme_viewer *viewer)
{
	cme_decoder_put(&viewer->eye, NULL);
	measure_all(viewer);
	cme_decoder_flush(&viewer->eye);
}

static void see(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	const struct cme_attention_packet it = { .key = packet->start,
						 .dts_us = packet->dts_us,
						 .arrival_us = packet->arrival_us,
						 .gop_us = viewer->cadence.gop_us,
						 .doubtful = viewer->shot_any &&
							     cme_picture_doubtful(&viewer->picture) };
	struct cme_attention_next next = cme_attention_take(&viewer->attention, &it);

	if (next.ends)
		drain(viewer);
	if (!next.decode)
		return;
	decode(&viewer->eye, packet);
	measure_all(viewer);
	if (next.alone)
		drain(viewer);
}

/* ---- the sound */

static void hear(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	struct cme_sound sound;
	int64_t pts_us;
	bool any = false;

	decode(&viewer->ear, packet);
	while (cme_decoder_next(&viewer->ear, &pts_us)) {
		any = true;
		if (cme_decoder_sound(&viewer->ear, &sound))
			cme_ear_hear(&viewer->meter, sound.samples, sound.frames, sound.channels, sound.rate);
	}
	if (!any)
		return;
	pthread_mutex_lock(&viewer->lock);
	viewer->heard_us = cme_now_us();
	viewer->facts.ear = viewer->meter.facts;
	pthread_mutex_unlock(&viewer->lock);
}

/* ---- what comes of the input, on its thread */

static void set_up(struct cme_viewer *viewer, struct cme_media *media)
{
	if (viewer->media == media)
		return;
	if (!viewer->media || !cme_media_same(viewer->media, media, CME_VIDEO)) {
		cme_attention_restart(&viewer->attention);
		if (media->par[CME_VIDEO])
			open_decoder(&viewer->eye, media->par[CME_VIDEO]);
	}
	if ((!viewer->media || !cme_media_same(viewer->media, media, CME_AUDIO)) && media->par[CME_AUDIO])
		open_decoder(&viewer->ear, media->par[CME_AUDIO]);
	cme_media_unref(viewer->media);
	viewer->media = cme_media_ref(media);
}

static void note_media(struct cme_viewer_facts *facts, const struct cme_media *media)
{
	cme_media_describe(media, &facts->media);
	facts->pictures = facts->media.video != NULL;
	facts->sounds = facts->media.audio != NULL;
	snprintf(facts->video, sizeof facts->video, "%s", facts->pictures ? facts->media.video : "");
	snprintf(facts->audio, sizeof facts->audio, "%s", facts->sounds ? facts->media.audio : "");
}

/* true: the source's time jumped, by what its pictures tell. */
static bool note_times(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	uint64_t jumps = viewer->cadence.jumps;
	struct cme_timeline_in in = { .stream = packet->stream,
				      .dts = packet->dts_us,
				      .pts = packet->pts_us,
				      .arrival = packet->arrival_us };

	cme_cadence_add(&viewer->cadence, &in, packet->start);
	viewer->facts.keyframe_s = (double)viewer->cadence.gop_us / (double)CME_SECOND_US;
	if (in.stream == CME_VIDEO)
		viewer->lag_us = cme_cadence_due(&viewer->cadence, &in) - in.dts;
	viewer->pts_us[in.stream] = in.dts;
	cme_pace_add(&viewer->pace[in.stream], in.dts, in.arrival, packet->size);
	return in.stream == CME_VIDEO && viewer->cadence.jumps > jumps;
}

/* Times begin anew, so pictures from before say nothing of when they were. */
static void restart_pictures(struct cme_viewer *viewer)
{
	viewer->shot_any = false;
	cme_attention_restart(&viewer->attention);
	cme_decoder_flush(&viewer->eye);
	pthread_mutex_lock(&viewer->lock);
	viewer->shot_count = viewer->next_shot = 0;
	pthread_mutex_unlock(&viewer->lock);
}

static void note(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	int stream = packet->stream;
	bool jumped;

	pthread_mutex_lock(&viewer->lock);
	if (!viewer->opened_us)
		viewer->opened_us = packet->arrival_us;
	if (packet->arrival_us > viewer->last_us)
		viewer->last_us = packet->arrival_us;
	viewer->facts.open = true;
	viewer->facts.err.code[0] = '\0';
	viewer->came_us[stream] = packet->arrival_us;
	note_media(&viewer->facts, packet->media);
	jumped = note_times(viewer, packet);
	pthread_mutex_unlock(&viewer->lock);
	if (jumped)
		restart_pictures(viewer);
}

static void take_packet(void *ctx, struct cme_input *input, struct cme_packet *packet)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	note(viewer, packet);
	set_up(viewer, packet->media);
	if (packet->stream == CME_VIDEO)
		see(viewer, packet);
	else
		hear(viewer, packet);
	cme_packet_unref(packet);
}

static void forget(struct cme_viewer *viewer)
{
	viewer->opened_us = viewer->seen_us = viewer->heard_us = 0;
	memset(viewer->came_us, 0, sizeof viewer->came_us);
	cme_cadence_restart(&viewer->cadence);
	for (int i = 0; i < CME_STREAMS; i++)
		cme_pace_restart(&viewer->pace[i]);
}

static void opening(void *ctx, struct cme_input *input)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	restart_pictures(viewer);
	pthread_mutex_lock(&viewer->lock);
	forget(viewer);
	pthread_mutex_unlock(&viewer->lock);
}

static void ended(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	pthread_mutex_lock(&viewer->lock);
	viewer->facts.open = false;
	viewer->facts.err = *err;
	pthread_mutex_unlock(&viewer->lock);
}

static void alive(void *ctx, struct cme_input *input)
{
	(void)ctx;
	(void)input;
}

static void promised(void *ctx, struct cme_input *input, const struct cme_promise *promise)
{
	(void)ctx;
	(void)input;
	(void)promise;
}

static void dropped(void *ctx, struct cme_input *input, unsigned count)
{
	(void)ctx;
	(void)input;
	(void)count;
}

/* ---- its life */

static void destroy(struct cme_viewer *viewer)
{
	cme_decoder_fini(&viewer->eye);
	cme_decoder_fini(&viewer->ear);
	cme_ear_fini(&viewer->meter);
	cme_media_unref(viewer->media);
	av_frame_free(&viewer->kept);
	pthread_mutex_destroy(&viewer->kept_lock);
	pthread_mutex_destroy(&viewer->lock);
	free(viewer);
}

static struct cme_viewer *new_viewer(const struct cme_viewer_options *options)
{
	struct cme_viewer *viewer = calloc(1, sizeof *viewer);

	if (!viewer)
		return NULL;
	viewer->kept = av_frame_alloc();
	if (!viewer->kept) {
		free(viewer);
		return NULL;
	}
	viewer->attention.full = options->full;
	viewer->attention.compared = options->compared;
	viewer->attention.every_us = options->every_us;
	viewer->last_us = cme_now_us();
	pthread_mutex_init(&viewer->kept_lock, NULL);
	pthread_mutex_init(&viewer->lock, NULL);
	cme_decoder_init(&viewer->eye);
	cme_decoder_init(&viewer->ear);
	cme_ear_init(&viewer->meter);
	viewer->facts.ear = viewer->meter.facts;
	viewer->facts.mean_luma = viewer->facts.spread = viewer->facts.rate = viewer->facts.bits = NAN;
	return viewer;
}

static struct cme_input *start_input(struct cme_viewer *viewer, const struct cme_viewer_options *options,
				     struct cme_events *events, struct cme_err *err)
{
	const struct cme_input_sink sink = { .ctx = viewer,
					     .opening = opening,
					     .alive = alive,
					     .promise = promised,
					     .packet = take_packet,
					     .dropped = dropped,
					     .ended = ended };
	struct cme_input_spec spec = { .public = options->public };
	struct cme_input *input = NULL;

	if (cme_input_spec_add(&spec, options->url) == 0)
		input = cme_input_start(&spec, options->ca_file, &sink, events, err);
	else
		cme_err_set(err, "internal", "out of memory");
	cme_input_spec_fini(&spec);
	return input;
}

struct cme_viewer *cme_viewer_start(const struct cme_viewer_options *options, struct cme_events *events,
				    struct cme_err *err)
{
	const char *fault = cme_scheme_fault(options->url, true);
	struct cme_viewer *viewer = NULL;

	if (fault) {
		cme_err_set(err, "invalid.url", "%s", fault);
		return NULL;
	}
	viewer = new_viewer(options);
	if (!viewer) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	viewer->input = start_input(viewer, options, events, err);
	if (viewer->input)
		return viewer;
	destroy(viewer);
	return NULL;
}

void cme_viewer_cancel(struct cme_viewer *viewer)
{
	cme_input_cancel(viewer->input);
}

bool cme_viewer_done(const struct cme_viewer *viewer)
{
	return cme_input_done(viewer->input);
}

void cme_viewer_free(struct cme_viewer *viewer)
{
	cme_input_free(viewer->input);
	destroy(viewer);
}

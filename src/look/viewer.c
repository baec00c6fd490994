/* SPDX-License-Identifier: MIT */
#include "look/viewer.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "look/eye/decode.h"
#include "look/judge/pace.h"
#include "relay/base/scheme.h"
#include "relay/base/spec.h"
#include "relay/source/input.h"
#include "stream/cadence.h"

#define STRETCH_US (2 * CME_SECOND_US)  /* decoded in full at each look */
#define SHOT_US    (95 * CME_MS_US)     /* between two pictures that are measured */
#define SEEN_US    (12 * CME_SECOND_US) /* the longest between two keyframes that is no fault */

struct cme_viewer {
	struct cme_input *input;
	int64_t every_us;
	bool full;

	/* of the input's thread alone */
	struct cme_decoder eye, ear;
	struct cme_media *media;   /* that the decoders are set up for; a reference */
	bool in_stretch;           /* pictures are decoded in full */
	int64_t stretch_dts_us;    /* since this DTS */
	int64_t stretch_at_us;     /* since this time by the clock; 0: there was none */
	int64_t shot_pts_us;       /* of the picture measured last */
	bool shot_any;             /* there is one since the opening */
	uint8_t anchor[CME_CELLS]; /* the picture since which nothing has moved */
	struct cme_ear meter;

	pthread_mutex_t lock;         /* for all below */
	int64_t began_us;             /* when the looking began */
	int64_t absent_us;            /* since when nothing comes; 0: something does */
	int64_t opened_us;            /* when the first packet came since the opening */
	int64_t came_us[CME_STREAMS]; /* when the last packet came; 0: none since the opening */
	int64_t seen_us;              /* when a picture was decoded last; 0: none since the opening */
	int64_t heard_us;             /* and sound */
	int64_t lag_us;               /* from the picture's times to the clock */
	int64_t pts_us[CME_STREAMS];  /* the latest */
	int64_t moved_us;             /* time of the picture that moved last */
	int64_t shown_us;             /* and of the last of all */
	struct cme_cadence cadence;
	struct cme_pace pace[CME_STREAMS];
	struct cme_picture_facts picture;
	struct cme_viewer_facts facts;
	struct cme_shot shots[CME_SHOTS]; /* a ring; at_us without the lag */
	size_t next_shot, shot_count;
};

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
}

static void measure_all(struct cme_viewer *viewer)
{
	int64_t pts_us;

	while (cme_decoder_next(&viewer->eye, &pts_us))
		measure(viewer, pts_us);
}

static void end_stretch(struct cme_viewer *viewer)
{
	cme_decoder_put(&viewer->eye, NULL);
	measure_all(viewer);
	cme_decoder_flush(&viewer->eye);
	viewer->in_stretch = false;
}

static void see(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	int64_t dts_us = packet->av->dts;
	bool key = packet->start, due = viewer->full || !viewer->stretch_at_us ||
					packet->arrival_us - viewer->stretch_at_us >= viewer->every_us;

	if (viewer->in_stretch && !viewer->full &&
	    (dts_us - viewer->stretch_dts_us >= STRETCH_US || dts_us < viewer->stretch_dts_us))
		end_stretch(viewer);
	if (!viewer->in_stretch && key && due) {
		viewer->in_stretch = true;
		viewer->stretch_dts_us = dts_us;
		viewer->stretch_at_us = packet->arrival_us;
	}
	if (!viewer->in_stretch && !key)
		return;
	cme_decoder_put(&viewer->eye, packet->av);
	measure_all(viewer);
	if (!viewer->in_stretch)
		end_stretch(viewer);
}

/* ---- the sound */

static void hear(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	struct cme_sound sound;
	int64_t pts_us;
	bool any = false;

	cme_decoder_put(&viewer->ear, packet->av);
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
		viewer->in_stretch = false;
		if (media->par[CME_VIDEO])
			cme_decoder_open(&viewer->eye, media->par[CME_VIDEO]);
	}
	if ((!viewer->media || !cme_media_same(viewer->media, media, CME_AUDIO)) && media->par[CME_AUDIO])
		cme_decoder_open(&viewer->ear, media->par[CME_AUDIO]);
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

static void note_times(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	const AVPacket *av = packet->av;
	struct cme_timeline_in in = { .stream = av->stream_index,
				      .dts = av->dts,
				      .pts = av->pts,
				      .arrival = packet->arrival_us,
				      .duration = av->duration };

	cme_cadence_add(&viewer->cadence, &in, packet->start);
	viewer->facts.keyframe_s = (double)viewer->cadence.gop_us / (double)CME_SECOND_US;
	if (in.stream == CME_VIDEO)
		viewer->lag_us = cme_cadence_due(&viewer->cadence, &in) - in.dts;
	viewer->pts_us[in.stream] = in.dts;
	cme_pace_add(&viewer->pace[in.stream], in.dts, in.arrival, (size_t)av->size);
}

static void note(struct cme_viewer *viewer, const struct cme_packet *packet)
{
	int stream = packet->av->stream_index;

	pthread_mutex_lock(&viewer->lock);
	if (!viewer->opened_us)
		viewer->opened_us = packet->arrival_us;
	viewer->absent_us = 0;
	viewer->facts.open = true;
	viewer->facts.err.code[0] = '\0';
	viewer->came_us[stream] = packet->arrival_us;
	note_media(&viewer->facts, packet->media);
	note_times(viewer, packet);
	pthread_mutex_unlock(&viewer->lock);
}

static void take_packet(void *ctx, struct cme_input *input, struct cme_packet *packet)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	note(viewer, packet);
	set_up(viewer, packet->media);
	if (packet->av->stream_index == CME_VIDEO)
		see(viewer, packet);
	else
		hear(viewer, packet);
	cme_packet_unref(packet);
}

/* Times begin anywhere, so pictures from before say nothing of when they were. */
static void forget(struct cme_viewer *viewer)
{
	viewer->opened_us = viewer->seen_us = viewer->heard_us = 0;
	memset(viewer->came_us, 0, sizeof viewer->came_us);
	cme_cadence_restart(&viewer->cadence);
	for (int i = 0; i < CME_STREAMS; i++)
		cme_pace_restart(&viewer->pace[i]);
	viewer->shot_count = viewer->next_shot = 0;
}

static void opening(void *ctx, struct cme_input *input)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	viewer->in_stretch = viewer->shot_any = false;
	viewer->stretch_at_us = 0;
	cme_decoder_flush(&viewer->eye);
	pthread_mutex_lock(&viewer->lock);
	forget(viewer);
	pthread_mutex_unlock(&viewer->lock);
}

static void ended(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	struct cme_viewer *viewer = ctx;

	(void)input;
	pthread_mutex_lock(&viewer->lock);
	if (!viewer->absent_us)
		viewer->absent_us = cme_now_us();
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

/* ---- what the main thread asks */

static double seconds(int64_t us)
{
	return (double)us / (double)CME_SECOND_US;
}

/* For how long nothing has come. */
static double absence(const struct cme_viewer *viewer, int64_t now_us)
{
	int64_t last_us = viewer->came_us[CME_VIDEO] > viewer->came_us[CME_AUDIO]
				  ? viewer->came_us[CME_VIDEO]
				  : viewer->came_us[CME_AUDIO];

	if (viewer->absent_us)
		return seconds(now_us - viewer->absent_us);
	return seconds(now_us - (last_us ? last_us : viewer->began_us));
}

/* Since when something that is missing should have come. */
static double lack(int64_t opened_us, int64_t last_us, int64_t patience_us, int64_t now_us)
{
	int64_t due_us = (last_us ? last_us : opened_us) + patience_us;

	return now_us > due_us ? seconds(now_us - due_us) : 0;
}

static void sight_of_picture(const struct cme_viewer *viewer, int64_t now_us, struct cme_sight *sight)
{
	double packets = lack(viewer->opened_us, viewer->came_us[CME_VIDEO], 0, now_us),
	       pictures = lack(viewer->opened_us, viewer->seen_us, SEEN_US, now_us);

	sight->pictureless_s = fmax(packets, pictures);
	/* one connection has both: when one of them comes in time, it is not what is slow */
	sight->missing = fmin(cme_pace_missing(&viewer->pace[CME_VIDEO], now_us),
			      cme_pace_missing(&viewer->pace[CME_AUDIO], now_us));
	if (!viewer->seen_us || !viewer->shot_count || pictures > 0)
		return;
	sight->top_luma = viewer->picture.top_luma;
	sight->colour = viewer->picture.top_luma > 32 ? viewer->picture.colour : (double)NAN;
	sight->unmoved_s = seconds(viewer->shown_us - viewer->moved_us);
}

static void sight_of_sound(const struct cme_viewer *viewer, int64_t now_us, struct cme_sight *sight)
{
	sight->soundless_s = lack(viewer->opened_us, viewer->heard_us, 0, now_us);
	if (!viewer->heard_us || sight->soundless_s > 1)
		return;
	sight->loudest_db = cme_ear_loudest(&viewer->facts.ear);
	sight->apart_db = cme_ear_apart(&viewer->facts.ear);
	sight->clipped = viewer->facts.ear.clipped;
}

void cme_viewer_sight(struct cme_viewer *viewer, int64_t now_us, struct cme_sight *sight)
{
	*sight = cme_sight_blank();
	pthread_mutex_lock(&viewer->lock);
	sight->absent_s = absence(viewer, now_us);
	if (viewer->opened_us && sight->absent_s < 1) {
		sight_of_picture(viewer, now_us, sight);
		sight_of_sound(viewer, now_us, sight);
	}
	pthread_mutex_unlock(&viewer->lock);
}

void cme_viewer_facts(struct cme_viewer *viewer, struct cme_viewer_facts *facts)
{
	pthread_mutex_lock(&viewer->lock);
	*facts = viewer->facts;
	facts->rate = cme_pace_rate(&viewer->pace[CME_VIDEO]);
	facts->bits = cme_pace_bits(&viewer->pace[CME_VIDEO]);
	if (!isnan(cme_pace_bits(&viewer->pace[CME_AUDIO])))
		facts->bits =
			cme_pace_bits(&viewer->pace[CME_AUDIO]) + (isnan(facts->bits) ? 0 : facts->bits);
	facts->mean_luma = viewer->seen_us ? viewer->picture.mean_luma : (double)NAN;
	facts->spread = viewer->seen_us ? viewer->picture.spread : (double)NAN;
	facts->offset_s = viewer->came_us[CME_VIDEO] && viewer->came_us[CME_AUDIO]
				  ? seconds(viewer->pts_us[CME_VIDEO] - viewer->pts_us[CME_AUDIO])
				  : (double)NAN;
	pthread_mutex_unlock(&viewer->lock);
	facts->media.video = facts->pictures ? facts->video : NULL;
	facts->media.audio = facts->sounds ? facts->audio : NULL;
}

size_t cme_viewer_shots(struct cme_viewer *viewer, int64_t since_us, struct cme_shot shots[CME_SHOTS])
{
	size_t count = 0;

	pthread_mutex_lock(&viewer->lock);
	for (size_t i = viewer->shot_count; i > 0; i--) {
		shots[count] = viewer->shots[(viewer->next_shot + CME_SHOTS - i) % CME_SHOTS];
		shots[count].at_us += viewer->lag_us;
		if (shots[count].at_us >= since_us)
			count++;
	}
	pthread_mutex_unlock(&viewer->lock);
	return count;
}

/* ---- its life */

static void destroy(struct cme_viewer *viewer)
{
	cme_decoder_fini(&viewer->eye);
	cme_decoder_fini(&viewer->ear);
	cme_ear_fini(&viewer->meter);
	cme_media_unref(viewer->media);
	pthread_mutex_destroy(&viewer->lock);
	free(viewer);
}

static struct cme_viewer *new_viewer(const struct cme_viewer_options *options)
{
	struct cme_viewer *viewer = calloc(1, sizeof *viewer);

	if (!viewer)
		return NULL;
	viewer->full = options->full;
	viewer->every_us = options->every_us;
	viewer->began_us = cme_now_us();
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

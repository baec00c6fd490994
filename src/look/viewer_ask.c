/* SPDX-License-Identifier: MIT
 *
 * What the main thread asks a viewer.
 */
#include <math.h>

#include "common/clock.h"
#include "look/eye/jpeg.h"
#include "look/viewer_inside.h"

#define SEEN_US (12 * CME_SECOND_US) /* the longest between two keyframes that is no fault */

static double seconds(int64_t us)
{
	return (double)us / (double)CME_SECOND_US;
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
	sight->absent_s = seconds(now_us - viewer->last_us);
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

void cme_viewer_side(struct cme_viewer *viewer, struct cme_shot shots[CME_SHOTS], struct cme_side *side)
{
	pthread_mutex_lock(&viewer->lock);
	*side = (struct cme_side){ .shots = shots,
				   .count = viewer->shot_count,
				   .rate = cme_pace_rate(&viewer->pace[CME_VIDEO]),
				   .lag_us = viewer->lag_us };
	for (size_t i = 0; i < side->count; i++) {
		shots[i] = viewer->shots[(viewer->next_shot + CME_SHOTS - side->count + i) % CME_SHOTS];
		shots[i].at_us += viewer->lag_us;
	}
	pthread_mutex_unlock(&viewer->lock);
}

struct AVPacket *cme_viewer_jpeg(struct cme_viewer *viewer)
{
	struct AVPacket *jpeg = NULL;

	pthread_mutex_lock(&viewer->kept_lock);
	if (viewer->kept->width > 0)
		jpeg = cme_jpeg_make(viewer->kept);
	pthread_mutex_unlock(&viewer->kept_lock);
	return jpeg;
}

/* SPDX-License-Identifier: MIT */
#include "relay/programme.h"

#include <math.h>

#include "common/clock.h"

#define ENOUGH_US  (400 * CME_MS_US) /* with so many pictures: milliseconds are told apart by then */
#define ENOUGH     12
#define AT_LAST_US (900 * CME_MS_US) /* of a slow one: with a few */
#define A_FEW      3
#define SAME_RATE  0.03 /* rates that differ by less are the same one, measured twice */
#define AGREED     5    /* measurements in a row that make another rate: a stutter is none */

void cme_programme_fini(struct cme_programme *programme)
{
	cme_media_unref(programme->media);
	programme->media = NULL;
}

static void restart(struct cme_programme *programme, const struct cme_packet *packet)
{
	cme_media_unref(programme->media);
	programme->media = cme_media_ref(packet->media);
	programme->first_us = programme->last_us = packet->dts_us;
	programme->count = 0;
}

/* A codec's name is one pointer. */
static bool same_codecs(const struct cme_media_facts *a, const struct cme_media_facts *b)
{
	return a->video == b->video && a->audio == b->audio && a->width == b->width &&
	       a->height == b->height && a->profile == b->profile && a->sample_rate == b->sample_rate &&
	       a->channels == b->channels;
}

static bool same_rate(double a, double b)
{
	return fabs(a - b) <= SAME_RATE * b;
}

/* Of a picture whose rate goes up and down no two measurements need be the same. */
static bool is_other_rate(struct cme_programme *programme, double fps)
{
	if (same_rate(fps, programme->facts.fps)) {
		programme->agreed = 0;
		return false;
	}
	programme->agreed = same_rate(fps, programme->fps) ? programme->agreed + 1 : 1;
	programme->fps = fps;
	return programme->agreed >= AGREED;
}

static bool enough(const struct cme_programme *programme)
{
	int64_t span_us = programme->last_us - programme->first_us;

	return (span_us >= ENOUGH_US && programme->count >= ENOUGH) ||
	       (span_us >= AT_LAST_US && programme->count >= A_FEW);
}

/* One measurement is over, the next begins with the packet at hand. */
static bool conclude(struct cme_programme *programme, const struct cme_packet *packet)
{
	struct cme_programme_facts facts = { 0 };
	bool other;

	cme_media_describe(programme->media, &facts.codecs);
	if (facts.codecs.video)
		facts.fps = (programme->count - 1) * 1e6 / (double)(programme->last_us - programme->first_us);
	other = !same_codecs(&facts.codecs, &programme->facts.codecs) || is_other_rate(programme, facts.fps);
	if (other) {
		programme->facts = facts;
		programme->agreed = 0;
	}
	restart(programme, packet);
	programme->count = 1;
	return other;
}

bool cme_programme_add(struct cme_programme *programme, const struct cme_packet *packet)
{
	int counted = packet->media->par[CME_VIDEO] ? CME_VIDEO : CME_AUDIO;
	int64_t step_us = packet->dts_us - programme->last_us;

	if (packet->stream != counted)
		return false;
	if (packet->media != programme->media || cme_timeline_jumps(step_us, AT_LAST_US) || step_us < 0)
		restart(programme, packet);
	programme->last_us = packet->dts_us;
	programme->count++;
	return enough(programme) && conclude(programme, packet);
}

/* SPDX-License-Identifier: MIT
 *
 * One address that is looked at: read as the engine reads a source (relay/source/input.h), decoded, measured.
 *
 *     input's thread: packets --> decoders --> measures [ lock ] <-- main thread: sight, facts, shots
 *
 * Of the picture keyframes are decoded, and a stretch of each look (eye/attention.h); or everything, where it
 * is asked for. The sound is decoded whole.
 *
 * The lock is a leaf: held for copies alone, never while something is decoded. The last picture has a lock of
 * its own, held while a JPEG is made of it.
 */
#ifndef CME_LOOK_VIEWER_H
#define CME_LOOK_VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "look/eye/ear.h"
#include "look/judge/compare.h"
#include "look/judge/judge.h"
#include "relay/base/events.h"
#include "stream/media.h"

enum { CME_SHOTS = 832 }; /* at ten a second: all that is compared (judge/compare.h), and more */

struct cme_viewer;

struct cme_viewer_options {
	const char *url;     /* has secrets; copied */
	const char *ca_file; /* NULL: the system's; copied */
	bool full;           /* decode all pictures */
	bool compared;       /* with those of a source */
	bool public;         /* read from public addresses alone */
	int64_t every_us;    /* between two looks, for which some pictures in a row are decoded */
};

/* What is told about an address. NAN and 0: not known. */
struct cme_viewer_facts {
	bool open;             /* media come */
	bool pictures, sounds; /* which do */
	struct cme_media_facts media;
	char video[32], audio[32];  /* codecs; media points there */
	double rate, declared_rate; /* pictures a second */
	double bits;                /* a second, of picture and sound */
	double keyframe_s;          /* between the last two keyframes */
	double mean_luma;
	double spread;
	double offset_s; /* the sound comes so much after the picture of its time; below 0: before */
	struct cme_ear_facts ear;
	struct cme_err err; /* why it ended last, while nothing comes; code empty: it did not */
};

/* NULL with err: no memory or thread, or the URL is none. events outlives the viewer. */
struct cme_viewer *cme_viewer_start(const struct cme_viewer_options *options, struct cme_events *events,
				    struct cme_err *err);

/* What one address alone shows; the numbers that need a source stay NAN. */
void cme_viewer_sight(struct cme_viewer *viewer, int64_t now_us, struct cme_sight *sight);
void cme_viewer_facts(struct cme_viewer *viewer, struct cme_viewer_facts *facts);

/* Its last pictures, the oldest first, which go to shots. */
void cme_viewer_side(struct cme_viewer *viewer, struct cme_shot shots[CME_SHOTS], struct cme_side *side);

/* A JPEG of the last picture that was decoded, however long ago; the caller's (av_packet_free). NULL: there
 * was none yet, or it cannot be made. */
struct AVPacket *cme_viewer_jpeg(struct cme_viewer *viewer);

void cme_viewer_cancel(struct cme_viewer *viewer);
bool cme_viewer_done(const struct cme_viewer *viewer);

/* Joins and frees; only after done. */
void cme_viewer_free(struct cme_viewer *viewer);

#endif

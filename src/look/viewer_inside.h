/* SPDX-License-Identifier: MIT
 *
 * What a viewer is made of, for viewer.c, which fills it on the input's thread, and viewer_ask.c, which
 * answers the main thread. Nobody else includes this.
 */
#ifndef CME_LOOK_VIEWER_INSIDE_H
#define CME_LOOK_VIEWER_INSIDE_H

#include <libavutil/frame.h>
#include <pthread.h>

#include "look/eye/attention.h"
#include "look/eye/decode.h"
#include "look/judge/pace.h"
#include "look/viewer.h"
#include "relay/source/input.h"
#include "stream/cadence.h"

struct cme_viewer {
	struct cme_input *input;

	/* of the input's thread alone */
	struct cme_decoder eye, ear;
	struct cme_media *media; /* that the decoders are set up for; a reference */
	struct cme_attention attention;
	int64_t shot_pts_us;       /* of the picture measured last */
	bool shot_any;             /* there is one since the opening */
	uint8_t anchor[CME_CELLS]; /* the picture since which nothing has moved */
	struct cme_ear meter;

	pthread_mutex_t kept_lock; /* a leaf; for kept */
	AVFrame *kept;             /* the last picture that was measured; without data: none yet */

	pthread_mutex_t lock;         /* a leaf; for all below */
	int64_t last_us;              /* when a packet came last, however often the address was opened since;
				       * none yet: when the looking began */
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

#endif

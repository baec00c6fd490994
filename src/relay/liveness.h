/* SPDX-License-Identifier: MIT
 *
 * Whether an input is alive: everything it promised is. A promise is a sequence header or a packet that
 * came, on this connection or an earlier one; what a container's flags or onMetaData say promises nothing,
 * because most servers set them whatever they carry. A promise lasts as long as the input is the same, so
 * a source that comes back without its picture is not alive. Each stream has the limit to keep its
 * promise, counted from its last packet, or from the promise, or from when the connection was opened. The
 * limit is the stall limit; its default is in base/spec.c, and relay_watch.c asks. Pure: the clock is an
 * argument.
 */
#ifndef CME_RELAY_LIVENESS_H
#define CME_RELAY_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

struct cme_liveness {
	bool promised[CME_STREAMS];
	int64_t last_us[CME_STREAMS]; /* monotonic, of the last packet; 0: none ever */
	int64_t due_us[CME_STREAMS];  /* since when the next one is waited for */
};

struct cme_liveness_verdict {
	bool lost[CME_STREAMS]; /* promised, and not there for the limit */
	int64_t check_at_us;    /* when to ask again if no packet comes; INT64_MAX: never */
};

/* The same source, on a new connection. */
void cme_liveness_open(struct cme_liveness *life, int64_t now_us);

/* A sequence header came, or a packet that cannot be passed on (yet). */
void cme_liveness_promise(struct cme_liveness *life, int stream, int64_t now_us);

/* A packet came. */
void cme_liveness_packet(struct cme_liveness *life, int stream, int64_t now_us);

/* The stream promised nothing, or a packet of it came on this connection. */
bool cme_liveness_kept(const struct cme_liveness *life, int stream);

/* Whether the source goes on without a stream that is lost: its last packet of any kind came half a limit or
 * more after the stream was due. When everything ends together the last packets lie close to each other: that
 * is silence, which the loss of one stream must not be taken for. */
bool cme_liveness_outlived(const struct cme_liveness *life, int stream, int64_t last_packet_us,
			   int64_t limit_us);

struct cme_liveness_verdict cme_liveness_judge(const struct cme_liveness *life, int64_t now_us,
					       int64_t limit_us);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One source URL opened with libavformat and read as packets in the engine's one form (reader.h). Every
 * call ends: 10 s to open, 10 s of silence; the owner's deadline can cancel sooner. What it may open and
 * what comes of it is bounded (intake.h). Belongs to the thread that opened it.
 */
#ifndef CME_RELAY_SOURCE_AV_DEMUX_H
#define CME_RELAY_SOURCE_AV_DEMUX_H

#include "common/err.h"
#include "relay/base/avlog.h"
#include "relay/base/deadline.h"
#include "relay/base/scheme.h"
#include "relay/source/av/intake.h"
#include "relay/source/av/reader.h"

/* What a source promised by what came so far (liveness.h). */
struct cme_promise {
	bool made[CME_STREAMS];
	char unreadable[CME_STREAMS][96]; /* "the picture is ... (send H.264)": why none of it is passed on;
					   * "": it is */
};

struct cme_demux {
	const char *url;                 /* the owner's; has secrets */
	const char *ca_file;             /* the owner's; may be NULL */
	struct cme_deadline *deadline;   /* the owner's; for cancelling */
	bool resume;                     /* a file over HTTP: go on where the connection broke */
	const struct cme_scheme *scheme; /* from here on set by open */
	AVFormatContext *ctx;            /* NULL: closed */
	AVIOContext *pb;                 /* of the URL itself; NULL: not open */
	struct cme_intake intake;
	struct cme_reader reader;
	struct cme_avlog log;
};

/* The first four members are set. 0, or -1 with err; close after either. */
int cme_demux_open(struct cme_demux *demux, struct cme_err *err);

/* As cme_reader_next, within the limit. */
struct cme_packet *cme_demux_next(struct cme_demux *demux, int *rc);

void cme_demux_promise(const struct cme_demux *demux, struct cme_promise *promise);

/* Why next ended, in words. */
void cme_demux_fault(const struct cme_demux *demux, int rc, struct cme_err *err);

/* What it gives comes faster than real time: a file, or HLS. */
bool cme_demux_paced(const struct cme_demux *demux);

void cme_demux_close(struct cme_demux *demux);

#endif

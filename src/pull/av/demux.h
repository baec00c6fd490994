/* SPDX-License-Identifier: MIT
 *
 * A source that libavformat opens and reads, as packets in the engine's one form (reader.h); but FLV, whose
 * bytes the engine takes apart itself, are handed on as they come. Every call ends: 10 s to open, 10 s of
 * silence, or sooner when the process is asked to end. What it may open and what comes of it is bounded
 * (intake.h). Where an int is returned: 0, or a libavformat error code. One thread.
 */
#ifndef CME_PULL_AV_DEMUX_H
#define CME_PULL_AV_DEMUX_H

#include <libavformat/avformat.h>

#include "av/avlog.h"
#include "pull/av/intake.h"
#include "pull/av/reader.h"
#include "pull/limit.h"
#include "pull/order.h"
#include "stream/gather.h"
#include "stream/packet.h"

struct cme_demux {
	const struct cme_order *order; /* the owner's */
	AVFormatContext *ctx;          /* NULL: closed, or FLV */
	AVIOContext *pb;               /* of the URL itself; NULL: not open */
	bool flv;                      /* the source is FLV */
	struct cme_intake intake;
	struct cme_reader reader;
	struct cme_avlog log;
	struct cme_limit limit;
};

/* Fini after init, whatever came in between. */
void cme_demux_init(struct cme_demux *demux, const struct cme_order *order);
void cme_demux_fini(struct cme_demux *demux);

int cme_demux_open(struct cme_demux *demux);

/* What it gives comes faster than real time: a file, or HLS. Open alone. */
bool cme_demux_paced(const struct cme_demux *demux);

/* The next packet, the caller's reference. NULL with *rc 0: none right now, call again; NULL with *rc < 0:
 * the source ended or failed. Not of FLV. */
struct cme_packet *cme_demux_next(struct cme_demux *demux, int *rc);

/* Some bytes of FLV, at least one, or a libavformat error code. */
int cme_demux_bytes(struct cme_demux *demux, uint8_t *out, int size);

void cme_demux_promise(const struct cme_demux *demux, struct cme_promise *promise);

/* Why a call ended, in words. open: it was the opening. */
void cme_demux_fault(struct cme_demux *demux, int rc, bool open, struct cme_err *err);

#endif

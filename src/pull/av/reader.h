/* SPDX-License-Identifier: MIT
 *
 * An opened source as libavformat gives it -> packets in the engine's one form: picture and sound only,
 * the first (for HLS the best) of each, microseconds, H.264 with length prefixes and avcC, AAC raw.
 * Holds packets back until the parameters of both streams are known (gather.h). Belongs to one thread.
 */
#ifndef CME_PULL_AV_READER_H
#define CME_PULL_AV_READER_H

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

#include "common/err.h"
#include "pull/av/mpa.h"
#include "stream/gather.h"
#include "stream/packet.h"

/* How a source describes its streams anew in the middle of it: an MP4 without media. */
struct cme_reader_init {
	struct cme_buf boxes;
	bool fresh; /* it came, and was not read yet */
};

struct cme_reader {
	AVFormatContext *ctx;              /* the owner's, open */
	int index[CME_STREAMS];            /* stream of ctx; -1: none yet */
	AVRational time_base[CME_STREAMS]; /* of ctx's packets */
	struct cme_reader_init *init;      /* the owner's, set after init; NULL: none comes */
	bool start_codes;     /* before the picture's units, not lengths: the container says so */
	AVBSFContext *adts;   /* ADTS to raw AAC; NULL: not needed */
	uint32_t adts_coding; /* that the filter has seen; 0: nothing yet */
	struct cme_mpa mpa;   /* MPEG audio by RTP */
	struct cme_gather gather;
	int64_t last_dts_us[CME_STREAMS]; /* for packets that come without */
	bool marked[CME_STREAMS];         /* libavformat called the last one damaged */
	bool foreign;                     /* the packet read last was of neither: no sign of life */
};

/* ctx has been opened. 0, or a libavformat error code; AVERROR_INVALIDDATA: nothing to relay in it. */
int cme_reader_init(struct cme_reader *reader, AVFormatContext *ctx);
void cme_reader_fini(struct cme_reader *reader);

/* The next packet (arrival not set), the caller's reference; NULL with *rc 0: none right now, call
 * again; NULL with *rc < 0: the source ended or failed;
 * AVERROR_PATCHWELCOME: its picture lacks something. Blocks as av_read_frame does. */
struct cme_packet *cme_reader_next(struct cme_reader *reader, int *rc);

#endif

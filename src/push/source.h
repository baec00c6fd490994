/* SPDX-License-Identifier: MIT
 *
 * What the engine sends: FLV with payloads of Enhanced RTMP (stream/flv/writer.h writes it) -> packets, in
 * the engine's one form: microseconds, H.264 and HEVC with length prefixes, AAC raw. A configuration record
 * that differs from the one before is attached to the next packet of its stream.
 *
 * Reads without copying more than a payload; bounded by the largest packet that is relayed.
 */
#ifndef CME_PUSH_SOURCE_H
#define CME_PUSH_SOURCE_H

#include <libavcodec/packet.h>
#include <stdbool.h>

#include "common/err.h"
#include "push/task.h"
#include "stream/flv/body.h"
#include "stream/flv/file.h"

#define CME_PUSH_READ_BYTES 65536

struct cme_push_source {
	int fd;
	AVCodecParameters **par;   /* the task's: extradata are kept as they are by now */
	bool changed[CME_STREAMS]; /* since the last packet of the stream */
	struct cme_flv_file file;
	struct cme_flv_body body; /* of the tag that is being read */
	int kind;                 /* of body; -1: it is used up */
	int64_t clock_ms;         /* of the tag, without wraps */
	bool clocked;
	uint8_t bytes[CME_PUSH_READ_BYTES];
	const uint8_t *at; /* in bytes: what is not read yet */
	size_t len;
};

void cme_push_source_init(struct cme_push_source *source, int fd, AVCodecParameters **par);
void cme_push_source_fini(struct cme_push_source *source);

/* The next packet of what was read, with stream_index CME_VIDEO or CME_AUDIO. 1; 0: more has to be read; -1
 * with err. */
int cme_push_source_next(struct cme_push_source *source, AVPacket *av, struct cme_err *err);

/* Waits for more. 1; 0: nothing more comes; -1 with err. */
int cme_push_source_read(struct cme_push_source *source, struct cme_err *err);

#endif

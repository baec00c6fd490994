/* SPDX-License-Identifier: MIT
 *
 * What a cme-push has to do: the line that the engine tells it (child/enter.h).
 *
 *   {"url":"srt://h:9000?streamid=...","container":"mpegts","ca_file":"/etc/..","proof_ms":500,
 *    "video":{"codec":"h264","width":1280,"height":720,"bit_rate":0,"extradata":"0164..."},
 *    "audio":{"codec":"aac","sample_rate":48000,"channels":2,"frame_size":1024,"extradata":"1190"}}
 *
 * A recording has a place in the operator's folder instead of a destination; "url" is for messages then:
 *
 *   {"url":"/recordings/gala","container":"mp4","record":{"folder":"/recordings","name":"gala",
 *    "max_seconds":3600,"max_bytes":0,"total_bytes":0},"video":..}
 *
 * "until_ms" is when the process has to be dead (fence.h); without it there is no such time.
 *
 * Codecs are named as libavcodec names them, `extradata` is hexadecimal. A stream that is missing or null is
 * none. relay/output/push/telling.c writes it.
 */
#ifndef CME_PUSH_TASK_H
#define CME_PUSH_TASK_H

#include <jansson.h>
#include <libavcodec/codec_par.h>

#include "common/err.h"
#include "stream/timeline.h" /* CME_VIDEO, CME_AUDIO */

struct cme_push_record_task {
	const char *folder; /* NULL: it is no recording */
	const char *name;
	int64_t max_us;      /* of a file; 0: any, as below */
	int64_t max_bytes;   /* of a file */
	int64_t total_bytes; /* of all files in the folder */
};

struct cme_push_task {
	json_t *line;
	const char *url;       /* of the line, as the next two */
	const char *container; /* by libavformat's name */
	const char *ca_file;   /* NULL: the system's */
	struct cme_push_record_task record;
	int64_t until_ms;                    /* when it has to be dead, by CLOCK_BOOTTIME; 0: it may live */
	int64_t proof_us;                    /* a hang-up before this time is the server's refusal */
	AVCodecParameters *par[CME_STREAMS]; /* NULL: there is no such stream */
};

/* Takes the reference over. 0, or -1 with err (internal). cme_push_task_fini after either. */
int cme_push_task_init(struct cme_push_task *task, json_t *line, struct cme_err *err);
void cme_push_task_fini(struct cme_push_task *task);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Writes fragmented MP4: a fragment at least twice a second, so that whatever ends the process costs no more
 * than that, and the files up to there can be played. A file begins with a keyframe, and no packet is lost
 * between two: sound that belongs before the new file's first picture still goes to the old one.
 *
 * A file is opened when the sound's configuration is known, too, since a switch may change both: what comes
 * until then waits in memory, at most a second of it. What has another configuration goes to another file,
 * which sound waits for in memory until the next keyframe. Where none comes (another input has no picture),
 * the sound that waited, at most CME_RECORD_PENDING_MAX packets, gets a file without picture, until there is
 * a keyframe.
 *
 * It says on the report channel: {"file":NAME} when one is opened, and
 * {"recorded":{"name":NAME,"bytes":n,"seconds":s,"started_at":unix}} when it is finished.
 */
#ifndef CME_PUSH_RECORD_H
#define CME_PUSH_RECORD_H

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>

#include "push/folder.h"
#include "push/task.h"
#include "push/tracks.h"

#define CME_RECORD_PENDING_MAX 1024

struct cme_record_file {
	AVFormatContext *ctx; /* NULL: none is open */
	int fd;
	char name[CME_FOLDER_NAME_MAX];
	struct cme_push_tracks tracks;
	bool sound;       /* alone: without the picture's track */
	int64_t base_us;  /* DTS that is the file's 0 */
	int64_t until_us; /* end of the latest packet by now */
	int64_t bytes;    /* written */
	int64_t whole;    /* of them, up to the end of the last whole fragment */
	int64_t payload;  /* given to the muxer */
	int64_t started_at;
	int fault; /* errno of a write that failed; 0: none did */
};

struct cme_push_record {
	const struct cme_push_task *task;
	struct cme_folder folder;
	struct cme_record_file now; /* with a base, but not open: packets wait */
	struct cme_record_file old; /* still takes sound from before the base of `now` */
	bool based;                 /* now has a base */
	bool renew;                 /* sound of another configuration waits for the next file */
	int64_t start_us;           /* DTS of the last keyframe; INT64_MIN: none came */
	int64_t start_payload;      /* now.payload at that time */
	AVPacket *pending[CME_RECORD_PENDING_MAX];
	size_t count;
};

/* 0, or -1 with err. cme_push_record_close after either. */
int cme_push_record_open(struct cme_push_record *record, const struct cme_push_task *task,
			 struct cme_err *err);

/* Takes the packet's content over. 0, or -1 with err. */
int cme_push_record_write(struct cme_push_record *record, AVPacket *av, struct cme_err *err);

/* Finishes what is open. */
void cme_push_record_close(struct cme_push_record *record);

#endif

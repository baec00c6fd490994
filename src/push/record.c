/* SPDX-License-Identifier: MIT */
#include "push/record.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child/report.h"
#include "common/clock.h"

#define FRAGMENT_US "400000"
#define IO_BYTES    65536
#define WAIT_US     CME_SECOND_US       /* of picture, for sound */
#define OLD_US      (2 * CME_SECOND_US) /* without more for it, until the old file is finished */

/* ---- one file */

static int write_bytes(void *opaque, uint8_t *data, int len)
{
	struct cme_record_file *file = opaque;
	int done = 0;

	while (done < len && !file->fault) {
		ssize_t n = write(file->fd, data + done, (size_t)(len - done));

		if (n < 0 && errno != EINTR)
			file->fault = errno;
		else if (n > 0)
			done += (int)n;
	}
	file->bytes += done;
	return file->fault ? AVERROR(file->fault) : len;
}

static int open_muxer(struct cme_record_file *file, const struct cme_push_task *task)
{
	AVDictionary *options = NULL;
	uint8_t *buffer;
	int rc = avformat_alloc_output_context2(&file->ctx, NULL, task->container, NULL);

	if (rc < 0)
		return rc;
	buffer = av_malloc(IO_BYTES);
	file->ctx->pb =
		buffer ? avio_alloc_context(buffer, IO_BYTES, 1, file, NULL, write_bytes, NULL) : NULL;
	if (!file->ctx->pb)
		return AVERROR(ENOMEM);
	file->ctx->pb->seekable = 0;
	file->ctx->flags |= AVFMT_FLAG_FLUSH_PACKETS;
	if ((rc = cme_push_tracks_init(&file->tracks, file->ctx, task)) < 0)
		return rc;
	av_dict_set(&options, "movflags", "delay_moov+default_base_moof", 0);
	av_dict_set(&options, "frag_duration", FRAGMENT_US, 0);
	rc = avformat_write_header(file->ctx, &options);
	av_dict_free(&options);
	return rc < 0 ? rc : 0;
}

/* What became of a file that libavformat, or the disk, does not take. */
static int fail(const struct cme_push_record *record, const struct cme_record_file *file, int rc,
		struct cme_err *err)
{
	int fault = file->fault ? file->fault : AVUNERROR(rc);

	if (fault == ENOSPC || fault == EDQUOT)
		cme_err_set(err, "record.full", "%s", strerror(fault));
	else if (file->fault)
		cme_err_set(err, "record.failed", "%s", strerror(fault));
	else
		cme_err_set(err, "media.unsupported", "MP4 does not take what is recorded (%s)",
			    av_err2str(rc));
	return cme_err_prefix(err, "record '%s'", record->task->url);
}

/* The parts of a file that is over. */
static void release(struct cme_record_file *file)
{
	cme_push_tracks_fini(&file->tracks);
	if (file->ctx && file->ctx->pb) {
		av_freep(&file->ctx->pb->buffer);
		avio_context_free(&file->ctx->pb);
	}
	avformat_free_context(file->ctx);
	file->ctx = NULL;
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* A file that did not begin: libavformat's trailer is for those whose header was written alone. */
static int drop(const struct cme_push_record *record, struct cme_record_file *file, int rc,
		struct cme_err *err)
{
	fail(record, file, rc, err);
	release(file);
	unlinkat(record->folder.fd, file->name, 0);
	return -1;
}

static int open_file(struct cme_push_record *record, struct cme_err *err)
{
	struct cme_record_file *file = &record->now;
	struct cme_push_task task = *record->task;
	int rc;

	if (file->sound)
		task.par[CME_VIDEO] = NULL;
	if (cme_push_tracks_check(&task, err) != 0)
		return cme_err_prefix(err, "record '%s'", record->task->url);
	file->started_at = (int64_t)time(NULL);
	file->fd = cme_folder_create(&record->folder, record->task->record.name, (time_t)file->started_at,
				     file->name, err);
	if (file->fd < 0)
		return cme_err_prefix(err, "record '%s'", record->task->url);
	rc = open_muxer(file, &task);
	if (rc < 0)
		return drop(record, file, rc, err);
	cme_report(json_pack("{s:s}", "file", file->name));
	return 0;
}

static void finish(struct cme_record_file *file)
{
	if (!file->ctx)
		return;
	if (!file->fault) {
		cme_push_tracks_flush(&file->tracks); /* the trailer fails, too, where this does */
		av_write_trailer(file->ctx);
		avio_flush(file->ctx->pb);
	}
	if (file->fault && ftruncate(file->fd, file->whole) == 0) /* of a full disk: half a fragment */
		file->bytes = file->whole;
	release(file);
	cme_report(json_pack("{s:{s:s,s:I,s:f,s:I}}", "recorded", "name", file->name, "bytes",
			     (json_int_t)file->bytes, "seconds",
			     (double)(file->until_us - file->base_us) / 1e6, "started_at",
			     (json_int_t)file->started_at));
}

/* ---- which file */

static bool has_picture(const struct cme_push_record *record)
{
	return record->task->par[CME_VIDEO] && !record->now.sound;
}

static bool is_keyframe(const AVPacket *av)
{
	return av->stream_index == CME_VIDEO && (av->flags & AV_PKT_FLAG_KEY);
}

static bool is_start(const struct cme_push_record *record, const AVPacket *av)
{
	return has_picture(record) || av->stream_index == CME_VIDEO ? is_keyframe(av) : true;
}

static bool reconfigures(const AVPacket *av)
{
	return av_packet_get_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, NULL) != NULL;
}

/* With what lies between two keyframes, as between the last two, it would have more than it may. */
static bool is_full(const struct cme_push_record *record, const AVPacket *av)
{
	const struct cme_record_file *file = &record->now;
	const struct cme_push_record_task *task = &record->task->record;
	int64_t gop_us = av->dts - record->start_us, gop_bytes = file->payload - record->start_payload;

	return (task->max_us && av->dts - file->base_us + gop_us > task->max_us + CME_MS_US) ||
	       (task->max_bytes && file->payload + gop_bytes > task->max_bytes);
}

/* The packet is the first of another file. */
static bool begins_file(const struct cme_push_record *record, const AVPacket *av)
{
	if (!is_start(record, av))
		return false;
	return !record->based || record->renew || reconfigures(av) ||
	       (record->now.sound && is_keyframe(av)) || (record->now.ctx && is_full(record, av));
}

/* Where the new file begins: with its first packet, or with the sound that waits for it. A file of sound
 * alone goes on as one until there is a keyframe. */
static void begin_file(struct cme_push_record *record, const AVPacket *av)
{
	bool sound = record->now.sound && !is_keyframe(av);
	int64_t base_us = av->dts;

	if (record->now.ctx) {
		finish(&record->old);
		record->old = record->now;
		if (record->old.ctx->pb)
			record->old.ctx->pb->opaque = &record->old;
	}
	if (record->renew && record->count && record->pending[0]->dts < base_us)
		base_us = record->pending[0]->dts;
	record->now =
		(struct cme_record_file){ .fd = -1, .sound = sound, .base_us = base_us, .until_us = base_us };
	record->based = true;
	record->renew = false;
}

static void note_start(struct cme_push_record *record, const AVPacket *av)
{
	if (!is_start(record, av))
		return;
	record->start_us = av->dts;
	record->start_payload = record->now.payload;
}

/* ---- writing */

static int mux(struct cme_push_record *record, struct cme_record_file *file, AVPacket *av,
	       struct cme_err *err)
{
	int64_t length_us = av->duration > 0 ? av->duration : 0;
	int rc;

	if (av->dts + length_us > file->until_us)
		file->until_us = av->dts + length_us;
	file->payload += av->size;
	rc = cme_push_tracks_write(&file->tracks, av, file->base_us);
	if (rc < 0)
		return fail(record, file, rc, err);
	file->whole = file->bytes;
	return 0;
}

/* Nothing more comes for the old file: sound from before the new one's beginning or, beside a file of sound
 * alone, pictures. */
static bool is_over(const struct cme_push_record *record, const AVPacket *av)
{
	if (record->now.sound)
		return av->dts >= record->old.until_us + OLD_US;
	return av->dts >= record->now.base_us + (av->stream_index == CME_AUDIO ? 0 : OLD_US);
}

static bool has_track(const struct cme_record_file *file, const AVPacket *av)
{
	return file->ctx && file->tracks.index[av->stream_index] >= 0;
}

static int route(struct cme_push_record *record, AVPacket *av, struct cme_err *err)
{
	bool early = av->dts < record->now.base_us || !has_track(&record->now, av);

	if (early && has_track(&record->old, av))
		return mux(record, &record->old, av, err);
	if (record->old.ctx && is_over(record, av))
		finish(&record->old);
	return early ? 0 : mux(record, &record->now, av, err);
}

static int flush(struct cme_push_record *record, struct cme_err *err)
{
	int rc = open_file(record, err);

	for (size_t i = 0; i < record->count; i++) {
		if (rc == 0)
			rc = route(record, record->pending[i], err);
		av_packet_free(&record->pending[i]);
	}
	record->count = 0;
	return rc;
}

/* No keyframe came for the sound that waits for the next file: it gets one of its own. */
static int flush_sound(struct cme_push_record *record, struct cme_err *err)
{
	begin_file(record, record->pending[0]);
	record->now.sound = true;
	return flush(record, err);
}

/* All that the new file begins with is known, or it is waited for no longer. */
static bool is_ready(const struct cme_push_record *record, const AVPacket *av)
{
	bool both = has_picture(record) && record->task->par[CME_AUDIO];

	return !both || record->count == CME_RECORD_PENDING_MAX ||
	       (av->stream_index == CME_AUDIO ? av->dts >= record->now.base_us
					      : av->dts >= record->now.base_us + WAIT_US);
}

static int wait_in_memory(struct cme_push_record *record, AVPacket *av, struct cme_err *err)
{
	AVPacket *copy = record->count < CME_RECORD_PENDING_MAX ? av_packet_alloc() : NULL;

	if (!copy)
		return cme_err_set(err, "internal", "out of memory");
	av_packet_move_ref(copy, av);
	record->pending[record->count++] = copy;
	if (record->renew && record->count == CME_RECORD_PENDING_MAX)
		return flush_sound(record, err);
	return record->based && !record->renew && is_ready(record, copy) ? flush(record, err) : 0;
}

static int write_packet(struct cme_push_record *record, AVPacket *av, struct cme_err *err)
{
	if (cme_folder_check(&record->folder, err) != 0)
		return cme_err_prefix(err, "record '%s'", record->task->url);
	if (begins_file(record, av))
		begin_file(record, av);
	else if (record->now.ctx && reconfigures(av))
		record->renew = true;
	if (!record->based)
		return 0; /* from before the first keyframe */
	note_start(record, av);
	if (!record->now.ctx || (record->renew && av->stream_index == CME_AUDIO))
		return wait_in_memory(record, av, err);
	return route(record, av, err);
}

int cme_push_record_open(struct cme_push_record *record, const struct cme_push_task *task,
			 struct cme_err *err)
{
	*record = (struct cme_push_record){
		.task = task, .now = { .fd = -1 }, .old = { .fd = -1 }, .start_us = INT64_MIN
	};
	if (cme_folder_open(&record->folder, task->record.folder, task->record.total_bytes, err) == 0 &&
	    cme_folder_check(&record->folder, err) == 0)
		return 0;
	return cme_err_prefix(err, "record '%s'", task->url);
}

int cme_push_record_write(struct cme_push_record *record, AVPacket *av, struct cme_err *err)
{
	int rc = write_packet(record, av, err);

	av_packet_unref(av);
	return rc;
}

void cme_push_record_close(struct cme_push_record *record)
{
	struct cme_err ignored;

	if (record->renew && record->count)
		flush_sound(record, &ignored);
	else if (record->based && !record->now.ctx && record->count)
		flush(record, &ignored);
	finish(&record->old);
	finish(&record->now);
	for (size_t i = 0; i < record->count; i++)
		av_packet_free(&record->pending[i]);
	cme_folder_close(&record->folder);
}

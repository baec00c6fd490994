/* SPDX-License-Identifier: MIT */
#include "push/hls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/write_all.h"
#include "push/playlist.h"

#define PART_US    (450 * CME_MS_US)    /* a part is closed by the packet that would make it longer */
#define SEGMENT_US CME_SECOND_US        /* a keyframe after that begins another segment */
#define LONGEST_US (20 * CME_SECOND_US) /* a segment without a keyframe */
#define KEPT_US    (15 * CME_SECOND_US) /* of media, for who asks late */
#define KEPT_MIN   3                    /* segments */
#define GAP_US     (500 * CME_MS_US)    /* a hole; it has to be GAP_FRAMES pictures long, too */
#define GAP_FRAMES 4
#define FRAME_US   (40 * CME_MS_US) /* of a picture whose length is not known */
#define FILE_NAME  48               /* bytes */

/* ---- files */

static int fail(const struct cme_push_hls *hls, int number, struct cme_err *err)
{
	const char *code = number == ENOSPC || number == EDQUOT ? "record.full" : "record.failed";

	cme_err_set(err, code, "%s", strerror(number));
	return cme_err_prefix(err, "record '%s'", hls->task->url);
}

/* Writes a file under another name first: whoever looks sees all of it. */
static int put(struct cme_push_hls *hls, const char *name, const void *data, size_t len, struct cme_err *err)
{
	int fd = openat(hls->fd, "new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = fd >= 0 && cme_write_all(fd, data, len) ? 0 : -1;

	if (fd >= 0 && close(fd) != 0)
		rc = -1;
	if (rc == 0 && renameat(hls->fd, "new", hls->fd, name) == 0)
		return 0;
	return fail(hls, errno, err);
}

/* What the process before has left. */
static void empty_folder(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(folder, entry->d_name, 0);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

static void remove_segment(struct cme_push_hls *hls)
{
	const struct cme_hls_segment *oldest = &hls->segments[0];
	char name[FILE_NAME];

	for (unsigned i = 0; i < oldest->parts; i++) {
		snprintf(name, sizeof name, "%" PRId64 ".%u.m4s", oldest->number, i);
		unlinkat(hls->fd, name, 0);
	}
	if (hls->count < 2 || hls->segments[1].epoch != oldest->epoch) {
		snprintf(name, sizeof name, "%" PRId64 ".mp4", oldest->epoch);
		unlinkat(hls->fd, name, 0);
	}
	hls->count--;
	memmove(hls->segments, hls->segments + 1, hls->count * sizeof hls->segments[0]);
}

static int put_playlist(struct cme_push_hls *hls, struct cme_err *err)
{
	char text[CME_PLAYLIST_MAX];
	int len = cme_playlist_write(hls->segments, hls->count, hls->longest_us, hls->target_us, text);

	return put(hls, "index.m3u8", text, (size_t)len, err);
}

/* ---- an epoch */

static int add_tracks(struct cme_push_hls *hls)
{
	const AVCodecParameters *video = hls->task->par[CME_VIDEO];
	int rc = cme_push_tracks_init(&hls->tracks, hls->ctx, hls->task);

	if (rc >= 0 && video && video->codec_id == AV_CODEC_ID_HEVC) /* Safari takes no hev1 */
		hls->ctx->streams[hls->tracks.index[CME_VIDEO]]->codecpar->codec_tag =
			MKTAG('h', 'v', 'c', '1');
	return rc;
}

/* Times are those of the packets, wherever a stream begins. */
static int write_header(struct cme_push_hls *hls)
{
	AVDictionary *options = NULL;
	int rc;

	av_dict_set(&options, "movflags", "empty_moov+default_base_moof+frag_custom+frag_discont", 0);
	av_dict_set(&options, "use_editlist", "0", 0);
	rc = avformat_write_header(hls->ctx, &options);
	av_dict_free(&options);
	return rc < 0 ? rc : 0;
}

/* Gives what was muxed so far to a file, and begins anew in memory. */
static int flush_to(struct cme_push_hls *hls, const char *name, struct cme_err *err)
{
	uint8_t *data = NULL;
	int len, rc = 0;

	avio_flush(hls->ctx->pb);
	len = avio_close_dyn_buf(hls->ctx->pb, &data);
	hls->ctx->pb = NULL;
	if (len > 0)
		rc = put(hls, name, data, (size_t)len, err);
	av_free(data);
	if (rc == 0 && avio_open_dyn_buf(&hls->ctx->pb) < 0)
		rc = fail(hls, ENOMEM, err);
	return rc;
}

static int muxer_fault(const struct cme_push_hls *hls, int rc, struct cme_err *err)
{
	cme_err_set(err, "media.unsupported", "MP4 does not take what is recorded (%s)", av_err2str(rc));
	return cme_err_prefix(err, "record '%s'", hls->task->url);
}

static void end_epoch(struct cme_push_hls *hls)
{
	uint8_t *data = NULL;

	cme_push_tracks_fini(&hls->tracks);
	if (hls->ctx && hls->ctx->pb) {
		avio_close_dyn_buf(hls->ctx->pb, &data);
		hls->ctx->pb = NULL;
		av_free(data);
	}
	avformat_free_context(hls->ctx);
	hls->ctx = NULL;
}

static int begin_epoch(struct cme_push_hls *hls, int64_t base_us, struct cme_err *err)
{
	char name[FILE_NAME];
	int rc;

	if (cme_push_tracks_check(hls->task, err) != 0) {
		cme_err_prefix(err, "record '%s'", hls->task->url);
		return -1;
	}
	end_epoch(hls);
	hls->epoch++;
	hls->base_us = base_us;
	hls->renew = false;
	rc = avformat_alloc_output_context2(&hls->ctx, NULL, "mp4", NULL);
	if (rc >= 0)
		rc = avio_open_dyn_buf(&hls->ctx->pb);
	if (rc >= 0 && (rc = add_tracks(hls)) >= 0)
		rc = write_header(hls);
	if (rc < 0)
		return muxer_fault(hls, rc, err);
	snprintf(name, sizeof name, "%" PRId64 ".mp4", hls->epoch);
	return flush_to(hls, name, err);
}

/* ---- segments and parts */

static struct cme_hls_segment *newest(struct cme_push_hls *hls)
{
	return hls->count ? &hls->segments[hls->count - 1] : NULL;
}

static void begin_segment(struct cme_push_hls *hls, int64_t dts_us)
{
	while (hls->count == CME_HLS_SEGMENTS_MAX ||
	       (hls->count > KEPT_MIN && dts_us - hls->segments[1].begin_us > KEPT_US))
		remove_segment(hls);
	hls->segments[hls->count++] =
		(struct cme_hls_segment){ .number = hls->next++, .epoch = hls->epoch, .begin_us = dts_us };
}

/* What times are counted by: the picture, or the sound of a stream without one. */
static int leading(const struct cme_push_hls *hls)
{
	return hls->task->par[CME_VIDEO] ? CME_VIDEO : CME_AUDIO;
}

/* Ends the fragment that is being muxed. The other stream's latest packet goes into the next one, if there is
 * one. */
static int end_fragment(struct cme_push_hls *hls, int64_t end_us)
{
	int rc = cme_push_tracks_end(&hls->tracks, leading(hls), end_us, hls->base_us);

	if (rc >= 0 && hls->renew)
		rc = cme_push_tracks_flush(&hls->tracks);
	return rc < 0 ? rc : av_write_frame(hls->ctx, NULL);
}

static int put_part(struct cme_push_hls *hls, struct cme_hls_segment *segment, int64_t end_us,
		    struct cme_err *err)
{
	int64_t length_us = end_us - hls->part_us;
	char name[FILE_NAME];
	int rc = end_fragment(hls, end_us);

	if (rc < 0)
		return muxer_fault(hls, rc, err);
	snprintf(name, sizeof name, "%" PRId64 ".%u.m4s", segment->number, segment->parts);
	if (flush_to(hls, name, err) != 0)
		return -1;
	segment->independent[segment->parts] = hls->part_keyed;
	segment->part_us[segment->parts++] = length_us;
	if (length_us > hls->longest_us)
		hls->longest_us = length_us;
	hls->empty = true;
	return put_playlist(hls, err);
}

/* The media up to end_us are a part. That a segment is whole is told with the first part of the next: hls.js
 * takes a playlist that ends with a segment for one that has it twice. */
static int end_part(struct cme_push_hls *hls, int64_t end_us, bool whole, struct cme_err *err)
{
	struct cme_hls_segment *segment = newest(hls);

	if (!hls->empty && put_part(hls, segment, end_us, err) != 0)
		return -1;
	segment->whole = whole;
	if (whole && end_us - segment->begin_us > hls->target_us)
		hls->target_us = end_us - segment->begin_us;
	return 0;
}

static void begin_part(struct cme_push_hls *hls, int64_t dts_us, bool keyed)
{
	hls->part_us = dts_us;
	hls->part_keyed = keyed;
}

static bool leads(const struct cme_push_hls *hls, const AVPacket *av)
{
	return av->stream_index == leading(hls);
}

static bool is_start(const struct cme_push_hls *hls, const AVPacket *av)
{
	return leads(hls, av) && (!hls->task->par[CME_VIDEO] || (av->flags & AV_PKT_FLAG_KEY));
}

static bool begins_segment(struct cme_push_hls *hls, const AVPacket *av)
{
	const struct cme_hls_segment *segment = newest(hls);

	if (!segment)
		return true;
	if (is_start(hls, av) && (hls->renew || av->dts - segment->begin_us >= SEGMENT_US))
		return true;
	return av->dts - segment->begin_us >= LONGEST_US || segment->parts == CME_HLS_PARTS_MAX - 1;
}

/* Fragments of a track begin where the one before ended, unless the muxer is told that there was a hole: the
 * picture is back. */
static void count_anew(struct cme_push_hls *hls)
{
	if (hls->ctx)
		av_opt_set(hls->ctx->priv_data, "movflags", "+frag_discont", 0);
}

/* When the part ends that a packet is behind: with it, or with what is there, if it comes late for that. */
static int64_t end_before(const struct cme_push_hls *hls, const AVPacket *av)
{
	if (av->dts > hls->part_us || hls->gap)
		return av->dts;
	return hls->latest_us > hls->part_us ? hls->latest_us : hls->part_us + CME_MS_US;
}

/* A packet is about to be written that begins a part. A gap has ended the open one. */
static int begin_with(struct cme_push_hls *hls, const AVPacket *av, struct cme_err *err)
{
	bool segment = begins_segment(hls, av);
	int64_t at_us = end_before(hls, av);

	if (hls->count && !hls->gap && end_part(hls, at_us, segment, err) != 0)
		return -1;
	if (leads(hls, av) && hls->away)
		count_anew(hls);
	hls->away = !leads(hls, av);
	if (hls->renew && is_start(hls, av) && begin_epoch(hls, hls->base_us, err) != 0)
		return -1;
	hls->gap = false;
	if (segment)
		begin_segment(hls, at_us);
	begin_part(hls, at_us, is_start(hls, av));
	return 0;
}

/* A leading packet is about to be written: what it begins is begun. */
static int advance(struct cme_push_hls *hls, const AVPacket *av, struct cme_err *err)
{
	if (hls->last_us != INT64_MIN && (!hls->gap || hls->frame_us == 0))
		hls->frame_us = av->dts - hls->last_us;
	hls->last_us = av->dts;
	if (!begins_segment(hls, av) && !hls->away && av->dts + hls->frame_us - hls->part_us <= PART_US)
		return 0;
	return begin_with(hls, av, err);
}

/* The picture stays away while the sound goes on, and the part would be as long as that. */
static bool lacks_picture(const struct cme_push_hls *hls, const AVPacket *av)
{
	int64_t late_us = av->dts - hls->last_us;

	return !hls->gap && late_us > GAP_US && late_us > GAP_FRAMES * hls->frame_us &&
	       av->dts - hls->part_us >= PART_US;
}

/* ---- gaps */

/* No media came for a while: an encoder was away. A picture that is no keyframe is the next one of the same
 * encoder, however late it is; and a source of few pictures has none missing. */
static bool follows_gap(const struct cme_push_hls *hls, const AVPacket *av)
{
	int64_t hole_us;

	if (!hls->ctx || hls->gap || hls->last_us == INT64_MIN || (leads(hls, av) && !is_start(hls, av)))
		return false;
	hole_us = av->dts - hls->latest_us;
	return hole_us > GAP_US && hole_us > GAP_FRAMES * hls->frame_us;
}

/* Ends the part and the segment where their media end. A keyframe begins another epoch, since players have to
 * be told of a hole. */
static int begin_gap(struct cme_push_hls *hls, struct cme_err *err)
{
	int64_t end_us = hls->last_us + (hls->frame_us > 0 ? hls->frame_us : FRAME_US);

	hls->renew = true;
	hls->gap = true;
	return end_part(hls, end_us > hls->latest_us ? end_us : hls->latest_us, true, err);
}

/* ---- writing */

static int mux(struct cme_push_hls *hls, AVPacket *av, struct cme_err *err)
{
	int64_t dts_us = av->dts;
	int rc = cme_push_tracks_write(&hls->tracks, av, hls->base_us);

	if (rc < 0)
		return muxer_fault(hls, rc, err);
	hls->empty = false;
	if (dts_us > hls->latest_us)
		hls->latest_us = dts_us;
	return 0;
}

static int write_packet(struct cme_push_hls *hls, AVPacket *av, struct cme_err *err)
{
	if (av_packet_get_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, NULL) && hls->ctx)
		hls->renew = true;
	if (follows_gap(hls, av) && begin_gap(hls, err) != 0)
		return -1;
	if ((!hls->ctx || hls->gap) && !is_start(hls, av))
		return 0;
	if (!hls->ctx && begin_epoch(hls, av->dts, err) != 0)
		return -1;
	if (av->dts < hls->base_us)
		return 0; /* sound from before the first picture */
	if (leads(hls, av) && advance(hls, av, err) != 0)
		return -1;
	if (!leads(hls, av) && lacks_picture(hls, av) && begin_with(hls, av, err) != 0)
		return -1;
	return mux(hls, av, err);
}

int cme_push_hls_open(struct cme_push_hls *hls, const struct cme_push_task *task, struct cme_err *err)
{
	const char *path = task->url + strlen(CME_HLS_SCHEME);

	*hls = (struct cme_push_hls){
		.task = task, .empty = true, .last_us = INT64_MIN, .latest_us = INT64_MIN
	};
	hls->next = hls->epoch = (int64_t)time(NULL);
	hls->fd = mkdir(path, 0700) == 0 || errno == EEXIST ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
							    : -1;
	if (hls->fd < 0)
		return fail(hls, errno, err);
	empty_folder(hls->fd);
	return 0;
}

int cme_push_hls_write(struct cme_push_hls *hls, AVPacket *av, struct cme_err *err)
{
	int rc = write_packet(hls, av, err);

	av_packet_unref(av);
	return rc;
}

void cme_push_hls_close(struct cme_push_hls *hls)
{
	end_epoch(hls);
	if (hls->fd >= 0)
		close(hls->fd);
	hls->fd = -1;
}

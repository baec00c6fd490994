/* SPDX-License-Identifier: MIT */
#include "relay/source/av/intake.h"

#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <string.h>

#include "relay/source/av/m3u8.h"
#include "stream/boxes.h"
#include "stream/packet.h"

#define BUFFER        32768
#define RESUME_WAIT_S "4" /* the longest wait between two tries to go on */
#define USER_AGENT    "cme-relay/" CME_VERSION
#define FLV_MARK      "FLV"
#define MP4_MARK      "ftyp" /* behind the size of the box; the first look sees three bytes of it */
#define MP4_MARK_AT   4
#define MP4_MARK_SEEN 3
#define PLAYLIST_MAX  ((size_t)2 * 1024 * 1024)  /* bytes of a playlist's text */
#define OPENING_MAX   ((size_t)48 * 1024 * 1024) /* cost of all playlists while a source is opened */
#define RELOAD_MAX    ((size_t)16 * 1024 * 1024) /* and of one that is read again later */

/* One URL that is open. */
struct tap {
	struct cme_intake *intake;
	AVIOContext *outer; /* what the demuxer reads */
	AVIOContext *inner;
	enum { UNKNOWN, OTHER, FLV, PLAYLIST, MP4 } kind;
	size_t playlist_len;
	struct cme_m3u8 m3u8;
	struct cme_tags tags;
	struct cme_boxes boxes;
};

void cme_intake_reset(struct cme_intake *intake)
{
	intake->opened = intake->boxed = false;
	intake->playlists_left = OPENING_MAX;
	intake->refusal.code[0] = '\0';
	intake->sound[0] = '\0';
	cme_buf_init(&intake->init.boxes, CME_BOXES_INIT_MAX);
	intake->init.fresh = false;
}

void cme_intake_fini(struct cme_intake *intake)
{
	cme_buf_fini(&intake->init.boxes);
}

static AVIOContext *outer_inner(void *pb)
{
	return ((struct tap *)((AVIOContext *)pb)->opaque)->inner;
}

/* Options are looked for in the protocol below: the HLS demuxer asks it where a redirect led. */
static void *next_child(void *pb, void *prev)
{
	return prev ? NULL : outer_inner(pb);
}

static const AVClass outer_class = { .class_name = "cme_intake",
				     .item_name = av_default_item_name,
				     .version = LIBAVUTIL_VERSION_INT,
				     .child_next = next_child };

static int refuse(struct cme_intake *intake)
{
	return intake->refusal.code[0] ? AVERROR_INVALIDDATA : 0;
}

/* What it is shows in its first bytes, as it does to libavformat. FLV is read from its beginning on, since
 * its tags are counted. */
static void recognise(struct tap *tap, const uint8_t *data, size_t len)
{
	tap->kind = OTHER;
	if (len >= strlen(FLV_MARK) && memcmp(data, FLV_MARK, strlen(FLV_MARK)) == 0) {
		tap->kind = FLV;
		tap->outer->seekable = 0;
	} else if (len >= strlen(CME_M3U8_MARK) && memcmp(data, CME_M3U8_MARK, strlen(CME_M3U8_MARK)) == 0) {
		tap->kind = PLAYLIST;
		if (tap->intake->opened) /* those read before are freed when this one is whole */
			tap->intake->playlists_left = RELOAD_MAX;
	} else if (len >= MP4_MARK_AT + MP4_MARK_SEEN &&
		   memcmp(data + MP4_MARK_AT, MP4_MARK, MP4_MARK_SEEN) == 0) {
		tap->intake->boxed = true;
		if (tap->intake->opened) /* a part of a playlist: the demuxer has its first already */
			tap->kind = MP4;
	}
}

/* libavformat's demuxer skips a second moov: the reader is told. */
static void look_at_boxes(struct tap *tap, const uint8_t *data, size_t len)
{
	struct cme_reader_init *init = &tap->intake->init;

	if (!cme_boxes_feed(&tap->boxes, data, len))
		return;
	cme_buf_reset(&init->boxes);
	init->fresh = cme_buf_append(&init->boxes, tap->boxes.init.data, tap->boxes.init.len) == 0;
}

static void look_at_playlist(struct tap *tap, const uint8_t *data, size_t len)
{
	struct cme_intake *intake = tap->intake;
	size_t before = tap->m3u8.cost;
	size_t cost = cme_m3u8_feed(&tap->m3u8, data, len) - before;

	tap->playlist_len += len;
	if (tap->playlist_len > PLAYLIST_MAX || cost > intake->playlists_left)
		cme_err_set(&intake->refusal, "media.too_large",
			    "a playlist with too many entries (%zu bytes of it were read)",
			    tap->playlist_len);
	else
		intake->playlists_left -= cost;
}

static int look(struct tap *tap, uint8_t *data, size_t len)
{
	struct cme_intake *intake = tap->intake;

	if (tap->kind == UNKNOWN)
		recognise(tap, data, len);
	if (tap->kind == FLV) {
		cme_tags_feed(&tap->tags, data, len, &intake->refusal);
		memcpy(intake->sound, tap->tags.sound, sizeof intake->sound);
	} else if (tap->kind == PLAYLIST) {
		look_at_playlist(tap, data, len);
	} else if (tap->kind == MP4) {
		look_at_boxes(tap, data, len);
	}
	return refuse(intake);
}

static int read_some(void *opaque, uint8_t *out, int size)
{
	struct tap *tap = opaque;
	int first = (int)strlen(CME_M3U8_MARK);
	int n = tap->kind == UNKNOWN && size >= first ? avio_read(tap->inner, out, first)
						      : avio_read_partial(tap->inner, out, size);
	int rc;

	if (n <= 0)
		return n < 0 ? n : AVERROR_EOF;
	rc = look(tap, out, (size_t)n);
	return rc < 0 ? rc : n;
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
	struct tap *tap = opaque;

	if (whence & AVSEEK_SIZE)
		return avio_size(tap->inner);
	if (tap->kind == MP4) /* its boxes no longer come one after the other */
		tap->kind = OTHER;
	return avio_seek(tap->inner, offset, whence);
}

static int wrap(struct cme_intake *intake, AVIOContext **pb, AVIOContext *inner, const char *url)
{
	struct tap *tap = av_mallocz(sizeof *tap);
	uint8_t *buffer = av_malloc(BUFFER);
	AVIOContext *outer =
		tap && buffer ? avio_alloc_context(buffer, BUFFER, 0, tap, read_some, NULL, seek) : NULL;

	if (!outer) {
		av_free(tap);
		av_free(buffer);
		return AVERROR(ENOMEM);
	}
	tap->intake = intake;
	tap->outer = outer;
	tap->inner = inner;
	cme_tags_init(&tap->tags, CME_PACKET_BYTES_MAX);
	cme_m3u8_init(&tap->m3u8, strlen(url));
	cme_boxes_init(&tap->boxes);
	outer->av_class = &outer_class;
	outer->seekable = inner->seekable;
	*pb = outer;
	return 0;
}

static void set_options(const struct cme_intake *intake, AVDictionary **options)
{
	av_dict_set(options, "tls_verify", "1", 0);
	if (intake->ca_file)
		av_dict_set(options, "ca_file", intake->ca_file, 0);
	av_dict_set(options, "protocol_whitelist", intake->scheme->protocols, 0);
	av_dict_set(options, "user_agent", USER_AGENT, 0);
	if (!intake->resume)
		return;
	av_dict_set(options, "reconnect", "1", 0);
	av_dict_set(options, "reconnect_delay_max", RESUME_WAIT_S, 0);
}

/* What the answer's header says. Data do not need to be asked for. */
static int check_answer(struct cme_intake *intake, AVIOContext *inner)
{
	uint8_t *location = NULL;

	if (intake->log->compressed)
		cme_err_set(&intake->refusal, "media.unsupported",
			    "the server compresses its answer (turn that off for media and playlists)");
	if (av_opt_get(inner, "location", AV_OPT_SEARCH_CHILDREN, &location) >= 0 && location &&
	    !cme_scheme_allows(intake->scheme, (const char *)location))
		cme_err_set(&intake->refusal, "source.refused",
			    "the server redirects from https to plain http");
	av_free(location);
	return refuse(intake);
}

int cme_intake_open(struct cme_intake *intake, AVIOContext **pb, const char *url, AVDictionary **options)
{
	AVIOInterruptCB interrupt = cme_deadline_callback(intake->deadline);
	AVIOContext *inner = NULL;
	AVDictionary *own = NULL;
	int rc = refuse(intake);

	if (rc < 0) /* a playlist that was cut off names its parts all the same */
		return rc;
	if (!options)
		options = &own;
	set_options(intake, options);
	intake->log->compressed = false;
	rc = avio_open2(&inner, url, AVIO_FLAG_READ, &interrupt, options);
	if (rc >= 0 && (rc = check_answer(intake, inner)) >= 0)
		rc = wrap(intake, pb, inner, url);
	if (rc < 0)
		avio_closep(&inner);
	av_dict_free(&own);
	return rc;
}

int64_t cme_intake_size(AVIOContext *pb)
{
	return avio_size(outer_inner(pb));
}

void cme_intake_close(AVIOContext *pb)
{
	struct tap *tap = pb ? pb->opaque : NULL;

	if (!tap)
		return;
	avio_closep(&tap->inner);
	cme_boxes_fini(&tap->boxes);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	av_free(tap);
}

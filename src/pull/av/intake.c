/* SPDX-License-Identifier: MIT */
#include "pull/av/intake.h"

#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <stdlib.h>
#include <string.h>

#include "pull/av/cipher.h"
#include "pull/av/m3u8.h"
#include "stream/boxes.h"

#define BUFFER        32768
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
	enum { BY_WEB, BY_CIPHER, BY_AVIO } by; /* what opened the inner one */
	enum { UNKNOWN, OTHER, PLAYLIST, MP4 } kind;
	size_t playlist_len;
	struct cme_m3u8 m3u8;
	struct cme_boxes boxes;
};

void cme_intake_init(struct cme_intake *intake)
{
	intake->web = (struct cme_web){ .order = intake->order,
					.limit = intake->limit,
					.log = intake->log,
					.refusal = &intake->refusal };
	cme_web_init(&intake->web);
	intake->opened = intake->boxed = false;
	intake->playlists_left = OPENING_MAX;
	intake->refusal.code[0] = '\0';
	cme_buf_init(&intake->init.boxes, CME_BOXES_INIT_MAX);
	intake->init.fresh = false;
}

void cme_intake_fini(struct cme_intake *intake)
{
	cme_buf_fini(&intake->init.boxes);
	cme_web_fini(&intake->web);
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

/* What it is shows in its first bytes, as it does to libavformat. */
static void recognise(struct tap *tap, const uint8_t *data, size_t len)
{
	tap->kind = OTHER;
	if (len >= strlen(CME_M3U8_MARK) && memcmp(data, CME_M3U8_MARK, strlen(CME_M3U8_MARK)) == 0) {
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

static int look(struct tap *tap, const uint8_t *data, size_t len)
{
	struct cme_intake *intake = tap->intake;

	if (tap->kind == UNKNOWN)
		recognise(tap, data, len);
	if (tap->kind == PLAYLIST)
		look_at_playlist(tap, data, len);
	else if (tap->kind == MP4)
		look_at_boxes(tap, data, len);
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

static void close_inner(struct tap *tap)
{
	if (tap->by == BY_WEB)
		cme_web_close(tap->inner);
	else if (tap->by == BY_CIPHER)
		cme_cipher_close(tap->inner);
	else
		avio_closep(&tap->inner);
	tap->inner = NULL;
}

/* Takes the tap over. */
static int wrap(struct tap *tap, AVIOContext **pb, const char *url)
{
	uint8_t *buffer = av_malloc(BUFFER);
	AVIOContext *outer =
		buffer ? avio_alloc_context(buffer, BUFFER, 0, tap, read_some, NULL, seek) : NULL;

	if (!outer) {
		av_free(buffer);
		close_inner(tap);
		av_free(tap);
		return AVERROR(ENOMEM);
	}
	tap->outer = outer;
	cme_m3u8_init(&tap->m3u8, strlen(url));
	cme_boxes_init(&tap->boxes);
	outer->av_class = &outer_class;
	outer->seekable = tap->inner->seekable;
	*pb = outer;
	return 0;
}

static int64_t number_of(AVDictionary *options, const char *name)
{
	const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);

	return entry ? strtoll(entry->value, NULL, 10) : 0;
}

/* One of libavformat's own protocols. */
static int open_by_avio(struct cme_intake *intake, AVIOContext **inner, const char *url,
			AVDictionary **options)
{
	AVIOInterruptCB interrupt = cme_limit_callback(intake->limit);

	av_dict_set(options, "protocol_whitelist", intake->order->kind->protocols, 0);
	return avio_open2(inner, url, AVIO_FLAG_READ, &interrupt, options);
}

/* A part of a playlist that is encrypted: its key came in the options. */
static int open_cipher(struct cme_intake *intake, AVIOContext **inner, const char *url, AVDictionary *options)
{
	AVIOContext *sealed = NULL;
	int rc = cme_web_open(&intake->web, &sealed, url, number_of(options, "offset"),
			      number_of(options, "end_offset"));

	return rc < 0 ? rc : cme_cipher_open(inner, sealed, options);
}

static int open_inner(struct cme_intake *intake, struct tap *tap, const char *url, AVDictionary **options)
{
	const char *plain = cme_cipher_plain(url);

	if (plain && cme_web_takes(plain)) {
		tap->by = BY_CIPHER;
		return open_cipher(intake, &tap->inner, plain, *options);
	}
	if (cme_web_takes(url)) {
		tap->by = BY_WEB;
		return cme_web_open(&intake->web, &tap->inner, url, number_of(*options, "offset"),
				    number_of(*options, "end_offset"));
	}
	tap->by = BY_AVIO;
	return open_by_avio(intake, &tap->inner, url, options);
}

int cme_intake_open(struct cme_intake *intake, AVIOContext **pb, const char *url, AVDictionary **options)
{
	AVDictionary *own = NULL;
	struct tap *tap;
	int rc = refuse(intake);

	if (rc < 0) /* a playlist that was cut off names its parts all the same */
		return rc;
	tap = av_mallocz(sizeof *tap);
	if (!tap)
		return AVERROR(ENOMEM);
	tap->intake = intake;
	rc = open_inner(intake, tap, url, options ? options : &own);
	av_dict_free(&own);
	if (rc < 0) {
		av_free(tap);
		return rc;
	}
	return wrap(tap, pb, url);
}

bool cme_intake_begins_with(AVIOContext *pb, const char *mark)
{
	unsigned char head[16];
	int len = (int)strlen(mark);
	bool begins = avio_read(pb, head, len) == len && memcmp(head, mark, strlen(mark)) == 0;

	avio_seek(pb, 0, SEEK_SET); /* within what was read: nothing is asked for again */
	return begins;
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
	close_inner(tap);
	cme_boxes_fini(&tap->boxes);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	av_free(tap);
}

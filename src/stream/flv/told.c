/* SPDX-License-Identifier: MIT */
#include "stream/flv/told.h"

#define BODY_MAX ((size_t)65536 + CME_NOTE_MAX)

void cme_flv_told_clear(struct cme_flv_told *told)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		cme_media_unref(told->media[i]);
		told->media[i] = NULL;
	}
}

bool cme_flv_told_nothing(const struct cme_flv_told *told)
{
	return !told->media[CME_VIDEO] && !told->media[CME_AUDIO];
}

bool cme_flv_told_of(const struct cme_flv_told *told, const struct cme_media *media, int kind)
{
	const struct cme_media *old = told->media[kind];

	return old == media || !media->par[kind] || (old && cme_media_same(old, media, kind));
}

struct cme_flv_stream cme_flv_told_stream(const struct cme_flv_told *told, const struct cme_media *media,
					  int kind)
{
	bool noted = told->notes[kind] && media->note[kind].len > 0;

	return cme_flv_stream(media, kind, noted ? CME_FLV_FOURCC : told->dialect);
}

/* One body, if there is anything in it. */
static int say_body(const struct cme_flv_stream *stream, int kind,
		    void (*put)(struct cme_buf *out, const struct cme_flv_stream *stream), cme_flv_say *say,
		    void *ctx)
{
	struct cme_buf body;

	cme_buf_init(&body, BODY_MAX);
	put(&body, stream);
	if (!body.failed && body.len)
		return say(ctx, kind, &body);
	cme_buf_fini(&body);
	return body.failed ? -1 : 0;
}

static int tell_stream(struct cme_flv_told *told, struct cme_media *media, int kind, cme_flv_say *say,
		       void *ctx)
{
	struct cme_flv_stream stream = cme_flv_told_stream(told, media, kind);
	bool had = cme_flv_told_of(told, media, kind);

	cme_media_unref(told->media[kind]);
	told->media[kind] = cme_media_ref(media);
	if (had)
		return 0;
	if (say_body(&stream, kind, cme_flv_put_header, say, ctx) != 0)
		return -1;
	return say_body(&stream, kind, cme_flv_put_note, say, ctx);
}

int cme_flv_tell(struct cme_flv_told *told, struct cme_media *media, int kind, cme_flv_say *say, void *ctx)
{
	bool first = cme_flv_told_nothing(told);
	int rc = 0;

	for (int i = 0; i < CME_STREAMS && rc == 0; i++)
		if (first || i == kind)
			rc = tell_stream(told, media, i, say, ctx);
	return rc;
}

/* SPDX-License-Identifier: MIT */
#include "pull/http/web.h"

#include <libavutil/mem.h>
#include <strings.h>

#include "pull/http/fetch.h"

#define BUFFER          32768
#define CONNECTIONS_MAX 8L /* that are kept for the next request */

void cme_web_init(struct cme_web *web)
{
	web->multi = NULL;
	web->share = NULL;
}

void cme_web_fini(struct cme_web *web)
{
	curl_multi_cleanup(web->multi);
	curl_share_cleanup(web->share);
	cme_web_init(web);
}

static bool begin(struct cme_web *web)
{
	if (web->multi)
		return true;
	web->multi = curl_multi_init();
	web->share = curl_share_init();
	if (!web->multi || !web->share)
		return false;
	curl_multi_setopt(web->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);
	curl_share_setopt(web->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
	return true;
}

bool cme_web_takes(const char *url)
{
	return strncasecmp(url, "http:", 5) == 0 || strncasecmp(url, "https:", 6) == 0;
}

static int read_some(void *opaque, uint8_t *out, int size)
{
	return cme_fetch_read(opaque, out, size);
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
	struct cme_fetch *fetch = opaque;
	int rc;

	if (whence & AVSEEK_SIZE)
		return fetch->size >= 0 ? fetch->size : AVERROR(ENOSYS);
	if (whence == SEEK_CUR)
		offset += fetch->offset;
	else if (whence == SEEK_END && fetch->size >= 0)
		offset += fetch->size;
	else if (whence != SEEK_SET)
		return AVERROR(ENOSYS);
	if (offset == fetch->offset)
		return offset;
	if (offset < 0 || !fetch->ranges)
		return AVERROR(ENOSYS);
	fetch->offset = offset;
	rc = cme_fetch_ask(fetch);
	return rc < 0 ? rc : offset;
}

/* Options are looked for in what reads: the HLS demuxer asks it where a redirect led. */
static void *next_child(void *pb, void *prev)
{
	return prev ? NULL : ((AVIOContext *)pb)->opaque;
}

static const AVClass class_of_context = { .class_name = "cme_web",
					  .item_name = av_default_item_name,
					  .version = LIBAVUTIL_VERSION_INT,
					  .child_next = next_child };

static AVIOContext *make_context(struct cme_fetch *fetch)
{
	uint8_t *buffer = av_malloc(BUFFER);
	AVIOContext *pb = buffer ? avio_alloc_context(buffer, BUFFER, 0, fetch, read_some, NULL, seek) : NULL;

	if (!pb) {
		av_free(buffer);
		return NULL;
	}
	pb->av_class = &class_of_context;
	pb->seekable = fetch->ranges && fetch->size >= 0 ? AVIO_SEEKABLE_NORMAL : 0;
	return pb;
}

int cme_web_open(struct cme_web *web, AVIOContext **pb, const char *url, int64_t offset, int64_t end)
{
	struct cme_fetch *fetch = begin(web) ? cme_fetch_new(web, url) : NULL;
	int rc;

	if (!fetch)
		return AVERROR(ENOMEM);
	fetch->offset = offset;
	fetch->end = end;
	rc = cme_fetch_ask(fetch);
	if (rc == 0 && !(*pb = make_context(fetch)))
		rc = AVERROR(ENOMEM);
	if (rc < 0)
		cme_fetch_free(fetch);
	return rc;
}

void cme_web_close(AVIOContext *pb)
{
	if (!pb)
		return;
	cme_fetch_free(pb->opaque);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
}

/* SPDX-License-Identifier: MIT */
#include "av/averr.h"

#include <errno.h>
#include <libavutil/error.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/redact.h"
#include "stream/end.h"

#define SRT "srt://"

struct fact {
	int rc;
	const char *code;
	const char *text;
};

/* What the return code says by itself. */
static const struct fact facts[] = {
	{ AVERROR(ECONNREFUSED), "network.connect", "connection refused" },
	{ AVERROR(ENETUNREACH), "network.connect", "network unreachable" },
	{ AVERROR(EHOSTUNREACH), "network.connect", "no route to host" },
	{ AVERROR(ETIMEDOUT), "network.timeout", "connection timed out" },
	{ AVERROR(ECONNRESET), "network.reset", "connection reset by the peer" },
	{ AVERROR(EPIPE), "network.reset", "connection closed by the peer" },
	{ AVERROR(ENOENT), "source.refused",
	  "no such file (what is not a file begins with rtmp://, rtmps://, srt://, http:// or https://)" },
	{ AVERROR(EACCES), "source.refused", "permission denied" },
	{ AVERROR(EISDIR), "source.refused", "is a directory" },
	{ AVERROR_HTTP_NOT_FOUND, "source.refused", "not found (http 404)" },
	{ AVERROR_HTTP_UNAUTHORIZED, "source.refused", "not authorized (http 401)" },
	{ AVERROR_HTTP_FORBIDDEN, "source.refused", "forbidden (http 403)" },
	{ AVERROR_HTTP_BAD_REQUEST, "source.refused", "bad request (http 400)" },
	{ AVERROR_HTTP_OTHER_4XX, "source.refused", "refused (http 4xx)" },
	{ AVERROR_HTTP_SERVER_ERROR, "network.reset", "server error (http 5xx)" },
	{ AVERROR_INVALIDDATA, "media.unsupported", "not a stream that can be read" },
	{ AVERROR_PROTOCOL_NOT_FOUND, "media.unsupported", "protocol not supported" },
	{ AVERROR(ENOSYS), "media.unsupported", "codec not supported by the destination's format" },
	{ AVERROR(ENOMEM), "internal", "out of memory" },
};

static const struct fact *find(int rc)
{
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].rc == rc)
			return &facts[i];
	return NULL;
}

static int said(struct cme_err *err, const struct cme_averr *what, const char *code, const char *fact)
{
	cme_err_set(err, code, "%s", fact);
	if (what->log->error[0])
		cme_err_set(err, code, "%s (%s)", fact, what->log->error);
	return -1;
}

static void timed_out(struct cme_err *err, const struct cme_averr *what)
{
	const char *code = "network.timeout";

	if (what->open)
		cme_err_set(err, code, "no answer within %d s", what->limit_s);
	else if (what->input)
		cme_err_set(err, code, "no media within %d s", what->limit_s);
	else
		cme_err_set(err, code, "no progress within %d s", what->limit_s);
}

bool cme_averr_hung_up(int rc)
{
	return rc == AVERROR_EOF || rc == AVERROR(EIO) || rc == AVERROR(EPERM) || rc == AVERROR(ECONNRESET) ||
	       rc == AVERROR(EPIPE) || rc == AVERROR_UNKNOWN;
}

/* Hung up soon after it took the publish: how servers say no. */
static bool without_words(const struct cme_averr *what)
{
	return !what->open && what->unproven && cme_averr_hung_up(what->rc);
}

/* What only the text or the moment tells. true: err is filled. */
static bool classify_by_log(struct cme_err *err, const struct cme_averr *what)
{
	const struct cme_avlog *log = what->log;

	if (log->restarted)
		cme_err_set(err, "source.ended", "the playlist's numbering starts again");
	else if (what->rc == AVERROR_EXIT)
		timed_out(err, what);
	else if (log->resolve)
		said(err, what, "network.resolve", "host name not resolved");
	else if (log->tls)
		said(err, what, "network.tls", "TLS failed");
	else if (log->unlisted && what->input)
		cme_err_set(err, "media.unsupported",
			    "a format or protocol that no source of this kind may have "
			    "(FLV, MPEG-TS, MP4, Matroska and HLS are read)");
	else if (without_words(what))
		cme_err_set(err, "publish.refused", "the server closed the connection at the publish");
	else
		return false;
	return true;
}

static void classify(struct cme_err *err, const struct cme_averr *what)
{
	const struct fact *fact = find(what->rc);

	if (what->refusal && what->refusal->code[0]) {
		*err = *what->refusal;
		return;
	}
	if (classify_by_log(err, what))
		return;
	if (what->input && what->rc == AVERROR(ENOMEM))
		cme_err_set(err, "media.too_large", "it takes more memory than a source may have");
	else if (fact)
		cme_err_set(err, fact->code, "%s", fact->text);
	else if (what->rc == AVERROR_EOF)
		cme_err_set(err, what->input ? "source.ended" : "network.reset",
			    what->input ? "the source ended" : "connection closed by the peer");
	else if (what->open && what->url &&
		 strncasecmp(what->url, SRT, strlen(SRT)) == 0) /* libavformat keeps the reason */
		cme_err_set(
			err, "network.connect",
			"no SRT connection (nobody listens there, or stream id or passphrase is refused)");
	else
		said(err, what, what->open ? "network.connect" : "network.reset", "connection failed");
}

int cme_averr_set(struct cme_err *err, const struct cme_averr *what)
{
	char url[256];

	classify(err, what);
	if (!what->url)
		return -1;
	return cme_err_prefix(err, "%s '%s'",
			      what->open    ? "open"
			      : what->input ? "read"
					    : "send",
			      cme_redact_url(what->url, url, sizeof url));
}

int cme_averr_of_end(int rc)
{
	static const int codes[] = { [-CME_END_OVER] = AVERROR_EOF,
				     [-CME_END_CUT] = AVERROR_EXIT,
				     [-CME_END_UNREADABLE] = AVERROR_INVALIDDATA,
				     [-CME_END_PICTURE] = AVERROR_PATCHWELCOME,
				     [-CME_END_CHANGED] = AVERROR_INPUT_CHANGED,
				     [-CME_END_MEMORY] = AVERROR(ENOMEM) };

	return codes[-rc];
}

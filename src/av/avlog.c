/* SPDX-License-Identifier: MIT */
#include "av/avlog.h"

#include <libavutil/log.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/redact.h"
#include "common/text.h"

#define LINE_MAX_BYTES 1024
#define PARTS_MAX      32
#define HTTP_HEADER    "header='%s'\n" /* how libavformat shows the lines of an answer */
#define HTTP_ENCODED   "header='content-encoding:"

static _Thread_local struct cme_avlog *current;

#define DECODED_MAX 4096

/* The parts of a URL that may be secret: userinfo, the stream key, the query and each value in it, as they
 * are written and percent-decoded. */
struct parts {
	struct {
		const char *at;
		size_t len;
	} part[PARTS_MAX];
	size_t count;
	char decoded[DECODED_MAX];
	size_t decoded_len;
};

static void add_part(struct parts *parts, const char *at, size_t len)
{
	if (len < CME_SECRET_MIN || parts->count == PARTS_MAX)
		return;
	parts->part[parts->count].at = at;
	parts->part[parts->count++].len = len;
}

static void add(struct parts *parts, const char *at, size_t len)
{
	char *decoded = parts->decoded + parts->decoded_len;

	add_part(parts, at, len);
	if (!memchr(at, '%', len) || len >= DECODED_MAX - parts->decoded_len)
		return;
	memcpy(decoded, at, len);
	decoded[len] = '\0';
	cme_percent_decode(decoded);
	add_part(parts, decoded, strlen(decoded));
	parts->decoded_len += len + 1;
}

static void add_query(struct parts *parts, const char *query)
{
	add(parts, query, strlen(query));
	while (*query) {
		size_t len = strcspn(query, "&#");
		const char *value = memchr(query, '=', len);

		if (value)
			add(parts, value + 1, len - (size_t)(value + 1 - query));
		query += len + (query[len] != '\0');
	}
}

static void split(const char *url, struct parts *parts)
{
	const char *host = strstr(url, "://");
	const char *path, *at, *key;
	size_t path_len, key_len;

	parts->count = parts->decoded_len = 0;
	if (!host)
		return;
	host += 3;
	path = host + strcspn(host, "/?#");
	path_len = strcspn(path, "?#");
	if (path[path_len])
		add_query(parts, path + path_len + 1);
	key = cme_redact_key(path, path_len, &key_len);
	if (key)
		add(parts, key, key_len);
	at = memrchr(host, '@', (size_t)(path - host));
	if (at)
		add(parts, host, (size_t)(at - host));
}

/* The URL at the front of text is shown as a whole in the form fit for logs. */
static size_t shows_url(const char *url, const char *text, char *out, size_t size)
{
	size_t len = strlen(url);

	if (!len || strncmp(text, url, len) != 0)
		return 0;
	cme_redact_url(url, out, size);
	return len;
}

/* The longest part that text starts with; 0: none. */
static size_t matches(const struct parts *parts, const char *text)
{
	size_t best = 0;

	for (size_t i = 0; i < parts->count; i++)
		if (parts->part[i].len > best && strncmp(text, parts->part[i].at, parts->part[i].len) == 0)
			best = parts->part[i].len;
	return best;
}

void cme_avlog_scrub(const char *url, const char *text, char *out, size_t size)
{
	struct parts parts;
	size_t n = 0;

	split(url, &parts);
	while (*text && n + 4 < size) {
		size_t len = shows_url(url, text, out + n, size - n);

		if (len) {
			n += strlen(out + n);
			text += len;
		} else if ((len = matches(&parts, text))) {
			memcpy(out + n, "***", 3);
			n += 3;
			text += len;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
}

static bool has(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

/* Notes what the text alone tells. true: the line says why, whatever is said after it. */
static bool note_facts(struct cme_avlog *log, const char *context, const char *line, int level)
{
	log->restarted |= has(line, "Media sequence changed unexpectedly");
	if (level > AV_LOG_ERROR)
		return false;
	log->resolve |= has(line, "Failed to resolve hostname");
	log->tls |= strcmp(context, "tls") == 0;
	/* a codec without a decoder of ours is passed on all the same */
	log->unlisted |= has(line, "not on whitelist") && !has(line, "Codec (");
	return has(line, "Failed to resolve hostname") || strcmp(context, "tls") == 0;
}

/* Of an HTTP answer. */
static void note_header(struct cme_avlog *log, const char *line)
{
	if (strncasecmp(line, HTTP_ENCODED, strlen(HTTP_ENCODED)) == 0)
		log->compressed |= strcasestr(line, "gzip") || strcasestr(line, "deflate");
}

static void on_line(void *avcl, int level, const char *fmt, va_list ap)
{
	const AVClass *avc = avcl ? *(const AVClass *const *)avcl : NULL;
	struct cme_avlog *log = current;
	char line[LINE_MAX_BYTES];
	bool reason;

	if (!log || level > AV_LOG_TRACE)
		return;
	if (level == AV_LOG_TRACE && strcmp(fmt, HTTP_HEADER) != 0)
		return;
	vsnprintf(line, sizeof line, fmt, ap);
	if (level == AV_LOG_TRACE) {
		note_header(log, line);
		return;
	}
	line[strcspn(line, "\r\n")] = '\0';
	reason = note_facts(log, avc ? avc->item_name(avcl) : "", line, level);
	if (level <= AV_LOG_ERROR && line[0] && (reason || !(log->resolve || log->tls)))
		cme_avlog_scrub(log->url, line, log->error, sizeof log->error);
}

void cme_avlog_install(void)
{
	av_log_set_callback(on_line);
}

void cme_avlog_capture(struct cme_avlog *capture, const char *url)
{
	if (capture)
		*capture = (struct cme_avlog){ .url = url };
	current = capture;
}

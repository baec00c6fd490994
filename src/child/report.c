/* SPDX-License-Identifier: MIT */
#include "child/report.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/write_all.h"

#define FORMATS_MAX      256 /* a program has fewer */
#define FORMAT_BYTES_MAX 256

/* The formats of children, which live as long as the process, as literals do. */
static struct {
	pthread_mutex_t lock;
	char *texts[FORMATS_MAX];
	size_t count;
} formats = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the child's side */

void cme_report(json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(12));

	if (text && strlen(text) + 1 < CME_REPORT_LINE_MAX &&
	    cme_write_all(STDOUT_FILENO, text, strlen(text)))
		cme_write_all(STDOUT_FILENO, "\n", 1);
	free(text);
	json_decref(line);
}

json_t *cme_report_error(const struct cme_err *err)
{
	json_t *phrases = json_array();
	size_t value = 0;

	for (unsigned i = 0; i < err->phrase_count; i++) {
		json_t *values = json_array();

		for (unsigned n = 0; n < err->phrases[i].count; n++)
			json_array_append_new(values, json_string(cme_err_value(err, value++)));
		json_array_append_new(
			phrases, json_pack("{s:s,s:o}", "format", err->phrases[i].format, "values", values));
	}
	return json_pack("{s:{s:s,s:s,s:o}}", "error", "code", err->code, "message", err->message, "phrases",
			 phrases);
}

/* ---- the parent's side */

void cme_report_reader_init(struct cme_report_reader *reader)
{
	reader->len = 0;
	reader->ended = false;
}

/* true: more came. */
static bool read_some(struct cme_report_reader *reader, int fd)
{
	ssize_t n;

	do
		n = read(fd, reader->text + reader->len, sizeof reader->text - reader->len);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		reader->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || reader->len == sizeof reader->text)
		reader->ended = true;
	return n > 0;
}

static json_t *take_line(struct cme_report_reader *reader, size_t len)
{
	json_t *line = json_loadb(reader->text, len, 0, NULL);

	reader->len -= len;
	memmove(reader->text, reader->text + len, reader->len);
	if (!json_is_object(line)) {
		json_decref(line);
		line = NULL;
		reader->ended = true;
	}
	return line;
}

json_t *cme_report_read(struct cme_report_reader *reader, int fd)
{
	const char *end;

	do {
		end = memchr(reader->text, '\n', reader->len);
		if (end && !reader->ended)
			return take_line(reader, (size_t)(end - reader->text) + 1);
	} while (!reader->ended && read_some(reader, fd));
	return NULL;
}

void cme_report_hear(struct cme_report_reader *reader, int fd, int most,
		     void (*take)(void *ctx, const json_t *line), void *ctx)
{
	json_t *line;

	while (most-- > 0 && (line = cme_report_read(reader, fd))) {
		take(ctx, line);
		json_decref(line);
	}
}

bool cme_report_waits(const struct cme_report_reader *reader)
{
	return !reader->ended && memchr(reader->text, '\n', reader->len);
}

/* NULL: there are too many. */
static const char *keep_format(const char *text)
{
	const char *kept = NULL;

	if (strlen(text) > FORMAT_BYTES_MAX)
		return NULL;
	pthread_mutex_lock(&formats.lock);
	for (size_t i = 0; i < formats.count && !kept; i++)
		if (strcmp(formats.texts[i], text) == 0)
			kept = formats.texts[i];
	if (!kept && formats.count < FORMATS_MAX && (formats.texts[formats.count] = strdup(text)))
		kept = formats.texts[formats.count++];
	pthread_mutex_unlock(&formats.lock);
	return kept;
}

/* false: it does not fit. */
static bool add_value(struct cme_err *err, const char *text)
{
	size_t len = strlen(text) + 1;

	if (len > sizeof err->values - err->values_len)
		return false;
	memcpy(err->values + err->values_len, text, len);
	err->values_len = (unsigned short)(err->values_len + len);
	return true;
}

static bool add_phrase(struct cme_err *err, const json_t *json)
{
	const char *format = json_string_value(json_object_get(json, "format"));
	const json_t *values = json_object_get(json, "values");
	struct cme_phrase phrase = { .format = format ? keep_format(format) : NULL };
	json_t *value;
	size_t i;

	if (!phrase.format || err->phrase_count == CME_ERR_PHRASES_MAX || json_array_size(values) > 255)
		return false;
	json_array_foreach(values, i, value)
	{
		if (!json_is_string(value) || !add_value(err, json_string_value(value)))
			return false;
	}
	phrase.count = (unsigned char)json_array_size(values);
	err->phrases[err->phrase_count++] = phrase;
	return true;
}

bool cme_report_to_err(const json_t *line, struct cme_err *err)
{
	const json_t *error = json_object_get(line, "error"), *phrases = json_object_get(error, "phrases");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));
	json_t *phrase;
	size_t i;

	if (!code || !message || strlen(code) >= sizeof err->code)
		return false;
	cme_err_set(err, code, "%s", message);
	err->phrase_count = 0;
	err->values_len = 0;
	json_array_foreach(phrases, i, phrase)
	{
		if (!add_phrase(err, phrase)) {
			err->phrase_count = 0; /* the message alone */
			break;
		}
	}
	return true;
}

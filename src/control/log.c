/* SPDX-License-Identifier: MIT */
#include "control/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "control/throttle.h"

#define TEXT_MAX 1024

static const char *const level_names[] = { "info", "warn", "error" };

static struct {
	pthread_mutex_t lock;
	struct cme_throttle throttle;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool admit(const char *subject, unsigned *left_out)
{
	bool pass;

	pthread_mutex_lock(&shared.lock);
	pass = cme_throttle_admit(&shared.throttle, subject, cme_now_us(), left_out);
	pthread_mutex_unlock(&shared.lock);
	return pass;
}

/* Whom the line is about; "" the program itself. */
static const char *subject_of(const json_t *event)
{
	static const char *const members[] = { "output_id", "endpoint", "key_id" };
	const char *subject = NULL;

	for (size_t i = 0; !subject && i < sizeof members / sizeof members[0]; i++)
		subject = json_string_value(json_object_get(event, members[i]));
	return subject ? subject : "";
}

/* One write per line, and only when stderr takes it at once: a full pipe must not stop the relay. */
static void write_line(char *text)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t len = strlen(text);

	text[len] = '\n'; /* in place of the NUL, which nobody needs any more */
	if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) && write(STDERR_FILENO, text, len + 1) < 0)
		return;
}

void cme_log_event(enum cme_log_level level, json_t *event)
{
	unsigned left_out;
	json_t *line;
	char *text;

	if (!admit(subject_of(event), &left_out))
		return;
	line = json_object();
	json_object_set_new(line, "time", json_real(cme_wall_now()));
	json_object_set_new(line, "level", json_string(level_names[level]));
	json_object_update(line, event);
	if (left_out)
		json_object_set_new(line, "left_out", json_integer(left_out));
	text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(16));
	if (text)
		write_line(text);
	free(text);
	json_decref(line);
}

void cme_log(enum cme_log_level level, const char *fmt, ...)
{
	char text[TEXT_MAX];
	json_t *event;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	event = json_pack("{s:s}", "message", text);
	if (!event)
		return;
	cme_log_event(level, event);
	json_decref(event);
}

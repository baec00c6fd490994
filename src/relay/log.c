/* SPDX-License-Identifier: MIT */
#include "relay/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/sys.h"

#define BURST      50
#define PER_SECOND 10
#define TEXT_MAX   1024

static const char *const level_names[] = { "info", "warn", "error" };

static struct {
	pthread_mutex_t lock;
	double tokens;     /* lines that may go out now */
	int64_t refill_us; /* when tokens was last topped up */
	unsigned left_out; /* lines lost since the last one written */
} throttle = { .lock = PTHREAD_MUTEX_INITIALIZER, .tokens = BURST };

/* true: the line may go; *left_out says how many before it did not. */
static bool admit(unsigned *left_out)
{
	int64_t now = cme_now_us();
	bool pass;

	pthread_mutex_lock(&throttle.lock);
	throttle.tokens += (double)(now - throttle.refill_us) / 1e6 * PER_SECOND;
	throttle.refill_us = now;
	if (throttle.tokens > BURST)
		throttle.tokens = BURST;
	pass = throttle.tokens >= 1;
	*left_out = pass ? throttle.left_out : 0;
	throttle.left_out = pass ? 0 : throttle.left_out + 1;
	throttle.tokens -= pass;
	pthread_mutex_unlock(&throttle.lock);
	return pass;
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

	if (!admit(&left_out))
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

/* SPDX-License-Identifier: MIT */
#include "relay/source/pull/reader_process.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/base/sys.h"

#define PROGRAM   "cme-pull"
#define FINISH_MS 200  /* to say goodbye to a server */
#define STATUS_MS 1000 /* from its last word to its end */
#define LOOK_MS   5

/* ---- its start */

static int tell(struct cme_reader_process *process, const struct cme_feed *feed)
{
	json_t *order = json_pack("{s:s,s:s*,s:b,s:b}", "url", feed->url, "ca_file", feed->ca_file, "resume",
				  feed->resume, "public", feed->public);
	char *line = order ? json_dumps(order, JSON_COMPACT) : NULL;
	int rc = line ? cme_child_tell(&process->child, line, &process->err)
		      : cme_err_set(&process->err, "internal", "out of memory");

	if (line)
		explicit_bzero(line, strlen(line));
	free(line);
	json_decref(order);
	return rc;
}

/* ---- spares: starting a program on libavformat takes a tenth of a second of processor time, so who reads
 * one source after the other has the next process ready */

static bool is_there(struct cme_child *child)
{
	int status;

	return child->fd >= 0 && !cme_child_ended(child, &status);
}

/* false: there is none that still runs. */
static bool take_spare(struct cme_spares *spares, struct cme_child *child)
{
	for (size_t i = 0; i < CME_SPARES; i++) {
		*child = spares->child[i];
		spares->child[i] = (struct cme_child)CME_CHILD_NONE;
		if (is_there(child))
			return true;
		cme_child_close(child);
	}
	return false;
}

/* The process waits again: it is the first to be taken. The last makes room for it. */
static void put_spare(struct cme_spares *spares, struct cme_child *child)
{
	cme_child_close(&spares->child[CME_SPARES - 1]);
	for (size_t i = CME_SPARES - 1; i > 0; i--)
		spares->child[i] = spares->child[i - 1];
	spares->child[0] = *child;
	*child = (struct cme_child)CME_CHILD_NONE;
}

static void start_spare(struct cme_spares *spares)
{
	struct cme_err ignored; /* the next one is started when it is needed */

	for (size_t i = 0; i < CME_SPARES; i++)
		if (is_there(&spares->child[i]))
			return;
	cme_child_close(&spares->child[0]);
	(void)cme_child_start(&spares->child[0], PROGRAM, 0, &ignored);
}

static int start_child(struct cme_child *child, struct cme_spares *spares, struct cme_err *err)
{
	*child = (struct cme_child)CME_CHILD_NONE;
	if (!spares || !take_spare(spares, child))
		if (cme_child_start(child, PROGRAM, 0, err) != 0)
			return -1;
	if (spares)
		start_spare(spares);
	return 0;
}

int cme_reader_process_start(struct cme_reader_process *process, const struct cme_feed *feed)
{
	*process = (struct cme_reader_process){ .child = CME_CHILD_NONE, .heard_us = cme_now_us() };
	cme_report_reader_init(&process->reports);
	cme_child_reap();
	if (start_child(&process->child, feed->spares, &process->err) != 0)
		return -1;
	return tell(process, feed);
}

/* ---- its end */

/* It said how its source ended, and no media are left: it waits for the next. */
static bool is_idle(const struct cme_reader_process *process)
{
	return process->err.code[0] && (process->ended || !process->opened) && !process->hung_up &&
	       !process->len;
}

void cme_reader_process_end(struct cme_reader_process *process, struct cme_spares *spares)
{
	int status;

	if (spares && is_idle(process) && is_there(&process->child)) {
		put_spare(spares, &process->child);
		return;
	}
	cme_child_signal(&process->child, SIGTERM);
	if (process->child.fd >= 0) /* it may wait for room on it */
		close(process->child.fd);
	process->child.fd = -1;
	cme_child_wait(&process->child, FINISH_MS, &status);
	cme_child_close(&process->child);
}

/* Without a word of its own. */
static void judge_status(struct cme_reader_process *process, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		cme_err_set(&process->err, "media.reader",
			    "the process that reads it did not answer any more");
	else if (WIFSIGNALED(status))
		cme_err_set(&process->err, "media.reader", "the process that reads it crashed (signal %d)",
			    WTERMSIG(status));
	else
		cme_err_set(&process->err, "media.reader", "the process that reads it ended (code %d)",
			    WEXITSTATUS(status));
}

void cme_reader_process_judge(struct cme_reader_process *process)
{
	int64_t until_us = cme_now_us() + STATUS_MS * CME_MS_US;
	int status = 0;

	while (!process->err.code[0] && !process->reports.ended && cme_now_us() < until_us)
		cme_reader_process_take(process, LOOK_MS);
	if (process->err.code[0])
		return;
	if (cme_child_wait(&process->child, STATUS_MS, &status))
		judge_status(process, status);
	else
		cme_err_set(&process->err, "media.reader",
			    "the process that reads it did not answer any more");
}

/* ---- what it says */

static void take_promise(struct cme_reader_process *process, const json_t *streams)
{
	for (size_t i = 0; i < CME_STREAMS; i++) {
		const char *text = json_string_value(json_array_get(streams, i));

		process->promise.made[i] = text != NULL;
		snprintf(process->promise.unreadable[i], sizeof process->promise.unreadable[i], "%s",
			 text ? text : "");
	}
}

static void take_line(void *ctx, const json_t *line)
{
	struct cme_reader_process *process = ctx;
	const json_t *open = json_object_get(line, "open"), *streams = json_object_get(line, "streams"),
		     *promise = json_object_get(line, "promise");
	json_int_t dropped = json_integer_value(json_object_get(line, "dropped"));

	process->heard_us = cme_now_us();
	if (open) {
		process->opened = true;
		process->paced = json_is_true(json_object_get(open, "paced"));
		process->flv = json_is_true(json_object_get(open, "flv"));
	}
	if (streams)
		process->streams = true;
	for (size_t i = 0; streams && i < CME_STREAMS; i++)
		process->expected[i] = json_is_true(json_array_get(streams, i));
	if (promise) {
		take_promise(process, promise);
		process->sign = true;
	}
	if (dropped > 0 && dropped < INT32_MAX)
		process->dropped += (unsigned)dropped;
	if (cme_report_to_err(line, &process->err))
		process->over = json_is_true(json_object_get(line, "over"));
}

static void take_lines(struct cme_reader_process *process)
{
	cme_report_hear(&process->reports, process->child.report_fd, CME_REPORT_LINES_MAX, take_line,
			process);
}

/* ---- its media */

static void take_media(struct cme_reader_process *process)
{
	ssize_t n;

	if (process->len || process->ended)
		return;
	n = read(process->child.fd, process->in, sizeof process->in);
	if (n > 0) {
		process->at = process->in;
		process->len = (size_t)n;
		process->heard_us = cme_now_us();
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		process->ended = process->hung_up = true;
	} else if (process->err.code[0]) {
		process->ended = true; /* it says how the source ended when all media are on the socket */
	}
}

/* What it says of media comes before them, so it is read after them. */
void cme_reader_process_take(struct cme_reader_process *process, int wait_ms)
{
	struct pollfd fds[] = {
		{ .fd = process->ended || process->len ? -1 : process->child.fd, .events = POLLIN },
		{ .fd = process->reports.ended ? -1 : process->child.report_fd, .events = POLLIN },
	};
	bool known = process->err.code[0] || cme_report_waits(&process->reports);
	int ready = cme_wait_for_peer(fds, 2, known ? 0 : wait_ms, &process->heard_us);

	if (ready <= 0 && !known)
		return;
	take_media(process);
	take_lines(process);
}

/* SPDX-License-Identifier: MIT */
#include "edge/srt/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "edge/srt/ingest_srt.h"

#define PROGRAM "cme-pull"
#define ORDER   "{\"url\":\"pipe:0\"}"
#define BUFFER  (1024 * 1024) /* that the socket may hold, in each direction */
#define LINES   64            /* of a process between two reads of its media: this thread is everybody's */

/* The bytes of a read: one thread, one read at a time. */
static uint8_t in[64 * 1024];

static void free_caller(struct cme_watch *watch)
{
	struct cme_caller *caller = (struct cme_caller *)watch;

	cme_flv_file_fini(&caller->flv);
	free(caller);
}

void cme_caller_close(struct cme_caller *caller)
{
	cme_poll_forget(caller->poll, caller->child.fd); /* the door has it, too */
	cme_child_discard(&caller->child);
	cme_poll_bury(caller->poll, &caller->watch);
}

struct cme_caller *cme_caller_of(struct cme_publisher *publisher)
{
	return (struct cme_caller *)((char *)publisher - offsetof(struct cme_caller, base));
}

/* ---- what its process says */

static void take_report(void *ctx, const json_t *line)
{
	struct cme_caller *caller = ctx;

	cme_report_to_err(line, &caller->err);
}

static void take_reports(struct cme_caller *caller, int most)
{
	cme_report_hear(&caller->reports, caller->child.report_fd, most, take_report, caller);
}

/* An end that the encoder chose has no reason. */
static void end(struct cme_caller *caller)
{
	take_reports(caller, CME_REPORT_LINES_MAX);
	if (!caller->err.code[0])
		cme_err_set(&caller->err, "media.reader", "the process that reads it ended");
	caller->calls->ended(caller, caller->base.leaving ? NULL : &caller->err);
}

static void take(struct cme_caller *caller, size_t len)
{
	const uint8_t *data = in;
	struct cme_flv_tag tag;
	int rc = 0;

	caller->base.received += len;
	while (!caller->watch.gone &&
	       (rc = cme_flv_file_read(&caller->flv, &data, &len, &tag, &caller->err)) > 0)
		if (tag.type == CME_FLV_AUDIO || tag.type == CME_FLV_VIDEO)
			caller->calls->media(caller, &tag);
	caller->calls->batch(caller);
	if (rc < 0)
		end(caller);
	else
		take_reports(caller, LINES);
}

static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_caller *caller = (struct cme_caller *)watch;
	ssize_t n = read(caller->child.fd, in, sizeof in);

	(void)events;
	if (n > 0)
		take(caller, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end(caller);
}

/* ---- life */

struct cme_caller *cme_caller_new(struct cme_poll *poll, int socket, const struct cme_caller_calls *calls)
{
	struct cme_caller *caller = calloc(1, sizeof *caller);

	if (!caller)
		return NULL;
	caller->watch = (struct cme_watch){ .ready = ready, .free = free_caller };
	caller->poll = poll;
	caller->socket = socket;
	caller->calls = calls;
	caller->asking = true;
	caller->child = (struct cme_child)CME_CHILD_NONE;
	cme_report_reader_init(&caller->reports);
	cme_flv_file_init(&caller->flv, CME_FLV_TAG_MAX);
	return caller;
}

int cme_caller_start(struct cme_caller *caller, struct cme_err *err)
{
	if (cme_child_start(&caller->child, PROGRAM, BUFFER, err) != 0)
		return -1;
	return cme_child_tell(&caller->child, ORDER, err);
}

void cme_caller_begin(struct cme_caller *caller)
{
	int fd = fcntl(caller->child.fd, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0 && cme_poll_watch(caller->poll, caller->child.fd, &caller->watch, EPOLLIN) == 0)
		cme_door_pump(caller->owner->door, caller->socket, fd);
	else if (fd >= 0)
		close(fd); /* no media come: it is sent away for that */
}

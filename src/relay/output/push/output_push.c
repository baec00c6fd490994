/* SPDX-License-Identifier: MIT */
#include "relay/output/push/output_push.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "child/enter.h"
#include "child/report.h"
#include "child/spawn.h"
#include "common/redact.h"
#include "relay/base/sys.h"
#include "relay/output/push/recording.h"
#include "relay/output/push/telling.h"
#include "relay/output/push/window.h"

#define PROGRAM     "cme-push"
#define CONNECT_S   12 /* the process gives up after 10 */
#define PROGRESS_S  6  /* after 4 */
#define CLOSE_US    (1200 * CME_MS_US)
#define FINISH_US   (5 * CME_SECOND_US) /* of a recording; as relay.h has it */
#define SEND_BUFFER 196608              /* of which the kernel makes twice as much: the line of JSON fits */

_Static_assert(2 * SEND_BUFFER > CME_CHILD_LINE_MAX, "nobody reads while the line is sent");

/* Why a connection ended. */
enum end {
	END_NOT,     /* it goes on */
	END_STOPPED, /* out->stopping */
	END_FENCED,  /* the lease is over */
	END_MEDIA,   /* the next packet does not fit the connection: open another at once */
	END_FAILED,  /* push->err says why */
};

struct push {
	struct cme_output *out;
	pthread_t thread;
	int wake_fd;               /* eventfd */
	_Atomic bool woken;        /* wake_fd is readable, or about to be */
	_Atomic int64_t cancel_us; /* 0, or: the monotonic time at which all has to end */
	struct cme_life life;
	_Atomic bool done;

	/* of the thread alone */
	struct cme_child child;
	int64_t leased_ms; /* when the process ends, as it was told */
	struct cme_report_reader reports;
	struct cme_window window;
	struct cme_recording recording;
	struct cme_media *opened; /* what the connection is for */
	bool open;                /* the destination takes packets */
	bool gone;                /* the process reads no more */
	bool closing;             /* it was told that nothing more follows */
	bool failed;              /* err says why */
	struct cme_err err;
	bool hung_up;        /* the connection was ended by the peer */
	bool proven;         /* it has held for proof_us */
	int64_t live_us;     /* when it came up; 0: not yet */
	int64_t proof_us;    /* how long it has to hold to count as live */
	int64_t progress_us; /* when a packet was sent last, or began to wait */
};

/* ---- waiting */

static bool cancelled(struct push *push)
{
	int64_t cancel_us = atomic_load(&push->cancel_us);

	return cancel_us && cme_now_us() >= cancel_us;
}

static bool stopping(struct push *push)
{
	bool stop;

	pthread_mutex_lock(&push->out->lock);
	stop = push->out->stopping;
	pthread_mutex_unlock(&push->out->lock);
	return stop;
}

static int timeout_ms(struct push *push, int64_t until_us)
{
	int64_t cancel_us = atomic_load(&push->cancel_us);
	int64_t now_us = cme_now_us(), left_us;
	int64_t fence_us = push->child.pid ? cme_output_open_until_us(push->out, now_us) : INT64_MAX;

	if (push->child.report_fd >= 0 && cme_report_waits(&push->reports))
		return 0;
	if (cancel_us && cancel_us < until_us)
		until_us = cancel_us;
	left_us = (fence_us < until_us ? fence_us : until_us) - now_us;
	if (left_us > 3600 * CME_SECOND_US)
		return -1; /* whoever sets a time wakes us */
	return left_us > 0 ? (int)(left_us / CME_MS_US) + 1 : 0;
}

/* Until the queue, the owner or the process has something for us, or the time has come. */
static void wait_until(struct push *push, int64_t until_us)
{
	struct pollfd fds[] = { { .fd = push->wake_fd, .events = POLLIN },
				{ .fd = push->child.report_fd, .events = POLLIN },
				{ .fd = push->window.sending && !push->gone ? push->child.fd : -1,
				  .events = POLLOUT } };
	eventfd_t value;

	poll(fds, sizeof fds / sizeof fds[0], timeout_ms(push, until_us));
	if (fds[0].revents & POLLIN) {
		eventfd_read(push->wake_fd, &value);
		atomic_store(&push->woken, false);
	}
	cme_life_sign();
}

/* ---- what the process says */

/* Records why the connection fails; the first reason stays. */
static void fail(struct push *push, const struct cme_err *err)
{
	if (!push->failed)
		push->err = *err;
	push->failed = true;
}

/* What is wrong with the process itself. */
static void fail_process(struct push *push, struct cme_err *err)
{
	char url[256];

	if (push->out->record)
		cme_err_prefix(err, "record '%s'", push->out->url);
	else
		cme_err_prefix(err, "%s '%s'", push->open ? "send" : "open",
			       cme_redact_url(push->out->url, url, sizeof url));
	fail(push, err);
}

/* The code of having waited too long: for a peer, or a recording for its disk. */
static const char *late(const struct push *push)
{
	return push->out->record ? "record.failed" : "network.timeout";
}

/* It has ended, or says what it should not. */
static void judge_end(struct push *push)
{
	struct cme_err err;
	int status;

	if (cme_child_wait(&push->child, (int)(CLOSE_US / CME_MS_US), &status))
		cme_child_fault(PROGRAM, status, &err);
	else
		cme_err_set(&err, "internal", "'%s' says what nobody understands", PROGRAM);
	fail_process(push, &err);
}

static void on_sent(void *ctx, const struct cme_packet *packet)
{
	struct push *push = ctx;

	cme_output_sent(push->out, packet);
	if (push->proven || cme_now_us() - push->live_us < push->proof_us)
		return;
	push->proven = true;
	cme_output_set_state(push->out, CME_OUTPUT_LIVE, NULL);
}

static void on_line(void *ctx, const json_t *line)
{
	struct push *push = ctx;
	json_int_t sent = json_integer_value(json_object_get(line, "sent"));
	struct cme_err err;

	if (json_is_true(json_object_get(line, "opened")))
		push->open = true;
	if (sent > 0) {
		cme_window_acknowledge(&push->window, (size_t)sent, on_sent, push);
		push->progress_us = cme_now_us();
	}
	cme_recording_hear(&push->recording, push->out, line);
	if (cme_report_to_err(line, &err)) {
		push->hung_up = json_is_true(json_object_get(line, "hung_up"));
		fail(push, &err);
	}
}

static void hear(struct push *push)
{
	cme_report_hear(&push->reports, push->child.report_fd, CME_REPORT_LINES_MAX, on_line, push);
	if (push->reports.ended && !push->failed && !push->closing)
		judge_end(push);
}

/* ---- the fence */

/* The lease is over: nothing more goes out. A renewed one is told to the process. */
static bool fenced(struct push *push)
{
	int64_t leased_ms = cme_output_leased_until_ms(push->out);

	if (!cme_output_open(push->out))
		return true;
	if (leased_ms != push->leased_ms)
		cme_child_tell_number(&push->child, leased_ms);
	push->leased_ms = leased_ms;
	return false;
}

/* Waits for a lease. ended: the last connection ended with its lease, which may be renewed by now. false: to
 * end. */
static bool wait_for_lease(struct push *push, bool ended)
{
	if (!ended && cme_output_open(push->out))
		return true;
	cme_output_set_state(push->out, CME_OUTPUT_FENCED, NULL);
	while (!stopping(push) && !cme_output_open(push->out))
		wait_until(push, INT64_MAX);
	if (stopping(push))
		return false;
	cme_output_opened(push->out);
	cme_output_set_state(push->out, CME_OUTPUT_WAITING, NULL);
	return true;
}

/* ---- one connection */

/* What cannot work is said before the peer is troubled with a connection. */
static int check_media(struct push *push, struct cme_err *err)
{
	char url[256];

	if (cme_media_check(push->opened, cme_push_container(push->out), err) == 0)
		return 0;
	return cme_err_prefix(err, "open '%s'", cme_redact_url(push->out->url, url, sizeof url));
}

static int tell(struct push *push, struct cme_err *err)
{
	char *line = cme_push_telling(push->out, push->opened, push->leased_ms, push->proof_us);
	int rc = line ? cme_child_tell(&push->child, line, err)
		      : cme_err_set(err, "internal", "out of memory");

	if (line)
		explicit_bzero(line, strlen(line));
	free(line);
	return rc;
}

static int start_process(struct push *push, struct cme_err *err)
{
	push->proof_us = cme_output_proof_us(push->out);
	push->leased_ms = cme_output_leased_until_ms(push->out);
	cme_report_reader_init(&push->reports);
	if (cme_child_start(&push->child, PROGRAM, SEND_BUFFER, err) == 0 && tell(push, err) == 0)
		return 0;
	fail_process(push, err);
	return -1;
}

/* Why whatever is under way is over. Asked again a moment later, it may be otherwise: a lease may be renewed.
 * So the first answer stands. */
static enum end why_ended(struct push *push)
{
	if (fenced(push))
		return END_FENCED;
	if (push->failed)
		return END_FAILED;
	return cancelled(push) ? END_STOPPED : END_NOT;
}

static enum end wait_for_answer(struct push *push)
{
	int64_t until_us = cme_now_us() + CONNECT_S * CME_SECOND_US;
	struct cme_err err;

	for (;;) {
		enum end end;

		hear(push);
		end = why_ended(push);
		if (end != END_NOT || push->open)
			return end;
		if (cme_now_us() >= until_us)
			break;
		wait_until(push, until_us);
	}
	cme_err_set(&err, late(push), "no answer within %d s", CONNECT_S);
	fail_process(push, &err);
	return END_FAILED;
}

/* END_NOT: the destination takes packets. */
static enum end connect_output(struct push *push)
{
	struct cme_err err;
	enum end end;

	if (check_media(push, &err) != 0) {
		fail(push, &err);
		return END_FAILED;
	}
	cme_output_set_state(push->out, CME_OUTPUT_CONNECTING, NULL);
	if (start_process(push, &err) != 0)
		return END_FAILED;
	end = wait_for_answer(push);
	if (end != END_NOT)
		return end;
	push->live_us = push->progress_us = cme_now_us();
	cme_output_connected(push->out);
	return END_NOT;
}

enum next { NEXT_PACKET, NEXT_NOTHING, NEXT_OTHER_MEDIA };

static enum next next_packet(struct push *push, struct cme_packet **packet)
{
	struct cme_queue *queue = &push->out->queue;
	const struct cme_queue_item *head;
	struct cme_queue_item item;
	enum next next = NEXT_NOTHING;

	pthread_mutex_lock(&push->out->lock);
	head = cme_queue_peek(queue);
	if (head && !cme_media_fits(push->opened, ((struct cme_packet *)head->packet)->media)) {
		next = NEXT_OTHER_MEDIA;
	} else if (head && cme_queue_pop(queue, &item)) {
		*packet = item.packet;
		next = NEXT_PACKET;
	}
	pthread_mutex_unlock(&push->out->lock);
	return next;
}

/* Why it reads no more is what it says, or how it ended. */
static void send_rest(struct push *push)
{
	if (!push->gone)
		push->gone = cme_window_send(&push->window, push->child.fd) != 0;
}

/* As much as the process takes now. */
static enum next send_some(struct push *push)
{
	struct cme_packet *packet;
	enum next next = NEXT_PACKET;
	struct cme_err err;

	while (cme_window_room(&push->window) && (next = next_packet(push, &packet)) == NEXT_PACKET) {
		if (!push->window.count)
			push->progress_us = cme_now_us();
		if (cme_window_add(&push->window, packet) != 0) {
			cme_err_set(&err, "internal", "out of memory");
			fail_process(push, &err);
			break;
		}
		send_rest(push);
	}
	return next;
}

/* The process has stopped, or does what its own limits do not end. */
static void check_progress(struct push *push)
{
	struct cme_err err;

	if (!push->window.count || cme_now_us() - push->progress_us < PROGRESS_S * CME_SECOND_US)
		return;
	cme_err_set(&err, late(push), "no progress within %d s", PROGRESS_S);
	fail_process(push, &err);
}

static enum end pump(struct push *push)
{
	for (;;) {
		enum next next;
		enum end end;

		hear(push);
		send_rest(push);
		next = push->failed ? NEXT_NOTHING : send_some(push);
		check_progress(push);
		end = why_ended(push);
		if (end != END_NOT)
			return end;
		if (next == NEXT_OTHER_MEDIA && !push->window.count)
			return END_MEDIA;
		if (next == NEXT_NOTHING && !push->window.count && stopping(push))
			return END_STOPPED;
		wait_until(push,
			   push->window.count ? push->progress_us + PROGRESS_S * CME_SECOND_US : INT64_MAX);
	}
}

/* A process that fails gets no time to say goodbye. */
static void disconnect_output(struct push *push, bool goodbye)
{
	int64_t until_us = cme_now_us() + (push->out->record ? FINISH_US : CLOSE_US);

	push->closing = true;
	if (goodbye)
		cme_child_hang_up(&push->child);
	while (goodbye && !push->reports.ended && !cancelled(push) && cme_now_us() < until_us) {
		wait_until(push, until_us);
		hear(push);
	}
	cme_child_close(&push->child);
	cme_recording_end(&push->recording, push->out);
	cme_window_fini(&push->window);
	cme_media_unref(push->opened);
	push->opened = NULL;
}

static enum end cycle(struct push *push)
{
	enum end end;

	push->live_us = 0;
	push->open = push->gone = push->closing = push->failed = push->proven = push->hung_up = false;
	push->child = (struct cme_child)CME_CHILD_NONE;
	cme_window_init(&push->window);
	end = connect_output(push);
	if (end == END_NOT)
		end = pump(push);
	if (fenced(push))
		end = END_FENCED;
	disconnect_output(push, end == END_STOPPED || end == END_MEDIA);
	cme_output_disconnected(push->out, end == END_MEDIA);
	return end;
}

/* ---- the thread */

/* Waits until there is media to open a connection with; false: to end. */
static bool wait_for_media(struct push *push)
{
	const struct cme_queue_item *head;
	bool stop;

	for (;;) {
		pthread_mutex_lock(&push->out->lock);
		stop = push->out->stopping;
		head = stop ? NULL : cme_queue_peek(&push->out->queue);
		if (head)
			push->opened = cme_media_ref(((struct cme_packet *)head->packet)->media);
		pthread_mutex_unlock(&push->out->lock);
		if (stop || head)
			return head != NULL;
		wait_until(push, INT64_MAX);
	}
}

/* After a failure: says so and waits. false: to end. */
static bool back_off(struct push *push)
{
	int64_t lived_us = push->live_us ? cme_now_us() - push->live_us : 0, until_us;

	if (cancelled(push))
		return false;
	until_us = cme_now_us() + cme_output_failed(push->out, lived_us, push->hung_up, &push->err);
	while (!stopping(push) && cme_now_us() < until_us)
		wait_until(push, until_us);
	return !stopping(push);
}

static void *run(void *arg)
{
	struct push *push = arg;
	enum end end = END_NOT;

	cme_life_begin(&push->life);
	while (wait_for_lease(push, end == END_FENCED) && wait_for_media(push)) {
		end = cycle(push);
		if (end == END_STOPPED || (end == END_FAILED && !back_off(push)))
			break;
	}
	cme_life_end();
	atomic_store(&push->done, true);
	cme_events_wake(push->out->events);
	return NULL;
}

static void destroy(struct push *push)
{
	if (push->wake_fd >= 0)
		close(push->wake_fd);
	free(push);
}

static int start(struct cme_output *out, struct cme_err *err)
{
	struct push *push = calloc(1, sizeof *push);

	if (!push)
		return cme_err_set(err, "internal", "out of memory");
	push->out = out;
	out->backend = push;
	push->child = (struct cme_child)CME_CHILD_NONE;
	atomic_init(&push->woken, false);
	atomic_init(&push->cancel_us, 0);
	atomic_init(&push->done, false);
	cme_life_init(&push->life);
	push->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (push->wake_fd < 0 || pthread_create(&push->thread, NULL, run, push) != 0) {
		destroy(push);
		return cme_err_set(err, "internal", "no thread could be started");
	}
	return 0;
}

static void wake(struct cme_output *out)
{
	struct push *push = out->backend;

	if (!atomic_exchange(&push->woken, true))
		eventfd_write(push->wake_fd, 1);
}

static void end_by(struct cme_output *out, int64_t at_us)
{
	struct push *push = out->backend;

	atomic_store(&push->cancel_us, at_us);
}

static struct cme_life *life(const struct cme_output *out)
{
	struct push *push = out->backend;

	return &push->life;
}

static bool done(const struct cme_output *out)
{
	const struct push *push = out->backend;

	return atomic_load(&push->done);
}

static void join(struct cme_output *out)
{
	struct push *push = out->backend;

	pthread_join(push->thread, NULL);
	destroy(push);
}

const struct cme_output_ops cme_output_push_ops = {
	.name = "cme-push",
	.start = start,
	.wake = wake,
	.end_by = end_by,
	.life = life,
	.done = done,
	.join = join,
};

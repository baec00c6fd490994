/* SPDX-License-Identifier: MIT */
#include <sys/epoll.h>

#include "relay/base/sys.h"
#include "relay/output/rtmp/destination_state.h"

enum cme_verdict cme_destination_dial(struct cme_destination *d)
{
	cme_dial_begin(&d->dial, d->now_us);
	return cme_destination_go(d, CME_PHASE_DIALLING);
}

enum cme_verdict cme_phase_wait_for_media(struct cme_destination *d)
{
	const struct cme_queue_item *head;

	pthread_mutex_lock(&d->out->lock);
	head = cme_queue_peek(&d->out->queue);
	if (head)
		d->opened = cme_media_ref(((struct cme_packet *)head->packet)->media);
	pthread_mutex_unlock(&d->out->lock);
	if (!head)
		return CME_VERDICT_WAIT;
	if (d->url_err.code[0]) {
		d->err = d->url_err;
		return CME_VERDICT_FAILED;
	}
	if (cme_rtmp_choose(NULL, d->out->codecs, d->opened, &d->flight.told, &d->err) != 0)
		return CME_VERDICT_FAILED;
	cme_output_set_state(d->out, CME_OUTPUT_CONNECTING, NULL);
	return cme_destination_dial(d);
}

static enum cme_verdict greet(struct cme_destination *d)
{
	struct cme_rtmp_session_config config = {
		.url = &d->url,
		.login = d->login.query,
		.enhanced = d->out->codecs == CME_CODECS_ENHANCED,
		.seed = (uint64_t)(cme_random_unit() * 9e15) ^ (uint64_t)d->now_us,
	};

	cme_rtmp_session_fini(&d->session);
	cme_rtmp_session_init(&d->session, &config);
	cme_rtmp_session_start(&d->session);
	return cme_destination_go(d, CME_PHASE_GREETING);
}

static bool watch(void *ctx, int fd)
{
	struct cme_destination *d = ctx;
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = d };

	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Each step of it has a limit of its own. */
enum cme_verdict cme_phase_dial(struct cme_destination *d)
{
	struct cme_dial_target target = {
		.url = &d->url, .tls = d->tls, .wake_fd = d->wake_fd, .watch = watch, .ctx = d
	};
	int rc = cme_dial_step(&d->dial, &target, &d->link, d->now_us, &d->err);

	d->limit_us = d->dial.limit_us;
	d->ready = d->ready || (rc == 0 && d->link.more);
	return rc == 1 ? greet(d) : rc == 0 ? CME_VERDICT_WAIT : CME_VERDICT_FAILED;
}

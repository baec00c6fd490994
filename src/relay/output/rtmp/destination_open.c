/* SPDX-License-Identifier: MIT */
#include <sys/epoll.h>

#include "relay/base/sys.h"
#include "relay/output/rtmp/destination_state.h"

#define NEXT_ADDRESS_US (2 * CME_SECOND_US) /* before another address is tried, where there is one */

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
	if (cme_flight_check(d->opened, &d->err) != 0)
		return CME_VERDICT_FAILED;
	cme_output_set_state(d->out, CME_OUTPUT_CONNECTING, NULL);
	return cme_destination_go(d, CME_PHASE_RESOLVING);
}

static enum cme_verdict connect_next(struct cme_destination *d)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = d };

	cme_link_close(&d->link);
	while (d->address) {
		const struct addrinfo *address = d->address;

		d->address = address->ai_next;
		if (cme_link_connect(&d->link, address->ai_addr, address->ai_addrlen, &d->err) != 0)
			continue;
		if (epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->link.fd, &event) != 0) {
			cme_err_set(&d->err, "internal", "the connection could not be watched");
			return CME_VERDICT_FAILED;
		}
		cme_destination_go(d, CME_PHASE_CONNECTING);
		if (d->address)
			d->limit_us = d->now_us + NEXT_ADDRESS_US;
		return CME_VERDICT_NEXT;
	}
	return CME_VERDICT_FAILED;
}

enum cme_verdict cme_phase_resolve(struct cme_destination *d)
{
	const struct addrinfo *list;
	int rc;

	if (!d->lookup)
		d->lookup = cme_lookup_start(d->url.host, d->url.port, d->wake_fd, &d->err);
	rc = d->lookup ? cme_lookup_result(d->lookup, &list, &d->err) : -1;
	if (rc == 0)
		return CME_VERDICT_WAIT;
	if (rc < 0)
		return CME_VERDICT_FAILED;
	d->address = list;
	return connect_next(d);
}

static enum cme_verdict greet(struct cme_destination *d)
{
	struct cme_rtmp_session_config config = {
		.url = &d->url,
		.hevc = cme_flight_stream(d->opened, CME_VIDEO).codec == CME_FLV_HEVC,
		.seed = (uint64_t)(cme_random_unit() * 9e15) ^ (uint64_t)d->now_us,
	};

	cme_rtmp_session_fini(&d->session);
	cme_rtmp_session_init(&d->session, &config);
	cme_rtmp_session_start(&d->session);
	return cme_destination_go(d, CME_PHASE_GREETING);
}

enum cme_verdict cme_phase_connect(struct cme_destination *d)
{
	int rc = cme_link_connected(&d->link, &d->err);

	if (rc == 0 && !cme_destination_overdue(d))
		return CME_VERDICT_WAIT;
	if (rc == 0)
		cme_err_set(&d->err, "network.timeout", "the host does not answer");
	if (rc <= 0)
		return connect_next(d);
	if (!d->url.tls)
		return greet(d);
	return cme_link_secure(&d->link, d->tls, d->url.host, &d->err) == 0
		       ? cme_destination_go(d, CME_PHASE_SECURING)
		       : CME_VERDICT_FAILED;
}

enum cme_verdict cme_phase_secure(struct cme_destination *d)
{
	int rc = cme_link_handshake(&d->link, &d->err);

	return rc == 1 ? greet(d) : rc == 0 ? CME_VERDICT_WAIT : CME_VERDICT_FAILED;
}

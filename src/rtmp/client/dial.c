/* SPDX-License-Identifier: MIT */
#include "rtmp/client/dial.h"

#include <netinet/in.h>
#include <stddef.h>

#include "common/address.h"
#include "common/clock.h"

#define RESOLVE_US      (5 * CME_SECOND_US)
#define CONNECT_US      (4 * CME_SECOND_US)
#define NEXT_ADDRESS_US (2 * CME_SECOND_US) /* before another address is tried, where there is one */

void cme_dial_begin(struct cme_dial *dial, int64_t now_us)
{
	dial->state = CME_DIAL_RESOLVING;
	dial->limit_us = now_us + RESOLVE_US;
	dial->address = NULL;
}

/* true: it is not public. */
static bool refuse(const struct addrinfo *address, struct cme_err *err)
{
	char text[INET6_ADDRSTRLEN];

	if (cme_address_public(address->ai_addr))
		return false;
	cme_err_set(err, "source.not_public",
		    "%s is no public address, and this service reads from public ones alone",
		    cme_address_text(address->ai_addr, text, sizeof text));
	return true;
}

/* 0: a connection to one of the addresses left is under way; -1 with err: to none. */
static int connect_next(struct cme_dial *dial, const struct cme_dial_target *target, struct cme_link *link,
			int64_t now_us, struct cme_err *err)
{
	cme_link_close(link);
	while (dial->address) {
		const struct addrinfo *address = dial->address;

		dial->address = address->ai_next;
		if (target->public && refuse(address, err))
			continue;
		if (cme_link_connect(link, address->ai_addr, address->ai_addrlen, err) != 0)
			continue;
		if (target->watch && !target->watch(target->ctx, link->fd))
			return cme_err_set(err, "internal", "the connection could not be watched");
		dial->state = CME_DIAL_CONNECTING;
		dial->limit_us = now_us + (dial->address ? NEXT_ADDRESS_US : CONNECT_US);
		return 0;
	}
	return -1;
}

static int late(struct cme_err *err, const char *code, const char *missing)
{
	return cme_err_set(err, code, "%s did not come in time", missing);
}

static int resolve(struct cme_dial *dial, const struct cme_dial_target *target, struct cme_link *link,
		   int64_t now_us, struct cme_err *err)
{
	const struct addrinfo *list = NULL;
	int rc;

	if (!dial->lookup)
		dial->lookup = cme_lookup_start(target->url->host, target->url->port, target->wake_fd, err);
	rc = dial->lookup ? cme_lookup_result(dial->lookup, &list, err) : -1;
	if (rc == 0 && now_us >= dial->limit_us)
		return late(err, "network.resolve", "an answer of the name server");
	if (rc <= 0)
		return rc;
	dial->address = list;
	return connect_next(dial, target, link, now_us, err);
}

static int secure(struct cme_dial *dial, struct cme_link *link, int64_t now_us, struct cme_err *err)
{
	int rc = cme_link_handshake(link, err);

	if (rc == 0 && now_us >= dial->limit_us)
		return late(err, "network.timeout", "the TLS handshake");
	return rc;
}

static int connect_on(struct cme_dial *dial, const struct cme_dial_target *target, struct cme_link *link,
		      int64_t now_us, struct cme_err *err)
{
	int rc = cme_link_connected(link, err);

	if (rc == 0 && now_us < dial->limit_us)
		return 0;
	if (rc == 0)
		cme_err_set(err, "network.timeout", "the host does not answer");
	if (rc <= 0)
		return connect_next(dial, target, link, now_us, err);
	if (!target->url->tls)
		return 1;
	if (cme_link_secure(link, target->tls, target->url->host, err) != 0)
		return -1;
	dial->state = CME_DIAL_SECURING;
	dial->limit_us = now_us + CME_HANDSHAKE_US;
	return secure(dial, link, now_us, err);
}

int cme_dial_step(struct cme_dial *dial, const struct cme_dial_target *target, struct cme_link *link,
		  int64_t now_us, struct cme_err *err)
{
	switch (dial->state) {
	case CME_DIAL_RESOLVING:
		return resolve(dial, target, link, now_us, err);
	case CME_DIAL_CONNECTING:
		return connect_on(dial, target, link, now_us, err);
	default:
		return secure(dial, link, now_us, err);
	}
}

void cme_dial_end(struct cme_dial *dial)
{
	const struct addrinfo *list;
	struct cme_err ignored;

	dial->address = NULL;
	if (dial->lookup && cme_lookup_result(dial->lookup, &list, &ignored) != 0)
		cme_dial_fini(dial);
}

void cme_dial_fini(struct cme_dial *dial)
{
	dial->address = NULL;
	cme_lookup_drop(dial->lookup);
	dial->lookup = NULL;
}

/* SPDX-License-Identifier: MIT */
#include "edge/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define IPV4   ((uint64_t)1 << 32)
#define NOBODY ((struct cme_gate_address){ .low = IPV4 << 1 }) /* an address that none is counted as */

int cme_gate_init(struct cme_gate *gate, struct cme_gate_limits limits)
{
	*gate = (struct cme_gate){ .limits = limits };
	gate->list = calloc(limits.all, sizeof gate->list[0]);
	return gate->list ? 0 : -1;
}

void cme_gate_fini(struct cme_gate *gate)
{
	free(gate->list);
	gate->list = NULL;
}

static struct cme_gate_address of_ipv4(const void *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof number);
	return (struct cme_gate_address){ .low = IPV4 | number };
}

struct cme_gate_address cme_gate_address(const struct sockaddr *address)
{
	const struct in6_addr *in6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	struct cme_gate_address found = { 0 };

	if (address->sa_family == AF_INET)
		return of_ipv4(&((const struct sockaddr_in *)(const void *)address)->sin_addr);
	if (address->sa_family != AF_INET6)
		return found;
	if (IN6_IS_ADDR_V4MAPPED(in6))
		return of_ipv4(in6->s6_addr + 12);
	memcpy(&found.high, in6->s6_addr, sizeof found.high);
	return found;
}

/* The place of an address: in the list, or behind it. */
static size_t find(const struct cme_gate *gate, struct cme_gate_address address)
{
	size_t i = 0;

	while (i < gate->addresses &&
	       (gate->list[i].address.high != address.high || gate->list[i].address.low != address.low))
		i++;
	return i;
}

bool cme_gate_enter(struct cme_gate *gate, struct cme_gate_address address)
{
	size_t i = find(gate, address);
	bool here = i < gate->addresses;

	if (gate->all >= gate->limits.all || gate->strangers >= gate->limits.strangers ||
	    (here && gate->list[i].count >= gate->limits.address))
		return false;
	if (!here) {
		gate->list[gate->addresses].address = address;
		gate->list[gate->addresses].viewers = 0;
		gate->list[gate->addresses++].count = 0;
	}
	gate->list[i].count++;
	gate->all++;
	gate->strangers++;
	return true;
}

void cme_gate_admit(struct cme_gate *gate)
{
	gate->strangers--;
}

void cme_gate_dismiss(struct cme_gate *gate)
{
	gate->strangers++;
}

/* How many of one address may watch. */
static size_t share(const struct cme_gate *gate)
{
	size_t quarter = gate->limits.viewers / 4;

	return quarter ? quarter : 1;
}

/* One of our own (cme_gate_own) is in no list, and has no share. */
bool cme_gate_admit_viewer(struct cme_gate *gate, struct cme_gate_address address)
{
	size_t i = find(gate, address);
	bool here = i < gate->addresses;

	if (gate->viewers >= gate->limits.viewers || (here && gate->list[i].viewers >= share(gate)))
		return false;
	if (here)
		gate->list[i].viewers++;
	gate->viewers++;
	gate->strangers--;
	return true;
}

void cme_gate_dismiss_viewer(struct cme_gate *gate, struct cme_gate_address address)
{
	size_t i = find(gate, address);

	if (i < gate->addresses)
		gate->list[i].viewers--;
	gate->viewers--;
	gate->strangers++;
}

/* One less of this address. */
static void uncount(struct cme_gate *gate, struct cme_gate_address address)
{
	size_t i = find(gate, address);

	if (i < gate->addresses && --gate->list[i].count == 0)
		gate->list[i] = gate->list[--gate->addresses];
}

void cme_gate_own(struct cme_gate *gate, struct cme_gate_address *address)
{
	uncount(gate, *address);
	*address = NOBODY;
}

void cme_gate_leave(struct cme_gate *gate, struct cme_gate_address address, bool stranger)
{
	gate->all--;
	if (stranger)
		gate->strangers--;
	uncount(gate, address);
}

/* SPDX-License-Identifier: MIT */
#include "httpd/limits.h"

#define DRAIN_EXTRA       (UINT64_C(32) << 20)
#define SLOWEST_PER_S     4096
#define OTHER_DESCRIPTORS 256
#define POOL_EXTRA        4096

uint64_t cme_httpd_body_drain_limit(const struct cme_httpd_limits *limits)
{
	return 2 * (uint64_t)limits->max_body + DRAIN_EXTRA;
}

enum cme_httpd_body_plan cme_httpd_body_plan(const struct cme_httpd_limits *limits, uint64_t declared,
					     size_t room, bool expects_continue)
{
	if (declared == CME_HTTPD_BODY_UNKNOWN || declared == 0)
		return CME_HTTPD_BODY_KEEP;
	if (declared <= limits->max_body && declared <= room)
		return CME_HTTPD_BODY_KEEP;
	if (expects_continue || declared > cme_httpd_body_drain_limit(limits))
		return CME_HTTPD_BODY_REFUSE;
	return CME_HTTPD_BODY_DRAIN;
}

bool cme_httpd_phase_late(const struct cme_httpd_limits *limits, enum cme_httpd_phase phase,
			  const struct cme_httpd_stay *stay)
{
	const int64_t allowed_ms = (int64_t)limits->idle_timeout_s * 1000;

	switch (phase) {
	case CME_HTTPD_PHASE_PARKED:
		return false;
	case CME_HTTPD_PHASE_IDLE:
		return stay->elapsed_ms > (int64_t)limits->keep_alive_s * 1000;
	case CME_HTTPD_PHASE_HANDSHAKE:
	case CME_HTTPD_PHASE_HEAD:
		return stay->elapsed_ms > allowed_ms;
	case CME_HTTPD_PHASE_BODY:
	case CME_HTTPD_PHASE_REPLY:
		break;
	}
	return stay->silent_ms > allowed_ms ||
	       stay->elapsed_ms > allowed_ms + (int64_t)(stay->bytes / SLOWEST_PER_S) * 1000;
}

unsigned cme_httpd_library_timeout_s(const struct cme_httpd_limits *limits)
{
	return limits->idle_timeout_s > limits->keep_alive_s ? limits->idle_timeout_s : limits->keep_alive_s;
}

/* libmicrohttpd keeps the header's bytes, an entry per header line, and the answer's head in it. */
size_t cme_httpd_pool_size(size_t max_header)
{
	return max_header + max_header / 2 + POOL_EXTRA;
}

uint64_t cme_httpd_descriptors_for(unsigned connections)
{
	return (uint64_t)connections + OTHER_DESCRIPTORS;
}

unsigned cme_httpd_connections_for(unsigned wanted, uint64_t descriptors)
{
	if (descriptors >= cme_httpd_descriptors_for(wanted))
		return wanted;
	/* Few descriptors in all: half of them, so that the rest of the process keeps working. */
	if (descriptors < UINT64_C(2) * OTHER_DESCRIPTORS)
		return descriptors / 2 > 0 ? (unsigned)(descriptors / 2) : 1;
	return (unsigned)(descriptors - OTHER_DESCRIPTORS);
}

/* SPDX-License-Identifier: MIT
 *
 * What the HTTP server allows, decided apart from sockets and clocks: how a request's body is taken,
 * until when a connection may be slow, how many connections the process has descriptors for. Pure
 * functions; every number that matters to a hostile client is here.
 */
#ifndef CME_HTTPD_LIMITS_H
#define CME_HTTPD_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_HTTPD_BODY_UNKNOWN UINT64_MAX /* a chunked body does not declare its size */

struct cme_httpd_limits {
	size_t max_body;          /* bytes of one request's body; more is dropped and the request marked */
	size_t max_header;        /* bytes of request line and headers; more gets 431 */
	size_t max_buffered;      /* bytes of all bodies held at once; more gets 503 */
	unsigned max_connections; /* open at once; more are closed as they arrive */
	unsigned max_per_origin; /* open at once from one origin that is not this machine; 0: no such limit */
	unsigned idle_timeout_s; /* seconds without a byte of a handshake, request or answer that is under
				    way; at least 1 */
	unsigned keep_alive_s;   /* seconds between an answer and the next request's first byte; at least 1 */
};

enum cme_httpd_body_plan {
	CME_HTTPD_BODY_KEEP,   /* take it in */
	CME_HTTPD_BODY_DRAIN,  /* drop it as it arrives, answer at its end: the client reads answers only then
				*/
	CME_HTTPD_BODY_REFUSE, /* answer before it and close: nobody has to send it */
};

/* What to do with a body of `declared` bytes when `room` bytes of max_buffered are free.
 * expects_continue: the client waits for "100 Continue" before it sends. */
enum cme_httpd_body_plan cme_httpd_body_plan(const struct cme_httpd_limits *limits, uint64_t declared,
					     size_t room, bool expects_continue);

/* Bytes of an unwanted body that are read at most, in the hope that the client reads our answer: one that
 * sends without asking reads it after its last byte, and a connection closed before that loses the answer.
 * The extra is more than what any interface of the cloud takes (10 MB), however small max_body is. */
uint64_t cme_httpd_body_drain_limit(const struct cme_httpd_limits *limits);

enum cme_httpd_phase {
	CME_HTTPD_PHASE_HANDSHAKE, /* of TLS; counted from the connection's start */
	CME_HTTPD_PHASE_IDLE, /* answered, and nothing of the next request is here; counted from the answer's
				 end */
	CME_HTTPD_PHASE_HEAD, /* half a header is here, or nothing at all yet; counted from its first byte, of
				 the first one from the connection's start */
	CME_HTTPD_PHASE_BODY, /* the body arrives; counted from the end of the header */
	CME_HTTPD_PHASE_PARKED, /* the request waits for its answer: ours to hurry, never late */
	CME_HTTPD_PHASE_REPLY,  /* the answer is being sent; counted from its start */
};

/* How long a connection is in its phase, in milliseconds. */
struct cme_httpd_stay {
	int64_t elapsed_ms; /* since the phase began */
	int64_t silent_ms;  /* since a byte of it moved */
	uint64_t bytes;     /* of body moved */
};

/* True when a connection has used up its time, however busy it looks: a bound on silence alone would let a
 * client keep a connection for ever with a byte now and then. Handshakes and headers have idle_timeout_s;
 * bodies and answers have idle_timeout_s and what their bytes take at 4 KiB/s, and may not be silent for
 * idle_timeout_s; between requests a connection has keep_alive_s. */
bool cme_httpd_phase_late(const struct cme_httpd_limits *limits, enum cme_httpd_phase phase,
			  const struct cme_httpd_stay *stay);

/* Seconds after which the library ends a silent connection: past all of ours, which know the phase. */
unsigned cme_httpd_library_timeout_s(const struct cme_httpd_limits *limits);

/* Memory for one connection of which max_header bytes can be header. */
size_t cme_httpd_pool_size(size_t max_header);

/* Descriptors the process needs for that many connections, with some for everything else it opens. */
uint64_t cme_httpd_descriptors_for(unsigned connections);

/* How many of `wanted` connections the process can hold with that many descriptors; at least 1. */
unsigned cme_httpd_connections_for(unsigned wanted, uint64_t descriptors);

#endif

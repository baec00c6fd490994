/* SPDX-License-Identifier: MIT
 *
 * What one RTMP connection has taken from its output's queue and not yet handed to the kernel whole: a
 * short run of messages, with the connection's own timestamps, and the sequence headers and onMetaData
 * that belong before them.
 *
 * The connection's clock starts at the first packet it carries, rounded down to a millisecond so that
 * picture and sound keep their distance; sound from before it is left out. A packet of another media
 * brings the new header of its own stream with it. Once in here a packet is out of reach of the queue, so the
 * flight is kept short: a few messages, and no more bytes than a send buffer holds. No I/O, no clock,
 * no lock; one thread.
 */
#ifndef CME_RTMP_FLIGHT_H
#define CME_RTMP_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "rtmp/message.h"
#include "stream/flv/told.h"
#include "stream/packet.h"

#define CME_FLIGHT_MAX       64 /* messages; a power of two */
#define CME_FLIGHT_HEADERS   5  /* onMetaData, two sequence headers, two notes */
#define CME_FLIGHT_BYTES_MAX ((size_t)256 * 1024)

struct cme_flight_entry {
	struct cme_message message;
	struct cme_packet *packet; /* a reference; NULL for headers */
	char *body;                /* of headers, owned; else NULL */
};

struct cme_flight {
	struct cme_flight_entry ring[CME_FLIGHT_MAX];
	size_t head;
	size_t count;
	size_t bytes;    /* of payload held */
	size_t sent;     /* bytes of the head's chunked form that are gone */
	int64_t base_ms; /* timeline's time of this connection's 0; INT64_MIN before the first packet */
	struct cme_flv_told told;
	uint32_t stream_id;
	size_t chunk_size;
};

/* What was completed by cme_flight_advance. */
typedef void cme_flight_done(void *ctx, const struct cme_packet *packet);

void cme_flight_init(struct cme_flight *flight);

/* Drops all; ready for another connection. */
void cme_flight_clear(struct cme_flight *flight);

/* There is room for a packet and the headers it may bring. */
bool cme_flight_room(const struct cme_flight *flight);

/* Takes the reference over. 0, or -1: no memory, or a codec RTMP does not carry. */
int cme_flight_add(struct cme_flight *flight, struct cme_packet *packet);

/* Makes the plan of what is to be sent: the session's control bytes and what is in flight. Control goes
 * first, but not into the middle of a message: then the rest of that message goes alone. */
void cme_flight_plan(const struct cme_flight *flight, const struct cme_buf *control, struct cme_plan *plan);

/* The front `bytes` of that plan were taken: consumes them here and in control; calls done for each packet
 * that is through. */
void cme_flight_advance(struct cme_flight *flight, struct cme_buf *control, size_t bytes,
			cme_flight_done *done, void *ctx);

#endif

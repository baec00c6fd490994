/* SPDX-License-Identifier: MIT
 *
 * What a cme-push was given and has not said to be sent: a short run of packets, of which the last may be on
 * its way into the socket. Kept short, since packets in here are out of reach of the queue. No clock, no
 * lock; one thread; I/O on the socket alone, which must not block.
 */
#ifndef CME_RELAY_OUTPUT_PUSH_WINDOW_H
#define CME_RELAY_OUTPUT_PUSH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "stream/flv/writer.h"
#include "stream/packet.h"

#define CME_WINDOW_MAX       64 /* packets; a power of two */
#define CME_WINDOW_BYTES_MAX ((size_t)256 * 1024)

struct cme_window {
	struct cme_flv_writer writer;
	struct cme_packet *ring[CME_WINDOW_MAX]; /* references */
	size_t head;
	size_t count;
	size_t bytes; /* of their payloads */

	/* the last one, while it is on its way */
	bool sending;
	size_t sent;           /* bytes that are gone, of all three parts */
	struct cme_buf before; /* what stands before the payload */
	uint8_t trailer[CME_FLV_TRAILER];
};

/* What was said to be sent. */
typedef void cme_window_done(void *ctx, const struct cme_packet *packet);

void cme_window_init(struct cme_window *window);

/* Drops all. */
void cme_window_fini(struct cme_window *window);

/* A packet may be added. */
bool cme_window_room(const struct cme_window *window);

/* Takes the reference over. 0, or -1: no memory, or a codec that FLV does not carry. */
int cme_window_add(struct cme_window *window, struct cme_packet *packet);

/* Sends what it can of the last packet. 0, or -1: the reader is gone. */
int cme_window_send(struct cme_window *window, int fd);

/* The reader is through with the oldest `count`; more than there are means all. */
void cme_window_acknowledge(struct cme_window *window, size_t count, cme_window_done *done, void *ctx);

#endif

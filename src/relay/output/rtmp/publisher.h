/* SPDX-License-Identifier: MIT
 *
 * The thread that runs all RTMP destinations: one epoll set, no blocking call, a deadline for every phase.
 *
 *   engine threads                     publisher thread
 *   cme_output_push                    epoll_wait ----> each destination that has something to do:
 *     queue, under out->lock             events, new packets, a deadline
 *     wake ---- timer -------------->    cme_destination_step: read, write, next phase
 *
 *   an input's thread
 *   cme_output_put, for all packets of one read
 *   cme_publisher_carry ----> each destination that is live: cme_destination_carry: write
 *
 * The thread that brings the packets writes them, without waiting, for it costs more to wake another one than
 * to write. What a socket does not take, and all that is no writing (connecting, TLS handshakes, answers,
 * deadlines, the end), is the publisher's. `steps` has one of both at a time; who finds it taken leaves its
 * packets to the other.
 *
 * Where there are many destinations and packets come one soon after the other, it is the writes that cost:
 * then a wake for packets is answered a little later, so that the messages of that time leave in one write
 * per destination (linger.h). While a wake waits, further ones are free.
 *
 * Life: the first acquire starts the thread, the last release ends it and joins it.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_PUBLISHER_H
#define CME_RELAY_OUTPUT_RTMP_PUBLISHER_H

#include "common/err.h"

struct cme_publisher;
struct cme_destination;

/* The process's publisher; NULL with err: out of threads, descriptors or memory. */
struct cme_publisher *cme_publisher_acquire(struct cme_err *err);

/* Every destination of the caller is done. */
void cme_publisher_release(struct cme_publisher *publisher);

/* Hands a destination to the thread, which runs it until it is done (destination.h). */
int cme_publisher_add(struct cme_publisher *publisher, struct cme_destination *destination,
		      struct cme_err *err);

/* There is something new in a queue, or a destination is to end. Any thread, any lock; does not block. */
void cme_publisher_wake(struct cme_publisher *publisher);

/* What the queues got leaves now, on the calling thread, where nothing has to be waited for; the rest is
 * left to the publisher's thread. Any thread, without any lock; does not block. */
void cme_publisher_carry(void);

/* Of its thread. */
struct cme_life *cme_publisher_life(struct cme_publisher *publisher);

#endif

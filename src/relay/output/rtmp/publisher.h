/* SPDX-License-Identifier: MIT
 *
 * The thread that runs all RTMP destinations: one epoll set, no blocking call, a deadline for every phase.
 *
 *   engine threads                     publisher thread
 *   cme_output_push                    epoll_wait ----> each destination that has something to do:
 *     queue, under out->lock             events, new packets, a deadline
 *     wake ---- timer -------------->    cme_destination_step: read, write, next phase
 *
 * A wake for packets is answered a little later, so that the messages of that time leave in one sendmsg
 * per destination: sendmsg is what an output costs. The more destinations, the longer: each adds
 * CME_PUBLISHER_LINGER_US, up to CME_PUBLISHER_LINGER_MAX_US. While a wake waits, further ones are free.
 *
 * Life: the first acquire starts the thread, the last release ends it and joins it.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_PUBLISHER_H
#define CME_RELAY_OUTPUT_RTMP_PUBLISHER_H

#include "common/err.h"

#define CME_PUBLISHER_LINGER_US     1500
#define CME_PUBLISHER_LINGER_MAX_US 15000

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

/* Of its thread. */
struct cme_life *cme_publisher_life(struct cme_publisher *publisher);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One RTMP destination: the life of its connections, as the publisher runs it.
 *
 *   WAITING -> DIALLING -> GREETING -> LIVE -> LEAVING -> CLOSING
 *    ^  ^ ^       | TCP, TLS   | RTMP   |     (goodbye)     | |
 *    |  | |       +------------+--------+ failed            | |
 *    |  | |                    v                            | |
 *    |  | +- retry time -- RETRYING                         | |
 *    |  +------------ to come back at once -----------------+ |
 *    +- lease -- FENCED <- from anywhere, without     stopped: GONE
 *
 * Each phase has a handler that goes as far as it can and a limit of time that the table in
 * destination.c gives. The queue, the state, the backoff and the counters are the output's (output.h):
 * the destination reports through it and holds none of its own.
 *
 * Threads: new and free belong to the owner; step, at_us and ready to the publisher's thread between
 * cme_publisher_add and done, carry to any, and one of them at a time (publisher.h); end_by, unsent and done
 * may be called by any.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_DESTINATION_H
#define CME_RELAY_OUTPUT_RTMP_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "relay/output/output.h"

struct cme_destination;

/* NULL: no memory. The URL may be wrong: then the destination says so and stays refused. */
struct cme_destination *cme_destination_new(struct cme_output *out);

/* After done, or before it was handed to the publisher. */
void cme_destination_free(struct cme_destination *destination);

/* Before the first step: where its sockets are watched, and what a finished lookup writes to. */
void cme_destination_attach(struct cme_destination *destination, int epoll_fd, int wake_fd);

/* Its socket has news. */
void cme_destination_ready(struct cme_destination *destination);

/* Does what can be done. `fresh`: queue and stop flag may have changed. False once it is GONE. */
bool cme_destination_step(struct cme_destination *destination, bool fresh, int64_t now_us);

/* Sends what the queue got, if it is live and takes it; nothing else is begun here, and nothing ends. False:
 * step it, there is more to do. */
bool cme_destination_carry(struct cme_destination *destination);

/* When to step at the latest. */
int64_t cme_destination_at_us(const struct cme_destination *destination);

/* The publisher touches it no more: tells the owner. */
void cme_destination_finish(struct cme_destination *destination);

/* Stopping has to be over at this monotonic time. */
void cme_destination_end_by(struct cme_destination *destination, int64_t at_us);

/* Bytes in the kernel that the peer had not acknowledged at the last look, half a second ago at most;
 * -1: not connected. Any thread. */
int64_t cme_destination_unsent(const struct cme_destination *destination);

bool cme_destination_done(const struct cme_destination *destination);

#endif

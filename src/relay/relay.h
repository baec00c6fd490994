/* SPDX-License-Identifier: MIT
 *
 * The relay: owns the inputs and the outputs, knows which input is active, and carries out switches,
 * failovers and changes of the desired state.
 *
 *   main thread              input threads                output threads
 *   poll: signals, control,  open, read, pace             one with an epoll set for all RTMP
 *   events; relay_tick       (a list: one more, ahead)    destinations, one for each other
 *        |                         |                              ^
 *        |                         | packet()                     | push, under out->lock
 *        |  relay->lock            v  relay->lock                 |
 *        +-----------------> [ gop | switch | timeline ] ---------+
 *        ^                                                        |
 *        +---- events (eventfd): states, switched <---------------+
 *
 * Locks, in the order they may be taken: relay->lock, then out->lock, then the leaves (events, log).
 * None is held across I/O, so a dead destination delays neither another nor the input. The publisher's
 * `steps` (output/rtmp/publisher.h) is held while RTMP destinations are written to, without waiting; it comes
 * before out->lock, is never asked for with relay->lock held, and an input only tries to take it.
 *
 * Threads: the main thread starts all others and joins each. A thread that was told to stop ends when
 * it next looks up from a wait (100 ms); it is joined from relay_tick after it said so, so the
 * main thread never waits for one. The exception is getaddrinfo, which nothing can interrupt: at the
 * exit of the process threads that are still in it are left behind (cme_relay_free returns false then,
 * and main ends by _exit without tearing down what they might touch).
 *
 * All functions here are for the main thread alone.
 */
#ifndef CME_RELAY_RELAY_H
#define CME_RELAY_RELAY_H

#include "common/err.h"
#include "relay/base/events.h"
#include "relay/base/spec.h"
#include "relay/base/stat.h"

#define CME_SWITCH_DEADLINE_US 5000000
#define CME_DRAIN_US           350000  /* with the 100 ms of a wait: out within half a second */
#define CME_LAST_US            5000000 /* for the end of a list, which nobody asked to hurry */
#define CME_RECORD_END_US      5000000 /* to finish a file: its disk may be slow, or the machine busy */

struct cme_relay;

/* ca_file is copied; NULL: the TLS library's own. NULL: no memory. */
struct cme_relay *cme_relay_new(const char *ca_file, struct cme_events *events);

/* Makes the desired state *spec (copied): applies the difference to what runs. -1: something could not
 * be started (out of threads or memory); the rest is applied, and the same call again tries it anew. */
int cme_relay_apply(struct cme_relay *relay, const struct cme_spec *spec, struct cme_err *err);

/* What is desired now; valid until the next apply. */
const struct cme_spec *cme_relay_spec(const struct cme_relay *relay);

/* relay_fence.c. Destinations are shut until they are leased (base/fence.h): before the first apply. */
void cme_relay_await_lease(struct cme_relay *relay);

/* Destinations may be written to until then. -1 with err: as cme_fence_lease. */
int cme_relay_lease(struct cme_relay *relay, int64_t epoch, int64_t until_ms, struct cme_err *err);

/* They are reset at once, and the epoch is over. -1 with err: as cme_fence_release. */
int cme_relay_release(struct cme_relay *relay, int64_t epoch, struct cme_err *err);

struct cme_switch_result {
	int to;
	int64_t gap_ms;     /* between the last packet of the old and the first of the new input */
	struct cme_err err; /* code empty: it happened */
};

/* Asks for a planned switch. 1: that input is active already; 0: the result comes later; -1: err. One
 * that waits to go to the other input is over with the first two. */
int cme_relay_switch(struct cme_relay *relay, int to, struct cme_err *err);

/* The result of a switch that was asked for, once each; false: no more. All that asked for the same
 * input meanwhile share one. After a failure the desired state has the last input again that came. */
bool cme_relay_switch_result(struct cme_relay *relay, struct cme_switch_result *result);

/* Stalls, failover, switch deadline, ended threads. Returns when to call again at the latest. */
int64_t cme_relay_tick(struct cme_relay *relay);

/* The list that was asked for is played out: the relay has done what it was for. One that a failover chose
 * is not that: the other input may come back. */
bool cme_relay_played_out(struct cme_relay *relay);

/* The planned stop has come, by the wall clock. */
bool cme_relay_stop_due(const struct cme_relay *relay);

/* A snapshot of all that runs. 0, or -1 with err: no memory. Call cme_relay_stat_fini after either. */
int cme_relay_stat(struct cme_relay *relay, struct cme_relay_stat *stat, struct cme_err *err);

/* The parts whose threads have not moved since a question of before, and another question to all. */
void cme_relay_alive(struct cme_relay *relay, struct cme_alive *alive);

/* After stop: what has not ended is in name resolution, all of it. */
bool cme_relay_resolving(const struct cme_relay *relay);

/* Inputs end now; outputs send what they hold for drain_us at most, recordings for CME_RECORD_END_US. */
void cme_relay_stop(struct cme_relay *relay, int64_t drain_us);

/* After stop: every thread has ended. */
bool cme_relay_stopped(struct cme_relay *relay);

/* After stop: a recording is not finished. */
bool cme_relay_recording(const struct cme_relay *relay);

/* After stop. false: a thread has not ended, nothing was freed, the process has to _exit. */
bool cme_relay_free(struct cme_relay *relay);

#endif

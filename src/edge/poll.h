/* SPDX-License-Identifier: MIT
 *
 * The epoll loop's set: whatever has a descriptor begins with a watch, and is called when that has news. What
 * ends while news are given out is buried afterwards, since there may be news of it in the same batch. What
 * cannot take its news now rests for a moment, since the news stay there. What has something to do a little
 * later has a delay. One thread.
 */
#ifndef CME_EDGE_POLL_H
#define CME_EDGE_POLL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/* The first member of its owner. */
struct cme_watch {
	void (*ready)(struct cme_watch *watch, uint32_t events);
	void (*free)(struct cme_watch *watch); /* of its owner; for cme_poll_bury */
	bool gone;
	struct cme_watch *next_grave;
	bool resting;
	int resting_fd; /* what it rests from */
	struct cme_watch *next_resting;
};

/* A part of its owner. */
struct cme_delay {
	void (*over)(struct cme_delay *delay);
	int64_t at_us; /* monotonic: when it is over; 0: it does not run */
	struct cme_delay *previous, *next;
};

struct cme_poll {
	int fd;
	struct cme_watch *graves;
	struct cme_watch *resting;
	int64_t wake_us;                            /* monotonic: when all that rest are watched again */
	struct cme_delay *first_delay, *last_delay; /* by their times */
};

/* 0 or -1 (errno). */
int cme_poll_open(struct cme_poll *poll);
void cme_poll_close(struct cme_poll *poll);

/* Adds a descriptor, level-triggered, or changes what it is watched for. 0 or -1 (errno). A descriptor that
 * is closed leaves by itself. */
int cme_poll_watch(struct cme_poll *poll, int fd, struct cme_watch *watch, uint32_t events);

/* Takes a descriptor out that lives on when it is closed: it was duplicated. */
void cme_poll_forget(struct cme_poll *poll, int fd);

/* Its news cannot be taken now: no descriptors are left. They are given out again after a moment, 100 ms at
 * most. */
void cme_poll_rest(struct cme_poll *poll, int fd, struct cme_watch *watch);

/* It is called no more, and freed after the batch. */
void cme_poll_bury(struct cme_poll *poll, struct cme_watch *watch);

/* Calls `over` then, or soon after; one that runs is set anew. Cheap where the times of those that are set
 * come one after the other. */
void cme_poll_delay(struct cme_poll *poll, struct cme_delay *delay, int64_t at_us);

/* It is not called. Once is enough, more is harmless. */
void cme_poll_stop_delay(struct cme_poll *poll, struct cme_delay *delay);

/* Waits for news, at most this long (-1: as long as it takes), and gives them out; returns without any when
 * what rested is watched again, and when a delay is over. */
void cme_poll_run(struct cme_poll *poll, int timeout_ms);

#endif

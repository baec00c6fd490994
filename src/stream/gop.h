/* SPDX-License-Identifier: MIT
 *
 * The packets of one input since its last keyframe. A warm backup keeps one, so that a failover can
 * start with a picture at once instead of waiting for the next keyframe. Bounded: a GOP that passes
 * the limits is forgotten and the cache waits for the next keyframe. Pure: no clock, no lock.
 */
#ifndef CME_STREAM_GOP_H
#define CME_STREAM_GOP_H

#include <stdbool.h>
#include <stddef.h>

struct cme_gop {
	void **packets;             /* count of them, oldest first; the first is a keyframe */
	void (*drop)(void *packet); /* frees one */
	size_t cap;
	size_t count;
	size_t bytes;
	size_t max_items;
	size_t max_bytes;
};

void cme_gop_init(struct cme_gop *gop, size_t max_items, size_t max_bytes, void (*drop)(void *packet));
void cme_gop_fini(struct cme_gop *gop);

/* Takes the packet over: a keyframe (`start`) replaces what is held, the rest is appended. */
void cme_gop_push(struct cme_gop *gop, void *packet, size_t bytes, bool start);

/* Forgets everything, as after a reconnect. */
void cme_gop_clear(struct cme_gop *gop);

#endif

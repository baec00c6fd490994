/* SPDX-License-Identifier: MIT
 *
 * One packet on its way from an input to all outputs: reference-counted, never changed once it is shared, its
 * payload shared by every rebased copy. Timestamps are microseconds. Any thread may hold references; until a
 * packet is shared it belongs to whoever makes it.
 */
#ifndef CME_STREAM_PACKET_H
#define CME_STREAM_PACKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "stream/media.h"

/* Bytes of a packet that is relayed: with the headers that may go before it, it still fits an output's queue.
 */
#define CME_PACKET_BYTES_MAX ((size_t)8 * 1024 * 1024 - (size_t)64 * 1024)

struct cme_packet {
	_Atomic int refs;
	struct cme_packet
		*origin;         /* a reference to the packet whose payload this one shares; NULL: its own */
	struct cme_media *media; /* a reference; NULL until cme_packet_belong */
	int stream;              /* CME_VIDEO or CME_AUDIO */
	bool key;                /* of a picture: a keyframe. Of sound: always */
	bool start;              /* decoding can start here: a keyframe, or any packet without picture; set
				  * with media */
	bool damaged;            /* part of the payload may be missing; of what an input brings alone */
	int64_t dts_us;
	int64_t pts_us;
	int64_t arrival_us; /* monotonic time it was released by its input */
	int64_t due_us;     /* and when it was due (cadence.h); set by the relay before it is shared */
	const uint8_t *data;
	size_t size;
	uint8_t payload[]; /* `size` bytes, of a packet without origin */
};

/* A packet whose payload its maker writes, with everything else zero. NULL: no memory, or more than any
 * packet with its headers has. */
struct cme_packet *cme_packet_new(size_t size);

/* The packet is of this media from then on, and knows whether decoding can start at it. */
void cme_packet_belong(struct cme_packet *packet, struct cme_media *media);

struct cme_rebase {
	int64_t dts_us;
	int64_t pts_us;
	struct cme_media *media; /* that it belongs to from then on; NULL: its own */
	bool headers_in_band;    /* puts the parameter sets before a picture of H.264 or HEVC */
};

/* The same payload at another time. NULL: no memory. */
struct cme_packet *cme_packet_rebase(struct cme_packet *packet, const struct cme_rebase *to);

struct cme_packet *cme_packet_ref(struct cme_packet *packet);

/* Takes void * so that queues and caches can call it. */
void cme_packet_unref(void *packet);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A source that comes faster than real time (HLS, a file), read ahead as far as it takes to hand its packets
 * out in the order of presentation, each with the time that it is due. Reads only when there is nothing to
 * hand out, on the caller's thread. Timestamps stay the source's own, with their jumps.
 */
#ifndef CME_RELAY_SOURCE_PACED_H
#define CME_RELAY_SOURCE_PACED_H

#include "relay/source/feed.h"
#include "relay/source/pacer.h"
#include "relay/source/playlist.h"
#include "relay/source/shelf.h"

struct cme_paced {
	struct cme_feed *feed;     /* the owner's, open */
	struct cme_playlist times; /* of one entry: a time that does not jump */
	struct cme_shelf shelf;
	struct cme_pacer pacer;
	int rc; /* why the source ended; what was read before still comes */
};

void cme_paced_init(struct cme_paced *paced, struct cme_feed *feed);
void cme_paced_fini(struct cme_paced *paced);

/* The next packet, the caller's reference, and how long to wait before it goes on. NULL with *rc 0: none
 * right now, call again; NULL with *rc < 0: the source ended or failed. Blocks as the source's own `next`
 * does. */
struct cme_packet *cme_paced_next(struct cme_paced *paced, int64_t *delay_us, int *rc);

#endif

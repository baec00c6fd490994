/* SPDX-License-Identifier: MIT
 *
 * FLV that comes as it is made, from a socket or a process: tags to packets, and the limit after which a
 * source without media is given up. Who has one gets the bytes. Belongs to one input thread.
 */
#ifndef CME_RELAY_SOURCE_FLV_FLV_LIVE_H
#define CME_RELAY_SOURCE_FLV_FLV_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/source/flv_reader.h"
#include "stream/flv/file.h"

struct cme_flv_live {
	struct cme_flv_file file;
	struct cme_flv_reader reader;
	struct cme_err err; /* why the last call failed; code empty: not known here */
	int64_t due_us;     /* when media have to come; monotonic */
};

/* track: as of cme_flv_reader_init. Media have to come from now on. */
void cme_flv_live_init(struct cme_flv_live *live, const int *track);
void cme_flv_live_fini(struct cme_flv_live *live);

/* Media have to come from now on. */
void cme_flv_live_expect(struct cme_flv_live *live);

/* No media came in time: err says so. */
bool cme_flv_live_overdue(struct cme_flv_live *live);

/* Feeds the reader the next tag of these bytes, and moves them on. 1; 0: there is no whole one; -1 with err.
 */
int cme_flv_live_feed(struct cme_flv_live *live, const uint8_t **data, size_t *len);

/* No more bytes come: what was held back for streams that did not show can go out now, if there is any. 0,
 * or why it ends (end.h); of CME_END_PICTURE with err. */
int cme_flv_live_end(struct cme_flv_live *live);

/* The next packet, as `next` of struct cme_feed_ops. take_more is called when the last tag is used up: it
 * feeds another one, or waits, and returns 0 or why it ends (end.h). */
struct cme_packet *cme_flv_live_next(struct cme_flv_live *live, struct cme_feed *feed,
				     int (*take_more)(struct cme_feed *feed), int *rc);

#endif

/* SPDX-License-Identifier: MIT
 *
 * How the packets of paths that are joined become one line: the part of merge.h that knows the programme's
 * time. Pure; for merge.c alone.
 */
#ifndef CME_RELAY_MERGE_WEAVE_H
#define CME_RELAY_MERGE_WEAVE_H

#include "relay/merge/merge.h"

/* Puts a packet of a joined path in its place, or drops it; takes it over. Call pump after. */
void cme_weave_place(struct cme_merge *merge, const struct cme_merge_packet *packet);

/* Sends what need not wait. Sets merge->waits_until. */
void cme_weave_pump(struct cme_merge *merge, int64_t now_us);

/* What is not sent and came by no other path than this one is dropped. */
void cme_weave_disown(struct cme_merge *merge, int path);

#endif

/* SPDX-License-Identifier: MIT
 *
 * DTS for containers in which no picture may be presented before it is decoded (MPEG-TS). Sources with
 * composition times below zero have such pictures: their DTS are moved ahead by as much as the furthest
 * needed so far, which the first GOP shows. Until then a picture that is too early is presented when it is
 * decoded. Pure; microseconds.
 */
#ifndef CME_PUSH_LEAD_H
#define CME_PUSH_LEAD_H

#include <stdint.h>

struct cme_lead {
	int64_t lead_us;
	int64_t last_dts_us; /* INT64_MIN before the first picture */
};

void cme_lead_init(struct cme_lead *lead);

/* Changes the times of the next picture so that DTS rise and none lies after its PTS. */
void cme_lead_apply(struct cme_lead *lead, int64_t *dts_us, int64_t *pts_us);

#endif

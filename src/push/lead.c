/* SPDX-License-Identifier: MIT */
#include "push/lead.h"

#define TICK_US 12 /* of the 90 kHz clock */

void cme_lead_init(struct cme_lead *lead)
{
	*lead = (struct cme_lead){ .last_dts_us = INT64_MIN };
}

void cme_lead_apply(struct cme_lead *lead, int64_t *dts_us, int64_t *pts_us)
{
	if (*dts_us - *pts_us > lead->lead_us)
		lead->lead_us = *dts_us - *pts_us;
	*dts_us -= lead->lead_us;
	if (lead->last_dts_us != INT64_MIN && *dts_us < lead->last_dts_us + TICK_US)
		*dts_us = lead->last_dts_us + TICK_US;
	if (*pts_us < *dts_us)
		*pts_us = *dts_us;
	lead->last_dts_us = *dts_us;
}

/* SPDX-License-Identifier: MIT */
#include "relay/base/stat.h"

#include <stdlib.h>

const char *const cme_source_state_names[CME_SOURCE_STATES] = {
	[CME_SOURCE_CONNECTING] = "connecting", [CME_SOURCE_LIVE] = "live",
	[CME_SOURCE_STALLED] = "stalled",       [CME_SOURCE_DOWN] = "down",
	[CME_SOURCE_READY] = "ready",           [CME_SOURCE_ENDED] = "ended",
};

const char *const cme_output_state_names[CME_OUTPUT_STATES] = {
	[CME_OUTPUT_WAITING] = "waiting", [CME_OUTPUT_CONNECTING] = "connecting",
	[CME_OUTPUT_LIVE] = "live",       [CME_OUTPUT_BACKOFF] = "backoff",
	[CME_OUTPUT_REFUSED] = "refused", [CME_OUTPUT_FENCED] = "fenced",
};

const char *const cme_merged_names[CME_MERGED_STATES] = {
	[CME_MERGED_OFF] = "off",
	[CME_MERGED_ALONE] = "alone",
	[CME_MERGED_ALIGNING] = "aligning",
	[CME_MERGED_ALIGNED] = "aligned",
	[CME_MERGED_REPEATS] = "repeats",
	[CME_MERGED_FAR] = "far",
	[CME_MERGED_DIFFERENT] = "different",
};

void cme_relay_stat_fini(struct cme_relay_stat *stat)
{
	free(stat->output);
	*stat = (struct cme_relay_stat){ 0 };
}

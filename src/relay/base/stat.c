/* SPDX-License-Identifier: MIT */
#include "relay/base/stat.h"

#include <stdlib.h>

const char *const cme_source_state_names[CME_SOURCE_STATES] = {
	[CME_SOURCE_CONNECTING] = "connecting", [CME_SOURCE_LIVE] = "live",
	[CME_SOURCE_STALLED] = "stalled",       [CME_SOURCE_DOWN] = "down",
	[CME_SOURCE_READY] = "ready",           [CME_SOURCE_ENDED] = "ended",
};

const char *const cme_output_state_names[CME_OUTPUT_STATES] = {
	[CME_OUTPUT_WAITING] = "waiting", [CME_OUTPUT_CONNECTING] = "connecting", [CME_OUTPUT_LIVE] = "live",
	[CME_OUTPUT_BACKOFF] = "backoff", [CME_OUTPUT_REFUSED] = "refused",
};

void cme_relay_stat_fini(struct cme_relay_stat *stat)
{
	free(stat->output);
	*stat = (struct cme_relay_stat){ 0 };
}

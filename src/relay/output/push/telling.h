/* SPDX-License-Identifier: MIT
 *
 * What a cme-push is told to do: the line of JSON that push/task.h describes. It has the URL with its
 * secrets.
 */
#ifndef CME_RELAY_OUTPUT_PUSH_TELLING_H
#define CME_RELAY_OUTPUT_PUSH_TELLING_H

#include <jansson.h>

#include "relay/output/output.h"

/* What the output is written as, by libavformat's name. */
const char *cme_push_container(const struct cme_output *out);

/* until_ms: when it has to be dead; CME_FENCE_NEVER: it may live. proof_us: how long the connection has to
 * hold before a hang-up is none of the server's refusal. The caller's text, to be freed; NULL: no memory. */
char *cme_push_telling(const struct cme_output *out, const struct cme_media *media, int64_t until_ms,
		       int64_t proof_us);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a cme-push says of the files that it records (push/record.h), and which of them are open: those of a
 * process that fails were finished by nobody, and are told as interrupted. One thread.
 */
#ifndef CME_RELAY_OUTPUT_PUSH_RECORDING_H
#define CME_RELAY_OUTPUT_PUSH_RECORDING_H

#include <jansson.h>

#include "relay/output/output.h"

#define CME_RECORDING_OPEN_MAX 2

struct cme_recording {
	char open[CME_RECORDING_OPEN_MAX][CME_STAT_FILE_MAX]; /* "": none, as they came */
};

/* A line of the process, which may be of anything. */
void cme_recording_hear(struct cme_recording *recording, struct cme_output *out, const json_t *line);

/* The process is gone. */
void cme_recording_end(struct cme_recording *recording, struct cme_output *out);

#endif

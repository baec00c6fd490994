/* SPDX-License-Identifier: MIT
 *
 * One line of the control protocol -> what is asked for, checked. Pure.
 * The protocol is described in docs/control-protocol.md.
 */
#ifndef CME_RELAY_CONTROL_REQUEST_H
#define CME_RELAY_CONTROL_REQUEST_H

#include <stddef.h>

#include <jansson.h>

#include "common/err.h"
#include "control/line.h"
#include "relay/base/spec.h"

enum cme_op {
	CME_OP_SET,
	CME_OP_SWITCH,
	CME_OP_SET_OUTPUT,
	CME_OP_REMOVE_OUTPUT,
	CME_OP_SET_STOP_AT,
	CME_OP_LEASE,
	CME_OP_RELEASE,
	CME_OP_STAND,
	CME_OP_STAT,
	CME_OP_ALIVE,
	CME_OP_STOP,
};

struct cme_control_request {
	json_t *id; /* as it came, for the answer; null if there was none or it could not be read */
	enum cme_op op;
	struct cme_spec spec;          /* set; its stop_at alone for set_stop_at */
	int to;                        /* switch */
	int64_t epoch;                 /* lease, release */
	int64_t until_ms;              /* lease, stand */
	struct cme_output_spec output; /* set_output; its id alone for remove_output */
};

/* 0, or -1 with err ("invalid.json", "invalid.request", "invalid.spec", ...); request->id is set in
 * both cases. Call fini after either. */
int cme_control_request_parse(const char *line, size_t len, struct cme_control_request *request,
			      struct cme_err *err);
void cme_control_request_fini(struct cme_control_request *request);

#endif

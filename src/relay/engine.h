/* SPDX-License-Identifier: MIT
 *
 * The main thread's life: waits for signals, control lines, events and deadlines, and lets the relay
 * and the control socket act. Ends with a planned stop, a request, a signal, or, under control, when
 * no `set` came within 30 s (an engine that lost its parent before it was told anything).
 */
#ifndef CME_RELAY_ENGINE_H
#define CME_RELAY_ENGINE_H

#include "common/err.h"
#include "relay/base/spec.h"

struct cme_engine_options {
	const char *control_path; /* NULL: by hand */
	const char *ca_file;      /* NULL: the TLS library's own */
	bool leased;              /* nothing is published without a lease (base/fence.h) */
	struct cme_spec *spec;    /* by hand: what to do; NULL under control */
};

/* Runs to the end. 0: ended as wanted; -1 with err: could not start. Does not return when a thread is
 * stuck in name resolution at the end, or at a second signal: the process exits there. */
int cme_engine_run(const struct cme_engine_options *options, struct cme_err *err);

#endif

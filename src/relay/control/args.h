/* SPDX-License-Identifier: MIT
 *
 * The command line. URLs are copied and then overwritten where the kernel shows them (`ps`,
 * /proc/PID/cmdline), since they carry stream keys. Runs before any thread.
 */
#ifndef CME_RELAY_CONTROL_ARGS_H
#define CME_RELAY_CONTROL_ARGS_H

#include <stdbool.h>

#include "common/err.h"
#include "relay/base/spec.h"

struct cme_args {
	bool help;
	bool version;
	bool leased;
	const char *control; /* PATH; NULL: by hand */
	const char *ca_file; /* NULL: none given */
	struct cme_spec spec;
};

extern const char *const cme_args_usage; /* without the end of its last line */
extern const char *const cme_args_help;  /* all of it */

/* now: unix seconds, for --duration. 0, or -1 with err ("usage"); call fini after either. */
int cme_args_parse(int argc, char **argv, double now, struct cme_args *args, struct cme_err *err);
void cme_args_fini(struct cme_args *args);

/* "2026-11-22T22:00:00+08:00", with Z or an offset and at will a fraction. */
bool cme_args_time(const char *text, double *unix_seconds);

#endif

/* SPDX-License-Identifier: MIT
 *
 * cme-relay: one source (and a backup) in, many destinations out. Arguments, global state of the
 * libraries, exit codes: 0 ended as wanted, 1 could not start, 2 wrong use or already running.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "relay/base/cafile.h"
#include "relay/base/sys.h"
#include "relay/control/args.h"
#include "relay/engine.h"

static int complain(const struct cme_err *err)
{
	bool usage = strcmp(err->code, "usage") == 0;

	fprintf(stderr, "cme-relay: %s\n%s%s", err->message, usage ? cme_args_usage : "", usage ? "\n" : "");
	return usage || strcmp(err->code, "control.running") == 0 ? 2 : 1;
}

static int run(struct cme_args *args, struct cme_err *err)
{
	char ca_file[64];
	struct cme_engine_options options = { .control_path = args->control,
					      .leased = args->leased,
					      .spec = args->control ? NULL : &args->spec };

	if (cme_cafile(args->ca_file, ca_file, sizeof ca_file, err) != 0)
		return -1;
	options.ca_file = ca_file[0] ? ca_file : NULL;
	args->spec.failover = args->spec.input[CME_BACKUP].count > 0;
	return cme_engine_run(&options, err);
}

static int act(struct cme_args *args, struct cme_err *err)
{
	if (!args->help && !args->version)
		return run(args, err);
	if (args->help)
		printf("%s\n%s\n", cme_args_usage, cme_args_help);
	else
		printf("cme-relay %s\n", CME_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	struct cme_args args;
	struct cme_err err;
	int rc = 0;

	/* stream keys are in our memory, and would be in a core dump */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (cme_args_parse(argc, argv, cme_wall_now(), &args, &err) != 0 || act(&args, &err) != 0)
		rc = complain(&err);
	cme_args_fini(&args);
	return rc;
}

/* SPDX-License-Identifier: MIT
 *
 * cme-edge: encoders push here, engines read. Exit codes: 0 ended as wanted, 1 could not start, 2 wrong use
 * or already running.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "edge/args.h"

static int complain(const struct cme_err *err)
{
	bool usage = strcmp(err->code, "usage") == 0;

	fprintf(stderr, "cme-edge: %s\n%s%s", err->message, usage ? cme_edge_usage : "", usage ? "\n" : "");
	return usage || strcmp(err->code, "control.running") == 0 ? 2 : 1;
}

/* Strangers' bytes come in here: no more rights than these, no keys in a core dump, all descriptors that we
 * may have. */
static void confine(void)
{
	struct rlimit files;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	struct cme_edge_args args;
	struct cme_err err;

	confine();
	if (cme_edge_args_parse(argc, argv, &args, &err) != 0)
		return complain(&err);
	if (args.help)
		printf("%s\n%s\n", cme_edge_usage, cme_edge_help);
	else if (args.version)
		printf("cme-edge %s\n", CME_VERSION);
	else if (cme_edge_run(&args.options, &err) != 0)
		return complain(&err);
	return 0;
}

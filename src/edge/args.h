/* SPDX-License-Identifier: MIT
 *
 * The edge's command line. Pure.
 */
#ifndef CME_EDGE_ARGS_H
#define CME_EDGE_ARGS_H

#include <stdbool.h>

#include "common/err.h"
#include "edge/edge.h"

extern const char *const cme_edge_usage;
extern const char *const cme_edge_help;

struct cme_edge_args {
	struct cme_edge_options options; /* points into argv */
	bool help;
	bool version;
};

/* 0, or -1 with err (usage). */
int cme_edge_args_parse(int argc, char **argv, struct cme_edge_args *args, struct cme_err *err);

#endif

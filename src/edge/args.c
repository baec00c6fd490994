/* SPDX-License-Identifier: MIT */
#include "edge/args.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 4096
#define STRANGERS   1024
#define PER_ADDRESS 64
#define VIEWERS     64
#define TAKEOVER_S  3

const char *const cme_edge_usage =
	"usage: cme-edge --control PATH --folder DIR [--rtmp HOST:PORT ...] [--srt HOST:PORT ...]\n"
	"                [--rtmps HOST:PORT ... --certificate FILE --key FILE] [--takeover SECONDS]\n"
	"                [--connections N] [--strangers N] [--per-address N] [--viewers N]";

const char *const cme_edge_help =
	"\n"
	"Takes what encoders push by RTMP and SRT and gives it to engines on unix sockets.\n"
	"\n"
	"      --control PATH     take orders on this unix socket (docs/internals/edge.md)\n"
	"      --folder DIR       make the sockets that engines read here: one for each key, ID.flv\n"
	"      --rtmp HOST:PORT   listen here; repeat for more (port 0: a free one)\n"
	"      --rtmps HOST:PORT  listen here with TLS; needs --certificate and --key, PEM files\n"
	"      --srt HOST:PORT    listen here for SRT; repeat for more\n"
	"      --takeover S       an encoder may take over from one that was silent for this long (default "
	"3); off: never\n"
	"      --connections N    take so many connections in all (default 4096)\n"
	"      --strangers N      of which so many have not shown a good key yet (default 1024)\n"
	"      --per-address N    and so many of one address, or one /64 of IPv6 (default 64)\n"
	"      --viewers N        let so many watch by RTMP, a quarter of them of one address (default 64)\n"
	"      --help, --version\n"
	"\n"
	"The log is JSON lines on stderr. SIGINT or SIGTERM ends the program.\n"
	"SIGHUP reads the certificate and key again; connections that are there stay.";

enum {
	OPT_CONTROL = 256,
	OPT_FOLDER,
	OPT_RTMP,
	OPT_RTMPS,
	OPT_SRT,
	OPT_CERTIFICATE,
	OPT_KEY,
	OPT_TAKEOVER,
	OPT_CONNECTIONS,
	OPT_STRANGERS,
	OPT_PER_ADDRESS,
	OPT_VIEWERS,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "folder", required_argument, NULL, OPT_FOLDER },
	{ "rtmp", required_argument, NULL, OPT_RTMP },
	{ "rtmps", required_argument, NULL, OPT_RTMPS },
	{ "srt", required_argument, NULL, OPT_SRT },
	{ "certificate", required_argument, NULL, OPT_CERTIFICATE },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "takeover", required_argument, NULL, OPT_TAKEOVER },
	{ "connections", required_argument, NULL, OPT_CONNECTIONS },
	{ "strangers", required_argument, NULL, OPT_STRANGERS },
	{ "per-address", required_argument, NULL, OPT_PER_ADDRESS },
	{ "viewers", required_argument, NULL, OPT_VIEWERS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int wrong(struct cme_err *err, const char *option, const char *fact)
{
	return cme_err_set(err, "usage", "%s: %s", option, fact);
}

static int take_address(const char **list, const char *option, struct cme_err *err)
{
	size_t i = 0;

	while (i < CME_EDGE_ADDRESSES_MAX && list[i])
		i++;
	if (i == CME_EDGE_ADDRESSES_MAX)
		return wrong(err, option, "too many");
	list[i] = optarg;
	return 0;
}

static int take_count(size_t *count, const char *option, struct cme_err *err)
{
	char *end;
	long value = strtol(optarg, &end, 10);

	if (end == optarg || *end || value < 1 || value > 1000000)
		return wrong(err, option, "a number from 1 to 1000000 expected");
	*count = (size_t)value;
	return 0;
}

/* "off": INFINITY. */
static int take_seconds(double *seconds, const char *option, struct cme_err *err)
{
	char *end;

	if (strcmp(optarg, "off") == 0) {
		*seconds = INFINITY;
		return 0;
	}
	*seconds = strtod(optarg, &end);
	if (end == optarg || *end || !(*seconds >= 0 && *seconds <= 60))
		return wrong(err, option, "seconds from 0 to 60 or off expected");
	return 0;
}

/* given: the option as it was written. */
static int take_limit(struct cme_gate_limits *to, int option, const char *given, struct cme_err *err)
{
	switch (option) {
	case OPT_CONNECTIONS:
		return take_count(&to->all, "--connections", err);
	case OPT_STRANGERS:
		return take_count(&to->strangers, "--strangers", err);
	case OPT_PER_ADDRESS:
		return take_count(&to->address, "--per-address", err);
	case OPT_VIEWERS:
		return take_count(&to->viewers, "--viewers", err);
	default:
		return wrong(err, given, option == ':' ? "its value is missing" : "no such option");
	}
}

static int take_option(struct cme_edge_args *args, int option, const char *given, struct cme_err *err)
{
	struct cme_edge_options *to = &args->options;

	switch (option) {
	case OPT_CONTROL:
		to->control = optarg;
		return 0;
	case OPT_FOLDER:
		to->folder = optarg;
		return 0;
	case OPT_RTMP:
		return take_address(to->rtmp, "--rtmp", err);
	case OPT_RTMPS:
		return take_address(to->rtmps, "--rtmps", err);
	case OPT_SRT:
		return take_address(to->srt, "--srt", err);
	case OPT_CERTIFICATE:
		to->certificate = optarg;
		return 0;
	case OPT_KEY:
		to->key = optarg;
		return 0;
	case OPT_TAKEOVER:
		return take_seconds(&to->takeover_s, "--takeover", err);
	case OPT_HELP:
		args->help = true;
		return 0;
	case OPT_VERSION:
		args->version = true;
		return 0;
	default:
		return take_limit(&to->limits, option, given, err);
	}
}

static int check(const struct cme_edge_args *args, struct cme_err *err)
{
	const struct cme_edge_options *given = &args->options;

	if (args->help || args->version)
		return 0;
	if (!given->control)
		return wrong(err, "--control", "missing");
	if (!given->folder)
		return wrong(err, "--folder", "missing");
	if (!given->rtmp[0] && !given->rtmps[0] && !given->srt[0])
		return wrong(err, "--rtmp, --rtmps or --srt", "missing");
	if (given->rtmps[0] && (!given->certificate || !given->key))
		return wrong(err, "--rtmps", "needs --certificate and --key");
	return 0;
}

int cme_edge_args_parse(int argc, char **argv, struct cme_edge_args *args, struct cme_err *err)
{
	int option = 0, rc = 0;

	*args = (struct cme_edge_args){ .options = { .takeover_s = TAKEOVER_S,
						     .limits = { .all = CONNECTIONS,
								 .strangers = STRANGERS,
								 .address = PER_ADDRESS,
								 .viewers = VIEWERS } } };
	opterr = 0;
	optind = 0; /* glibc: start anew, for tests */
	while (rc == 0 && option != -1) {
		const char *given = argv[optind ? optind : 1];

		option = getopt_long(argc, argv, "+:", options, NULL);
		if (option != -1)
			rc = take_option(args, option, given, err);
	}
	if (rc == 0 && optind < argc)
		rc = wrong(err, argv[optind], "belongs to no option");
	return rc == 0 ? check(args, err) : rc;
}

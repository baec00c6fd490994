/* SPDX-License-Identifier: MIT */
#include "relay/control/args.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "relay/base/scheme.h"

const char *const cme_args_usage =
	"usage: cme-relay -i URL [-b URL] -o URL [-o URL ...] [--stop-at TIME | --duration SECONDS]\n"
	"                 [--stall-limit SECONDS] [--failback-after SECONDS] [--slate FILE] [--merge]\n"
	"                 [--ca-file FILE]\n"
	"       cme-relay -i FILE [-i FILE ...] --loop N ...\n"
	"       cme-relay --control PATH [--leased] [--ca-file FILE]";

const char *const cme_args_help =
	"\n"
	"Pulls one live source, or plays files, and pushes it to many destinations, without transcoding.\n"
	"\n"
	"  -i, --input URL        the source: rtmp, rtmps, rtsp, srt, udp, rtp, http(s) (FLV, HLS), or a "
	"file\n"
	"      --loop N           the sources are files: play them one after the other, and the whole list "
	"N\n"
	"                         more times (0: once, -1: without end), then exit\n"
	"  -b, --backup URL       the source to switch to when the first one stalls\n"
	"      --merge            both carry one encoder's packets: take each from whichever has it\n"
	"      --merge-window S   one may come this much later than the other (default 3)\n"
	"  -o, --output URL       a destination: rtmp, rtmps, srt or udp; repeat for more\n"
	"      --stop-at TIME     exit at this time, such as 2026-11-22T22:00:00+08:00\n"
	"      --duration SECONDS exit after this long\n"
	"      --stall-limit S    a source without packets for this long has stalled (default 2)\n"
	"      --failback-after S switch back once the first source has been live for this long\n"
	"      --slate FILE       an FLV file with the sources' codecs: goes out, looped, when none has a "
	"picture\n"
	"      --slate-after S    and that for this long (default 3)\n"
	"      --ca-file FILE     trust these CA certificates in addition to the system's\n"
	"      --control PATH     take orders on a unix socket instead (docs/control-protocol.md)\n"
	"      --leased           publish only while a lease that comes by it lasts\n"
	"      --help, --version\n"
	"\n"
	"URLs are erased from the arguments at the start. The log is JSON lines on stderr. SIGINT or "
	"SIGTERM\n"
	"ends the program within half a second (five with a recording), a second signal at once.";

#define OPTION_NAME_MAX 32 /* with its NUL; a longer one is not named */

enum {
	OPT_CONTROL = 256,
	OPT_STOP_AT,
	OPT_DURATION,
	OPT_STALL_LIMIT,
	OPT_FAILBACK,
	OPT_CA_FILE,
	OPT_LOOP,
	OPT_SLATE,
	OPT_SLATE_AFTER,
	OPT_MERGE,
	OPT_MERGE_WINDOW,
	OPT_LEASED,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "backup", required_argument, NULL, 'b' },
	{ "output", required_argument, NULL, 'o' },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "stop-at", required_argument, NULL, OPT_STOP_AT },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "stall-limit", required_argument, NULL, OPT_STALL_LIMIT },
	{ "failback-after", required_argument, NULL, OPT_FAILBACK },
	{ "ca-file", required_argument, NULL, OPT_CA_FILE },
	{ "slate", required_argument, NULL, OPT_SLATE },
	{ "slate-after", required_argument, NULL, OPT_SLATE_AFTER },
	{ "merge", no_argument, NULL, OPT_MERGE },
	{ "merge-window", required_argument, NULL, OPT_MERGE_WINDOW },
	{ "loop", required_argument, NULL, OPT_LOOP },
	{ "leased", no_argument, NULL, OPT_LEASED },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* "+08:00", "-0330" or "Z", to the end of the text. */
static bool parse_offset(const char *text, int *seconds)
{
	int hours, minutes, used = 0;

	*seconds = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if ((text[0] != '+' && text[0] != '-') ||
	    (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 &&
	     sscanf(text + 1, "%2d%2d%n", &hours, &minutes, &used) != 2) ||
	    text[1 + used] || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
	return true;
}

bool cme_args_time(const char *text, double *unix_seconds)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0;
	int offset;
	char *end;

	if (!rest)
		return false;
	if (*rest == '.') {
		fraction = strtod(rest, &end);
		if (end == rest + 1)
			return false;
		rest = end;
	}
	if (!parse_offset(rest, &offset))
		return false;
	*unix_seconds = (double)(timegm(&tm) - offset) + fraction;
	return true;
}

static bool positive(const char *text, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value) && *value > 0 && *value <= max;
}

/* Copies the URL and takes it out of argv. */
static char *take_url(char *arg)
{
	char *copy = strdup(arg);

	memset(arg, 0, strlen(arg));
	return copy;
}

static int usage_error(struct cme_err *err, const char *option, const char *fact)
{
	return cme_err_set(err, "usage", "%s: %s", option, fact);
}

static int take_input(struct cme_args *args, int i, char *arg, struct cme_err *err)
{
	const char *option = i == CME_MAIN ? "-i" : "-b";
	char *url = take_url(arg);
	const char *fault = url ? cme_scheme_fault(url, true) : "out of memory";

	if (!fault && i == CME_BACKUP && args->spec.input[i].count)
		fault = "given twice";
	if (!fault && cme_input_spec_add(&args->spec.input[i], url) != 0)
		fault = "too many";
	free(url);
	return fault ? usage_error(err, option, fault) : 0;
}

static int take_loop(struct cme_args *args, const char *arg, struct cme_err *err)
{
	char *end;
	long loop = strtol(arg, &end, 10);

	if (end == arg || *end || loop < -1 || loop > CME_SPEC_LOOP_MAX)
		return usage_error(err, "--loop", "a number of times expected, or -1");
	args->spec.input[CME_MAIN].list = true;
	args->spec.input[CME_MAIN].loop = loop;
	return 0;
}

static int take_slate(struct cme_args *args, const char *arg, struct cme_err *err)
{
	char path[PATH_MAX];

	if (args->spec.input[CME_SLATE].count)
		return usage_error(err, "--slate", "given twice");
	if (!realpath(arg, path))
		return usage_error(err, "--slate", strerror(errno));
	return cme_spec_set_slate(&args->spec, path) == 0 ? 0 : usage_error(err, "--slate", "out of memory");
}

static int take_limit(struct cme_args *args, int option, const char *arg, struct cme_err *err)
{
	const struct {
		int option;
		const char *name;
		double *limit_s, min_s, max_s;
		const char *fault;
	} limits[] = {
		{ OPT_STALL_LIMIT, "--stall-limit", &args->spec.stall_limit_s, 0.2, 60,
		  "seconds from 0.2 to 60 expected" },
		{ OPT_SLATE_AFTER, "--slate-after", &args->spec.slate_after_s, 0.5, 60,
		  "seconds from 0.5 to 60 expected" },
		{ OPT_MERGE_WINDOW, "--merge-window", &args->spec.merge_window_s, 0.1, 10,
		  "seconds from 0.1 to 10 expected" },
	}, *limit = limits;

	while (limit->option != option)
		limit++;
	if (positive(arg, limit->max_s, limit->limit_s) && *limit->limit_s >= limit->min_s)
		return 0;
	return usage_error(err, limit->name, limit->fault);
}

/* Several sources, or some to loop, are a list of files. */
static int check_list(struct cme_args *args, struct cme_err *err)
{
	struct cme_input_spec *input = &args->spec.input[CME_MAIN];
	const char *fault = NULL;

	input->list = input->list || input->count > 1;
	for (size_t i = 0; i < input->count && input->list && !fault; i++)
		fault = cme_scheme_file_fault(input->urls[i]);
	return fault ? usage_error(err, "-i", fault) : 0;
}

static int take_output(struct cme_args *args, char *arg, struct cme_err *err)
{
	struct cme_output_spec out = { .url = take_url(arg) };
	const char *fault = out.url ? cme_scheme_fault(out.url, false) : "out of memory";
	char id[16], name[1] = "";
	int rc;

	snprintf(id, sizeof id, "%zu", args->spec.outputs_count + 1);
	out.id = id;
	out.name = name;
	if (fault)
		rc = usage_error(err, "-o", fault);
	else if ((rc = cme_spec_set_output(&args->spec, &out)) != 0)
		usage_error(err, "-o", "too many");
	free(out.url);
	return rc;
}

static int take_stop(struct cme_args *args, int option, const char *arg, double now, struct cme_err *err)
{
	double duration;

	if (args->spec.has_stop_at)
		return usage_error(err, "--stop-at, --duration", "only one of them, once");
	args->spec.has_stop_at = true;
	if (option == OPT_STOP_AT && !cme_args_time(arg, &args->spec.stop_at))
		return usage_error(err, "--stop-at", "a time as 2026-11-22T22:00:00+08:00 expected");
	if (option == OPT_STOP_AT && args->spec.stop_at <= now)
		return usage_error(err, "--stop-at", "is in the past");
	if (option == OPT_DURATION) {
		if (!positive(arg, 1e9, &duration))
			return usage_error(err, "--duration", "seconds expected");
		args->spec.stop_at = now + duration;
	}
	return 0;
}

static int take_flag(struct cme_args *args, int option)
{
	bool *flag = option == OPT_MERGE    ? &args->spec.merge
		     : option == OPT_LEASED ? &args->leased
		     : option == OPT_HELP   ? &args->help
					    : &args->version;

	*flag = true;
	return 0;
}

static int take_option(struct cme_args *args, int option, double now, struct cme_err *err)
{
	switch (option) {
	case 'i':
		return take_input(args, CME_MAIN, optarg, err);
	case 'b':
		return take_input(args, CME_BACKUP, optarg, err);
	case 'o':
		return take_output(args, optarg, err);
	case OPT_CONTROL:
		args->control = optarg;
		return 0;
	case OPT_CA_FILE:
		args->ca_file = optarg;
		return 0;
	case OPT_STOP_AT:
	case OPT_DURATION:
		return take_stop(args, option, optarg, now, err);
	case OPT_FAILBACK:
		args->spec.has_failback = true;
		if (!positive(optarg, 86400, &args->spec.failback_after_s))
			return usage_error(err, "--failback-after", "seconds up to 86400 expected");
		return 0;
	case OPT_SLATE:
		return take_slate(args, optarg, err);
	case OPT_SLATE_AFTER:
	case OPT_STALL_LIMIT:
	case OPT_MERGE_WINDOW:
		return take_limit(args, option, optarg, err);
	case OPT_LOOP:
		return take_loop(args, optarg, err);
	case OPT_MERGE:
	case OPT_LEASED:
	case OPT_HELP:
	case OPT_VERSION:
		return take_flag(args, option);
	default:
		return -1;
	}
}

static int check(struct cme_args *args, struct cme_err *err)
{
	const struct cme_input_spec *input = args->spec.input;
	bool by_hand = input[CME_MAIN].count || input[CME_BACKUP].count || args->spec.outputs_count ||
		       args->spec.has_stop_at || input[CME_MAIN].list || input[CME_SLATE].count ||
		       args->spec.has_failback || args->spec.merge;

	if (args->help || args->version)
		return 0;
	if (args->control)
		return by_hand ? usage_error(err, "--control", "goes with --leased and --ca-file only") : 0;
	if (args->leased)
		return usage_error(err, "--leased", "goes with --control");
	if (!input[CME_MAIN].count)
		return usage_error(err, "-i", "missing");
	if (!args->spec.outputs_count)
		return usage_error(err, "-o", "missing");
	if (args->spec.merge && !input[CME_BACKUP].count)
		return usage_error(err, "--merge", "goes with -b");
	return check_list(args, err);
}

/* After a bad option the arguments behind it were not looked at: nothing of them may stay visible. */
static void wipe(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		memset(argv[i], 0, strlen(argv[i]));
}

/* The option that getopt stumbled over, as it was typed. Only what looks like a name is shown: the rest of
 * a mistyped argument may be a stream key. */
static void name_option(int problem, char *const *argv, char *out, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
	const char *arg = argv[optind - 1];
	size_t len = strspn(arg, letters);
	bool dashes = strncmp(arg, "--", 2) == 0;
	bool lettered = problem == ':' ? !dashes : optopt > ' ' && optopt <= '~';

	if (lettered)
		snprintf(out, size, "-%c", optopt);
	else if (dashes && (arg[len] == '\0' || arg[len] == '=') && len < size)
		snprintf(out, size, "%.*s", (int)len, arg);
	else
		snprintf(out, size, "an option");
}

static int option_error(int problem, char *const *argv, struct cme_err *err)
{
	char name[OPTION_NAME_MAX];

	name_option(problem, argv, name, sizeof name);
	return usage_error(err, name,
			   problem == ':'       ? "its value is missing"
			   : optopt > UCHAR_MAX ? "takes no value"
						: "no such option");
}

int cme_args_parse(int argc, char **argv, double now, struct cme_args *args, struct cme_err *err)
{
	int option, rc = 0;

	*args = (struct cme_args){ 0 };
	cme_spec_init(&args->spec);
	opterr = 0;
	optind = 0; /* glibc: start anew, for tests */
	while (rc == 0 && (option = getopt_long(argc, argv, ":i:b:o:", options, NULL)) != -1) {
		if (option == ':' || option == '?')
			rc = option_error(option, argv, err);
		else
			rc = take_option(args, option, now, err);
	}
	if (rc == 0 && optind < argc)
		rc = usage_error(err, "an argument",
				 "belongs to no option (every URL needs its own -i, -b or -o)");
	if (rc == 0)
		rc = check(args, err);
	if (rc != 0)
		wipe(argc, argv);
	return rc;
}

void cme_args_fini(struct cme_args *args)
{
	cme_spec_fini(&args->spec);
}

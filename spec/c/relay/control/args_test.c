/* SPDX-License-Identifier: MIT
 *
 * Command lines: what they mean, what is refused, and that no URL stays visible.
 */
#include "relay/control/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1000.0

static char words[20][128];
static char *argv[21];

/* Splits the line into writable arguments. */
static int split(const char *line)
{
	int argc = 0;
	const char *at = line;

	while (*at && argc < 20) {
		size_t len = strcspn(at, " ");

		snprintf(words[argc], sizeof words[0], "%.*s", (int)len, at);
		argv[argc] = words[argc];
		argc++;
		at += len + (at[len] != '\0');
	}
	argv[argc] = NULL;
	return argc;
}

static void nothing_left(int argc)
{
	for (int i = 0; i < argc; i++)
		assert_null(strstr(words[i], "://"));
}

static void reads_a_relay_by_hand(void **state)
{
	struct cme_args args;
	struct cme_err err;
	int argc = split("cme-relay -i rtmp://h/a/k -b http://h/b.flv -o rtmp://d/a/1 -ortmps://d/a/2 "
			 "--output=srt://d:9 --duration 5 --stall-limit 1.5 --merge --merge-window 1 "
			 "--ca-file ca.pem");

	(void)state;
	assert_int_equal(cme_args_parse(argc, argv, NOW, &args, &err), 0);
	assert_string_equal(args.spec.input[CME_MAIN].urls[0], "rtmp://h/a/k");
	assert_string_equal(args.spec.input[CME_BACKUP].urls[0], "http://h/b.flv");
	assert_int_equal(args.spec.outputs_count, 3);
	assert_string_equal(args.spec.outputs[1].url, "rtmps://d/a/2");
	assert_string_equal(args.spec.outputs[2].id, "3");
	assert_true(args.spec.has_stop_at);
	assert_float_equal(args.spec.stop_at, NOW + 5, 1e-9);
	assert_float_equal(args.spec.stall_limit_s, 1.5, 1e-9);
	assert_string_equal(args.ca_file, "ca.pem");
	assert_true(args.spec.merge);
	assert_float_equal(args.spec.merge_window_s, 1, 1e-9);
	nothing_left(argc);
	cme_args_fini(&args);
}

static const struct {
	const char *line;
	bool list;
	int count;
	int loop;
} lists[] = {
	{ "r -i a.mp4 -o rtmp://d/a/1", false, 1, 0 },
	{ "r -i a.mp4 -i http://h/b.mp4 -o rtmp://d/a/1", true, 2, 0 },
	{ "r --loop -1 -i a.mp4 -o rtmp://d/a/1", true, 1, -1 },
	{ "r -i a.mp4 -i b.mp4 --loop 3 -o rtmp://d/a/1", true, 2, 3 },
};

static void several_sources_or_a_loop_are_a_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct cme_args args;
		struct cme_err err;

		assert_int_equal(cme_args_parse(split(lists[i].line), argv, NOW, &args, &err), 0);
		assert_int_equal(args.spec.input[CME_MAIN].list, lists[i].list);
		assert_int_equal(args.spec.input[CME_MAIN].count, lists[i].count);
		assert_int_equal(args.spec.input[CME_MAIN].loop, lists[i].loop);
		cme_args_fini(&args);
	}
}

static const struct {
	const char *line, *message;
} refused[] = {
	{ "r", "-i: missing" },
	{ "r -i rtmp://h/a/k", "-o: missing" },
	{ "r -o rtmp://h/a/k", "-i: missing" },
	{ "r -i", "-i: its value is missing" },
	{ "r -i rtmp://h/a/k --output", "--output: its value is missing" },
	{ "r -i rtmp://h/a/k --stop-at", "--stop-at: its value is missing" },
	{ "r --fly rtmp://h/a/k", "--fly: no such option" },
	{ "r --fly=rtmp://h/a/k", "--fly: no such option" },
	{ "r --st 5", "--st: no such option" },
	{ "r -i rtmp://h/a/k -xrtmp://h/a/k", "-x: no such option" },
	{ "r --help -xrtmp://h/a/k", "-x: no such option" },
	{ "r --help=rtmp://h/a/k", "--help: takes no value" },
	{ "r --rtmp://h/a/k", "an option: no such option" },
	{ "r --key?s=Q1", "an option: no such option" },
	{ "r --abcdefghijklmnopqrstuvwxyzabcdefghijklm", "an option: no such option" },
	{ "r -i rtmp://h/a/k -o rtmp://d/a/1 rtmp://d/a/2",
	  "an argument: belongs to no option (every URL needs its own -i, -b or -o)" },
	{ "r -i rtmp://", "-i: no host in the URL" },
	{ "r -i rtmp:///live/k", "-i: no host in the URL" },
	{ "r -i rtmp://h/a/k -o rtmps://", "-o: no host in the URL" },
	{ "r -i rtmp://h/a/k -i rtmp://h/a/k2 -o rtmp://d/a/1", "-i: http://, https:// or a file expected" },
	{ "r -i rtmp://h/a/k --loop 1 -o rtmp://d/a/1", "-i: http://, https:// or a file expected" },
	{ "r -i a.mp4 --loop -2", "--loop: a number of times expected, or -1" },
	{ "r -i a.mp4 --loop 2x", "--loop: a number of times expected, or -1" },
	{ "r -b rtmp://h/a/k -b rtmp://h/a/k2", "-b: given twice" },
	{ "r --control p --loop 1", "--control: goes with --leased and --ca-file only" },
	{ "r -i pipe:0",
	  "-i: rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "r -i rtmp://h/a/k -o http://d/a", "-o: rtmp://, rtmps://, srt:// or udp:// expected" },
	{ "r --control p -i rtmp://h/a/k", "--control: goes with --leased and --ca-file only" },
	{ "r --duration x", "--duration: seconds expected" },
	{ "r --duration -5", "--duration: seconds expected" },
	{ "r --stop-at noon", "--stop-at: a time as 2026-11-22T22:00:00+08:00 expected" },
	{ "r --stop-at 1970-01-01T00:16:39Z", "--stop-at: is in the past" },
	{ "r --duration 5 --stop-at 2026-11-22T22:00:00Z", "--stop-at, --duration: only one of them, once" },
	{ "r --failback-after 0", "--failback-after: seconds up to 86400 expected" },
	{ "r --merge-window 11", "--merge-window: seconds from 0.1 to 10 expected" },
	{ "r --control p --merge", "--control: goes with --leased and --ca-file only" },
	{ "r -i rtmp://h/a/k -o rtmp://d/a/1 --merge", "--merge: goes with -b" },
	{ "r --stall-limit 0.1", "--stall-limit: seconds from 0.2 to 60 expected" },
};

static void says_what_is_wrong_and_wipes_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct cme_args args;
		struct cme_err err;
		int argc = split(refused[i].line);

		assert_int_equal(cme_args_parse(argc, argv, NOW, &args, &err), -1);
		assert_string_equal(err.code, "usage");
		assert_string_equal(err.message, refused[i].message);
		nothing_left(argc);
		cme_args_fini(&args);
	}
}

static void control_help_and_version_need_nothing_else(void **state)
{
	struct cme_args args;
	struct cme_err err;

	(void)state;
	assert_int_equal(cme_args_parse(split("r --control p"), argv, NOW, &args, &err), 0);
	assert_string_equal(args.control, "p");
	assert_int_equal(cme_args_parse(split("r --help"), argv, NOW, &args, &err), 0);
	assert_true(args.help);
	assert_int_equal(cme_args_parse(split("r --version"), argv, NOW, &args, &err), 0);
	assert_true(args.version);
}

static const struct {
	const char *text;
	bool ok;
	double seconds;
} times[] = {
	{ "2026-11-22T14:00:00Z", true, 1795356000 },
	{ "2026-11-22T22:00:00+08:00", true, 1795356000 },
	{ "2026-11-22T10:30:00-0330", true, 1795356000 },
	{ "2026-11-22T14:00:00.250Z", true, 1795356000.25 },
	{ "1970-01-01T00:00:00Z", true, 0 },
	{ "2026-11-22T14:00:00", false, 0 },
	{ "2026-11-22T14:00:00+8", false, 0 },
	{ "2026-11-22T14:00:00+08:00x", false, 0 },
	{ "2026-11-22 14:00:00Z", false, 0 },
	{ "2026-11-22T14:00:00.Z", false, 0 },
	{ "", false, 0 },
};

static void reads_times_with_an_offset(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		double seconds = 0;

		assert_int_equal(cme_args_time(times[i].text, &seconds), times[i].ok);
		if (times[i].ok)
			assert_float_equal(seconds, times[i].seconds, 1e-3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_relay_by_hand),
		cmocka_unit_test(several_sources_or_a_loop_are_a_list),
		cmocka_unit_test(says_what_is_wrong_and_wipes_all),
		cmocka_unit_test(control_help_and_version_need_nothing_else),
		cmocka_unit_test(reads_times_with_an_offset),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}

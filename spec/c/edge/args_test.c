/* SPDX-License-Identifier: MIT */
#include "edge/args.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEEDED "--control", "/run/c", "--folder", "/run", "--rtmp", "127.0.0.1:0"

/* argv ends with NULL. */
static int parse(char **argv, struct cme_edge_args *args, struct cme_err *err)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return cme_edge_args_parse(argc, argv, args, err);
}

static void takes_what_is_needed_and_has_defaults(void **state)
{
	char *argv[] = { "cme-edge", NEEDED, "--takeover", "off", "--per-address", "7", NULL };
	struct cme_edge_args args;
	struct cme_err err;

	(void)state;
	assert_int_equal(parse(argv, &args, &err), 0);
	assert_string_equal(args.options.rtmp[0], "127.0.0.1:0");
	assert_null(args.options.rtmp[1]);
	assert_true(isinf(args.options.takeover_s));
	assert_int_equal(args.options.limits.address, 7);
	assert_int_equal(args.options.limits.viewers, 64);
}

/* What was written, so that it can be found. */
static void names_what_it_does_not_take(void **state)
{
	static const struct {
		char *argv[12];
		const char *message;
	} cases[] = {
		{ { "cme-edge", "--bogus", NULL }, "--bogus: no such option" },
		{ { "cme-edge", NEEDED, "--bogus=7", NULL }, "--bogus=7: no such option" },
		{ { "cme-edge", NEEDED, "-x", NULL }, "-x: no such option" },
		{ { "cme-edge", NEEDED, "--srt", NULL }, "--srt: its value is missing" },
		{ { "cme-edge", NEEDED, "bogus", NULL }, "bogus: belongs to no option" },
		{ { "cme-edge", NEEDED, "--viewers", "0", NULL },
		  "--viewers: a number from 1 to 1000000 expected" },
		{ { "cme-edge", NEEDED, "--rtmps", "127.0.0.1:0", NULL },
		  "--rtmps: needs --certificate and --key" },
		{ { "cme-edge", NULL }, "--control: missing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cme_edge_args args;
		struct cme_err err;

		assert_int_equal(parse((char **)cases[i].argv, &args, &err), -1);
		assert_string_equal(err.code, "usage");
		assert_string_equal(err.message, cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_needed_and_has_defaults),
		cmocka_unit_test(names_what_it_does_not_take),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "child/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

static struct cme_report_reader reader;
static int fds[2];

static int setup(void **state)
{
	(void)state;
	cme_report_reader_init(&reader);
	return pipe2(fds, O_CLOEXEC | O_NONBLOCK);
}

static int teardown(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void say(const char *text)
{
	assert_int_equal(write(fds[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void keeps_what_an_error_was_made_of(void **state)
{
	struct cme_err err, got;
	json_t *line;
	char *text;

	(void)state;
	cme_err_set(&err, "network.timeout", "no answer within %d s", 10);
	cme_err_prefix(&err, "open '%s'", "srt://h:1");
	line = cme_report_error(&err);
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	say(text);
	say("\n");
	free(text);
	line = cme_report_read(&reader, fds[0]);
	assert_true(cme_report_to_err(line, &got));
	json_decref(line);
	assert_string_equal(got.code, err.code);
	assert_string_equal(got.message, "open 'srt://h:1': no answer within 10 s");
	assert_int_equal(got.phrase_count, 2);
	assert_string_equal(got.phrases[0].format, "no answer within %d s");
	assert_string_equal(got.phrases[1].format, "open '%s'");
	assert_string_equal(cme_err_value(&got, 0), "10");
	assert_string_equal(cme_err_value(&got, 1), "srt://h:1");
}

static void reads_lines_however_they_come(void **state)
{
	json_t *line;

	(void)state;
	say("{\"sent\":1}\n{\"se");
	line = cme_report_read(&reader, fds[0]);
	assert_int_equal(json_integer_value(json_object_get(line, "sent")), 1);
	json_decref(line);
	assert_null(cme_report_read(&reader, fds[0]));
	assert_false(reader.ended);
	say("nt\":2}\n");
	line = cme_report_read(&reader, fds[0]);
	assert_int_equal(json_integer_value(json_object_get(line, "sent")), 2);
	json_decref(line);
	close(fds[1]);
	fds[1] = -1;
	assert_null(cme_report_read(&reader, fds[0]));
	assert_true(reader.ended);
}

static void ends_at_what_is_no_line(void **state)
{
	char text[2 * CME_REPORT_LINE_MAX];

	(void)state;
	say("[1]\n{\"sent\":1}\n");
	assert_null(cme_report_read(&reader, fds[0]));
	assert_true(reader.ended);
	assert_null(cme_report_read(&reader, fds[0]));
	cme_report_reader_init(&reader);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	say(text);
	assert_null(cme_report_read(&reader, fds[0]));
	assert_true(reader.ended);
}

static void trusts_no_member(void **state)
{
	static const char *const lines[] = {
		"{}",
		"{\"error\":1}",
		"{\"error\":{\"code\":\"a\"}}",
		"{\"error\":{\"code\":1,\"message\":\"m\"}}",
		"{\"error\":{\"code\":\"0123456789012345678901234567890123456789012345678901234567890123\","
		"\"message\":\"m\"}}",
	};
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		json_t *line = json_loads(lines[i], 0, NULL);

		assert_non_null(line);
		assert_false(cme_report_to_err(line, &err));
		json_decref(line);
	}
}

/* The message stays. */
static void keeps_so_many_formats(void **state)
{
	struct cme_err err;
	unsigned kept = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		json_t *line =
			json_pack("{s:{s:s,s:s,s:[{s:o,s:[]}]}}", "error", "code", "internal", "message", "m",
				  "phrases", "format", json_sprintf("format %d", i), "values");

		assert_true(cme_report_to_err(line, &err));
		assert_string_equal(err.message, "m");
		kept += err.phrase_count;
		json_decref(line);
	}
	assert_in_range(kept, 100, 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_an_error_was_made_of, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_lines_however_they_come, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_at_what_is_no_line, setup, teardown),
		cmocka_unit_test_setup_teardown(trusts_no_member, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_so_many_formats, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "http/resend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void trace(struct cme_http_resend *resend, struct cme_http_goaways *goaways, const char *line)
{
	cme_http_resend_trace(resend, goaways, line, strlen(line));
}

static void allows_the_first_and_no_second(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };

	(void)state;
	assert_true(cme_http_resend_is_unread(&resend, &goaways));
	assert_true(cme_http_resend_allow(&resend, &goaways, 4000));
	assert_false(cme_http_resend_is_unread(&resend, &goaways));
	trace(&resend, &goaways, "Connection died, retrying a fresh connect (retry count: 1)\n");
	assert_false(cme_http_resend_allow(&resend, &goaways, 4001));
	assert_int_equal(resend.attempts, 1);
}

static void allows_again_what_was_refused(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };

	(void)state;
	cme_http_resend_allow(&resend, &goaways, 4000);
	trace(&resend, &goaways, "REFUSED_STREAM, retrying a fresh connect\n");
	assert_true(cme_http_resend_is_unread(&resend, &goaways));
	assert_true(cme_http_resend_allow(&resend, &goaways, 4001));
	assert_false(cme_http_resend_allow(&resend, &goaways, 4002));
}

/* What libcurl does when the connection ended is known then, not when it has another connection. */
static void remembers_a_refusal_when_the_table_does_not(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 }, other = { 0 };

	(void)state;
	cme_http_resend_allow(&resend, &goaways, 4000);
	trace(&resend, &goaways, "Using Stream ID: 3 (easy handle 0x1)\n");
	trace(&resend, &goaways, "received GOAWAY, error=0, last_stream=1\n");
	trace(&resend, &goaways, "Connection died, retrying a fresh connect (retry count: 1)\n");
	cme_http_resend_allow(&other, &goaways, 4000);
	assert_true(cme_http_resend_allow(&resend, &goaways, 4001));
}

static void starts_again_what_no_server_read(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };

	(void)state;
	assert_false(cme_http_resend_again(&resend, &goaways)); /* it had no connection yet */
	for (int i = 0; i < CME_HTTP_ROUNDS; i++) {
		assert_true(cme_http_resend_allow(&resend, &goaways, 4000));
		trace(&resend, &goaways, "Using Stream ID: 3 (easy handle 0x1)\n");
		assert_false(cme_http_resend_again(&resend, &goaways));
		trace(&resend, &goaways, "received GOAWAY, error=0, last_stream=1\n");
		assert_true(cme_http_resend_again(&resend, &goaways));
		assert_int_equal(resend.attempts, 0);
	}
	cme_http_resend_allow(&resend, &goaways, 4000);
	trace(&resend, &goaways, "REFUSED_STREAM, retrying a fresh connect\n");
	assert_false(cme_http_resend_again(&resend, &goaways));
	assert_true(cme_http_resend_is_unread(&resend, &goaways));
}

static void allows_again_what_was_not_written_to_its_end(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };

	(void)state;
	cme_http_resend_allow(&resend, &goaways, 4000);
	trace(&resend, &goaways, "stream 439 closed\n");
	assert_true(cme_http_resend_is_unread(&resend, &goaways));
	assert_true(cme_http_resend_allow(&resend, &goaways, 4000));
	assert_false(cme_http_resend_is_unread(&resend, &goaways));
}

/* A gateway that refuses a large body would be sent it round after round. */
static void starts_nothing_again_that_was_not_written_to_its_end(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };

	(void)state;
	cme_http_resend_allow(&resend, &goaways, 4000);
	trace(&resend, &goaways, "stream 439 closed\n");
	assert_false(cme_http_resend_again(&resend, &goaways));
	assert_true(cme_http_resend_is_unread(&resend, &goaways));
}

static void pauses_from_the_third_round_on(void **state)
{
	static const int64_t pauses_ms[] = { 0, 0, 0, 25, 50, 100, 200, 400, 400 };

	(void)state;
	for (size_t i = 0; i < sizeof pauses_ms / sizeof *pauses_ms; i++) {
		struct cme_http_resend resend = { .rounds = (unsigned)i };

		assert_int_equal(cme_http_resend_pause_ms(&resend), pauses_ms[i]);
	}
}

/* Both spellings that libcurl has had. */
static void goaway_frees_later_streams_of_its_connection_only(void **state)
{
	static const char *const lines[] = { "recveived GOAWAY, error=0, last_stream=39\n",
					     "received GOAWAY, error=0, last_stream=39\n" };
	static const struct {
		int port;
		const char *stream;
		bool unread;
	} rows[] = { { 4000, "Using Stream ID: 41 (easy handle 0x1)\n", true },
		     { 4000, "Using Stream ID: 39 (easy handle 0x1)\n", false },
		     { 4001, "Using Stream ID: 41 (easy handle 0x1)\n", false },
		     { 4000, "no stream", false },
		     { 0, "Using Stream ID: 41 (easy handle 0x1)\n", false } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cme_http_goaways goaways = { 0 };
		struct cme_http_resend resend = { 0 }, other = { 0 };

		cme_http_resend_allow(&resend, &goaways, rows[i].port);
		trace(&resend, &goaways, rows[i].stream);
		cme_http_resend_allow(&other, &goaways, 4000);
		trace(&other, &goaways, lines[i % 2]);
		assert_int_equal(cme_http_resend_is_unread(&resend, &goaways), rows[i].unread);
	}
}

static void a_port_used_again_is_another_connection(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend first = { 0 }, second = { 0 };

	(void)state;
	cme_http_resend_allow(&first, &goaways, 4000);
	trace(&first, &goaways, "received GOAWAY, error=0, last_stream=1\n");
	cme_http_resend_allow(&second, &goaways, 4000);
	trace(&second, &goaways, "Using Stream ID: 3 (easy handle 0x1)\n");
	assert_false(cme_http_resend_is_unread(&second, &goaways));
}

static void remembers_as_many_as_its_table_holds(void **state)
{
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend waiting[CME_HTTP_GOAWAYS + 1] = { 0 };

	(void)state;
	for (int i = 0; i <= CME_HTTP_GOAWAYS; i++) {
		cme_http_resend_allow(&waiting[i], &goaways, 4000 + i);
		trace(&waiting[i], &goaways, "Using Stream ID: 3 (easy handle 0x1)\n");
		trace(&waiting[i], &goaways, "received GOAWAY, error=0, last_stream=1\n");
	}
	assert_false(cme_http_resend_is_unread(&waiting[0], &goaways));
	for (int i = 1; i <= CME_HTTP_GOAWAYS; i++)
		assert_true(cme_http_resend_is_unread(&waiting[i], &goaways));
}

static void survives_lines_of_any_form(void **state)
{
	static const char *const lines[] = { "", "GOAWAY, error=", "GOAWAY, error=0, last_stream=",
					     "GOAWAY, error=0, last_stream=99999999999999999999999",
					     "Using Stream ID: " };
	struct cme_http_goaways goaways = { 0 };
	struct cme_http_resend resend = { 0 };
	char large[5000];

	(void)state;
	cme_http_resend_allow(&resend, &goaways, 4000);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		trace(&resend, &goaways, lines[i]);
	memset(large, 'x', sizeof large); /* and not terminated */
	cme_http_resend_trace(&resend, &goaways, large, sizeof large);
	assert_false(cme_http_resend_is_unread(&resend, &goaways));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allows_the_first_and_no_second),
		cmocka_unit_test(allows_again_what_was_refused),
		cmocka_unit_test(remembers_a_refusal_when_the_table_does_not),
		cmocka_unit_test(starts_again_what_no_server_read),
		cmocka_unit_test(allows_again_what_was_not_written_to_its_end),
		cmocka_unit_test(starts_nothing_again_that_was_not_written_to_its_end),
		cmocka_unit_test(pauses_from_the_third_round_on),
		cmocka_unit_test(goaway_frees_later_streams_of_its_connection_only),
		cmocka_unit_test(a_port_used_again_is_another_connection),
		cmocka_unit_test(remembers_as_many_as_its_table_holds),
		cmocka_unit_test(survives_lines_of_any_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

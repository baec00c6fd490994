/* SPDX-License-Identifier: MIT
 *
 * Lines of the control protocol: what they ask for, and the answer to what they do not.
 */
#include "relay/control/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *line, *id, *code, *message;
} refused[] = {
	{ "nonsense", "null", "invalid.json", "not JSON in UTF-8 (at byte 8)" },
	{ "{\"id\":1,\"op\":\"stat\"} x", "null", "invalid.json", "not JSON in UTF-8 (at byte 22)" },
	{ "{\"id\":1,\"id\":2,\"op\":\"stat\"}", "null", "invalid.json", "not JSON in UTF-8 (at byte 12)" },
	{ "[1]", "null", "invalid.request", "object expected" },
	{ "{}", "null", "invalid.request", "op: missing" },
	{ "{\"id\":1}", "1", "invalid.request", "op: missing" },
	{ "{\"id\":\"x\",\"op\":7}", "\"x\"", "invalid.request", "op: string expected" },
	{ "{\"id\":[1],\"op\":\"fly\"}", "null", "invalid.op",
	  "op: unknown (one of set, switch, set_output, remove_output, set_stop_at, lease, release, stand, "
	  "stat, stop expected)" },
	{ "{\"id\":2,\"op\":\"set\"}", "2", "invalid.spec", "spec: missing" },
	{ "{\"id\":2,\"op\":\"switch\"}", "2", "invalid.request", "to: 'main' or 'backup' expected" },
	{ "{\"id\":2,\"op\":\"switch\",\"to\":\"x\"}", "2", "invalid.request",
	  "to: 'main' or 'backup' expected" },
	{ "{\"id\":2,\"op\":\"set_output\"}", "2", "invalid.request", "output: missing" },
	{ "{\"id\":2,\"op\":\"set_output\",\"output\":{\"id\":\"1\"}}", "2", "invalid.spec",
	  "output.url: missing" },
	{ "{\"id\":2,\"op\":\"remove_output\",\"output_id\":1}", "2", "invalid.request",
	  "output_id: string expected" },
	{ "{\"id\":2,\"op\":\"stand\"}", "2", "invalid.request", "until_ms: integer above 0 expected" },
	{ "{\"id\":2,\"op\":\"set_stop_at\"}", "2", "invalid.request", "stop_at: missing" },
	{ "{\"id\":2,\"op\":\"set_stop_at\",\"stop_at\":\"7\"}", "2", "invalid.spec",
	  "stop_at: number expected" },
	{ "{\"id\":2,\"op\":\"set_stop_at\",\"stop_at\":1e300}", "2", "invalid.spec",
	  "stop_at: must be from 0 to 1e+11" },
	{ "{\"id\":2,\"op\":\"set_stop_at\",\"stop_at\":-1}", "2", "invalid.spec",
	  "stop_at: must be from 0 to 1e+11" },
};

static void answers_what_it_cannot_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct cme_control_request request;
		struct cme_err err;
		json_t *answer;
		char expected[512], *text;

		assert_int_equal(
			cme_control_request_parse(refused[i].line, strlen(refused[i].line), &request, &err),
			-1);
		answer = cme_answer_error(request.id, &err);
		assert_int_equal(json_object_del(json_object_get(answer, "error"), "parts"), 0);
		text = json_dumps(answer, JSON_COMPACT);
		snprintf(expected, sizeof expected,
			 "{\"id\":%s,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", refused[i].id,
			 refused[i].code, refused[i].message);
		assert_string_equal(text, expected);
		free(text);
		json_decref(answer);
		cme_control_request_fini(&request);
	}
}

static struct cme_control_request accept_line(const char *line)
{
	struct cme_control_request request;
	struct cme_err err;

	assert_int_equal(cme_control_request_parse(line, strlen(line), &request, &err), 0);
	return request;
}

static void reads_every_op(void **state)
{
	struct cme_control_request request;

	(void)state;
	request = accept_line("{\"id\":1,\"op\":\"set\",\"spec\":{\"inputs\":{\"main\":{\"url\":\"f\"}},"
			      "\"outputs\":[],\"revision\":3}}");
	assert_int_equal(request.op, CME_OP_SET);
	assert_int_equal(request.spec.revision, 3);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"switch\",\"to\":\"backup\"}");
	assert_int_equal(request.op, CME_OP_SWITCH);
	assert_int_equal(request.to, CME_BACKUP);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"set_output\",\"output\":{\"id\":\"1\",\"url\":\"rtmp://h/a/k\"}}");
	assert_int_equal(request.op, CME_OP_SET_OUTPUT);
	assert_string_equal(request.output.url, "rtmp://h/a/k");
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"remove_output\",\"output_id\":\"1\"}");
	assert_int_equal(request.op, CME_OP_REMOVE_OUTPUT);
	assert_string_equal(request.output.id, "1");
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"set_stop_at\",\"stop_at\":12.5}");
	assert_true(request.spec.has_stop_at);
	assert_float_equal(request.spec.stop_at, 12.5, 1e-9);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"set_stop_at\",\"stop_at\":null}");
	assert_false(request.spec.has_stop_at);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"lease\",\"epoch\":7,\"until_ms\":86420500}");
	assert_int_equal(request.op, CME_OP_LEASE);
	assert_int_equal(request.epoch, 7);
	assert_int_equal(request.until_ms, 86420500);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"release\",\"epoch\":7}");
	assert_int_equal(request.op, CME_OP_RELEASE);
	assert_int_equal(request.epoch, 7);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"stand\",\"until_ms\":86420500}");
	assert_int_equal(request.op, CME_OP_STAND);
	assert_int_equal(request.until_ms, 86420500);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"stat\"}");
	assert_int_equal(request.op, CME_OP_STAT);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"alive\"}");
	assert_int_equal(request.op, CME_OP_ALIVE);
	cme_control_request_fini(&request);
	request = accept_line("{\"op\":\"stop\"}");
	assert_int_equal(request.op, CME_OP_STOP);
	cme_control_request_fini(&request);
}

static void refuses_a_line_past_the_limit(void **state)
{
	struct cme_control_request request;
	struct cme_err err;
	char *line = calloc(1, CME_LINE_MAX + 1);

	(void)state;
	assert_non_null(line);
	assert_int_equal(cme_control_request_parse(line, CME_LINE_MAX + 1, &request, &err), -1);
	assert_string_equal(err.code, "invalid.too_long");
	cme_control_request_fini(&request);
	free(line);
}

static void never_quotes_the_line(void **state)
{
	static const char line[] =
		"{\"id\":1,\"op\":\"set\",\"spec\":{\"inputs\":{\"main\":{\"url\":\"xx://h/a/TOPSECRET\"}}}}";
	struct cme_control_request request;
	struct cme_err err;

	(void)state;
	for (size_t len = 1; len < sizeof line; len++) {
		assert_int_equal(cme_control_request_parse(line, len, &request, &err), -1);
		assert_null(strstr(err.message, "TOPSECRET"));
		cme_control_request_fini(&request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_what_it_cannot_do),
		cmocka_unit_test(reads_every_op),
		cmocka_unit_test(refuses_a_line_past_the_limit),
		cmocka_unit_test(never_quotes_the_line),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}

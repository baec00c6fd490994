/* SPDX-License-Identifier: MIT
 *
 * What the wire form becomes, what is refused and how it is named, and the difference of two states.
 */
#include "relay/base/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/source/playlist.h"

#define IN "\"inputs\":{\"main\":{\"url\":\"rtmp://h/a/k\"}}"
#define OUT                                                                                                  \
	"\"outputs\":[{\"id\":\"1\",\"name\":\"a\",\"url\":\"rtmp://d/a/k1\"},{\"id\":\"2\",\"url\":\"srt:/" \
	"/d:9\"}]"

#define LIST(members) "{\"inputs\":{\"main\":{" members "}}," OUT "}"

static int parse(const char *text, struct cme_spec *spec, struct cme_err *err)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	int rc;

	assert_non_null(json);
	rc = cme_spec_parse(json, spec, err);
	json_decref(json);
	return rc;
}

static void reads_a_whole_state(void **state)
{
	struct cme_spec spec;
	struct cme_err err;

	(void)state;
	assert_int_equal(
		parse("{\"project\":\"p\",\"revision\":7,\"inputs\":{\"main\":{\"url\":\"http://h/a.flv\"},"
		      "\"backup\":{\"url\":\"/f.ts\"}},\"active\":\"backup\"," OUT
		      ",\"stop_at\":1763848800.5,\"failover\":false,\"stall_limit\":3,\"failback_after\":30}",
		      &spec, &err),
		0);
	assert_string_equal(spec.project, "p");
	assert_int_equal(spec.revision, 7);
	assert_string_equal(spec.input[CME_MAIN].urls[0], "http://h/a.flv");
	assert_string_equal(spec.input[CME_BACKUP].urls[0], "/f.ts");
	assert_int_equal(spec.active, CME_BACKUP);
	assert_int_equal(spec.outputs_count, 2);
	assert_string_equal(spec.outputs[1].name, "");
	assert_true(spec.has_stop_at && !spec.failover);
	assert_float_equal(spec.stop_at, 1763848800.5, 1e-3);
	assert_float_equal(spec.stall_limit_s, 3, 1e-9);
	assert_true(spec.has_failback);
	assert_float_equal(spec.failback_after_s, 30, 1e-9);
	cme_spec_fini(&spec);
}

static void fills_in_what_is_absent_or_null(void **state)
{
	struct cme_spec spec;
	struct cme_err err;

	(void)state;
	assert_int_equal(parse("{" IN ",\"outputs\":[],\"stop_at\":null,\"active\":null,\"project\":null}",
			       &spec, &err),
			 0);
	assert_string_equal(spec.project, "");
	assert_int_equal(spec.active, CME_MAIN);
	assert_true(spec.failover && !spec.has_stop_at && !spec.has_failback);
	assert_float_equal(spec.stall_limit_s, 2, 1e-9);
	cme_spec_fini(&spec);
}

static void reads_a_list(void **state)
{
	struct cme_spec spec;
	struct cme_err err;

	(void)state;
	assert_int_equal(parse(LIST("\"urls\":[\"a.mp4\",\"http://h/b.mp4\"],\"loop\":-1"), &spec, &err), 0);
	assert_true(spec.input[CME_MAIN].list);
	assert_int_equal(spec.input[CME_MAIN].count, 2);
	assert_string_equal(spec.input[CME_MAIN].urls[1], "http://h/b.mp4");
	assert_int_equal(spec.input[CME_MAIN].loop, CME_PLAYLIST_FOREVER);
	assert_int_equal(spec.input[CME_BACKUP].count, 0);
	cme_spec_fini(&spec);
}

static const struct {
	const char *text;
	const char *message;
} refused[] = {
	{ "[]", "spec: object expected" },
	{ "{" OUT "}", "spec.inputs: missing" },
	{ "{" IN "}", "spec.outputs: missing" },
	{ "{" IN ",\"outputs\":{}}", "spec.outputs: array expected" },
	{ "{" IN ",\"outputs\":[7]}", "spec.outputs[0]: object expected" },
	{ "{" IN ",\"outputs\":[{\"url\":\"rtmp://d/a/k\"}]}", "spec.outputs[0].id: missing" },
	{ "{" IN ",\"outputs\":[{\"id\":7,\"url\":\"rtmp://d/a/k\"}]}",
	  "spec.outputs[0].id: string expected" },
	{ "{" IN ",\"outputs\":[{\"id\":\"\",\"url\":\"rtmp://d/a/k\"}]}",
	  "spec.outputs[0].id: must not be empty" },
	{ "{" IN ",\"outputs\":[{\"id\":\"1\",\"url\":\"http://d/a\"}]}",
	  "spec.outputs[0].url: rtmp://, rtmps://, srt:// or udp:// expected" },
	{ "{" IN
	  ",\"outputs\":[{\"id\":\"1\",\"url\":\"rtmp://d/a\"},{\"id\":\"1\",\"url\":\"rtmp://d/b\"}]}",
	  "spec.outputs[1].id: another output has it" },
	{ "{\"inputs\":{\"main\":{\"url\":\"pipe:0\"}}," OUT "}",
	  "spec.inputs.main.url: rtmp://, rtmps://, http://, https://, srt:// or a file expected" },
	{ LIST("\"urls\":[]"), "spec.inputs.main.urls: must not be empty" },
	{ LIST("\"urls\":\"a.mp4\""), "spec.inputs.main.urls: array expected" },
	{ LIST("\"urls\":[\"a.mp4\",7]"), "spec.inputs.main.urls[1]: string expected" },
	{ LIST("\"urls\":[\"rtmp://h/a/k\"]"),
	  "spec.inputs.main.urls[0]: http://, https:// or a file expected" },
	{ LIST("\"urls\":[\"a.mp4\"],\"loop\":1.5"), "spec.inputs.main.loop: integer expected" },
	{ LIST("\"urls\":[\"a.mp4\"],\"loop\":-2"), "spec.inputs.main.loop: must be from -1 to 1000000" },
	{ LIST("\"urls\":[\"a.mp4\"],\"url\":\"b.mp4\""),
	  "spec.inputs.main: url or urls expected, not both" },
	{ LIST("\"url\":\"a.mp4\",\"loop\":1"), "spec.inputs.main.loop: goes with urls only" },
	{ LIST(""), "spec.inputs.main.url: missing" },
	{ "{\"inputs\":{\"main\":7}," OUT "}", "spec.inputs.main: object expected" },
	{ "{" IN "," OUT ",\"active\":\"backup\"}", "spec.inputs.backup: missing, and it is the active one" },
	{ "{" IN "," OUT ",\"active\":\"x\"}", "spec.active: 'main' or 'backup' expected" },
	{ "{" IN "," OUT ",\"stop_at\":\"x\"}", "spec.stop_at: number expected" },
	{ "{" IN "," OUT ",\"stall_limit\":0}", "spec.stall_limit: must be from 0.2 to 60" },
	{ "{" IN "," OUT ",\"failback_after\":-1}", "spec.failback_after: must be from 0 to 86400" },
	{ "{" IN "," OUT ",\"failback_after\":true}", "spec.failback_after: number expected" },
	{ "{" IN "," OUT ",\"failover\":1}", "spec.failover: boolean expected" },
	{ "{" IN "," OUT ",\"revision\":\"7\"}", "spec.revision: integer expected" },
};

static void names_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct cme_spec spec;
		struct cme_err err;

		assert_int_equal(parse(refused[i].text, &spec, &err), -1);
		assert_string_equal(err.code, "invalid.spec");
		assert_string_equal(err.message, refused[i].message);
		assert_int_equal(spec.outputs_count, 0);
	}
}

/* The changes as one line: "-1 >2 ~3 i0 +4 a1". */
static void note(void *ctx, const struct cme_change *change)
{
	static const char signs[] = {
		[CME_OUTPUT_REMOVED] = '-', [CME_OUTPUT_MOVED] = '>', [CME_OUTPUT_RENAMED] = '~',
		[CME_INPUT_CHANGED] = 'i',  [CME_OUTPUT_ADDED] = '+', [CME_ACTIVE_CHANGED] = 'a'
	};
	char *line = ctx, item[16];

	if (change->output)
		snprintf(item, sizeof item, "%c%s ", signs[change->kind], change->output->id);
	else
		snprintf(item, sizeof item, "%c%d ", signs[change->kind], change->input);
	strcat(line, item);
}

#define O(id, name, url) "{\"id\":\"" id "\",\"name\":\"" name "\",\"url\":\"rtmp://d/a/" url "\"}"
#define WITH(outputs)    "{" IN ",\"outputs\":[" outputs "]}"

static const struct {
	const char *from, *to, *changes;
} diffs[] = {
	{ WITH(O("1", "a", "x")), WITH(O("1", "a", "x")), "" },
	{ LIST("\"urls\":[\"a\",\"b\"]"), LIST("\"urls\":[\"a\",\"b\"],\"loop\":0"), "" },
	{ LIST("\"urls\":[\"a\",\"b\"]"), LIST("\"urls\":[\"b\",\"a\"]"), "i0 " },
	{ LIST("\"urls\":[\"a\"]"), LIST("\"urls\":[\"a\"],\"loop\":1"), "i0 " },
	{ LIST("\"urls\":[\"a\"]"), LIST("\"url\":\"a\""), "i0 " },
	{ WITH(O("1", "a", "x") "," O("2", "b", "y")), WITH(O("2", "b", "y") "," O("1", "a", "x")), "" },
	{ WITH(""), WITH(O("1", "a", "x")), "+1 " },
	{ WITH(O("1", "a", "x") "," O("2", "b", "y")), WITH(O("2", "b", "y")), "-1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "a", "z")), ">1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "q", "x")), "~1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "q", "z")), ">1 " },
	{ WITH(""),
	  "{\"inputs\":{\"main\":{\"url\":\"rtmp://h/a/k\"},\"backup\":{\"url\":\"f.flv\"}},\"outputs\":[]}",
	  "i1 " },
	{ WITH(""), "{\"inputs\":{\"backup\":{\"url\":\"f.flv\"}},\"outputs\":[],\"active\":\"backup\"}",
	  "i0 i1 a1 " },
	{ WITH(O("1", "a", "x") "," O("2", "b", "y")),
	  "{\"inputs\":{\"main\":{\"url\":\"rtmp://h/a/other\"}},\"outputs\":[" O("3", "c", "z") "," O(
		  "2", "n", "y") "]}",
	  "-1 ~2 i0 +3 " },
};

static void finds_the_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof diffs / sizeof diffs[0]; i++) {
		struct cme_spec from, to;
		struct cme_err err;
		char line[256] = "";

		assert_int_equal(parse(diffs[i].from, &from, &err), 0);
		assert_int_equal(parse(diffs[i].to, &to, &err), 0);
		cme_spec_diff(&from, &to, note, line);
		assert_string_equal(line, diffs[i].changes);
		cme_spec_fini(&from);
		cme_spec_fini(&to);
	}
}

static void copies_all_and_edits_outputs(void **state)
{
	struct cme_output_spec out = { .id = (char *)"9",
				       .name = (char *)"n",
				       .url = (char *)"rtmp://d/a/9" };
	struct cme_spec spec, copy;
	struct cme_err err;
	char line[64] = "";

	(void)state;
	assert_int_equal(parse("{" IN "," OUT "}", &spec, &err), 0);
	assert_int_equal(cme_spec_copy(&copy, &spec), 0);
	cme_spec_diff(&spec, &copy, note, line);
	assert_string_equal(line, "");
	assert_true(cme_spec_remove_output(&copy, "1"));
	assert_false(cme_spec_remove_output(&copy, "1"));
	assert_int_equal(cme_spec_set_output(&copy, &out), 0);
	out.url = (char *)"rtmp://d/a/10";
	assert_int_equal(cme_spec_set_output(&copy, &out), 0);
	assert_int_equal(copy.outputs_count, 2);
	assert_string_equal(cme_spec_find_output(&copy, "9")->url, "rtmp://d/a/10");
	cme_spec_fini(&spec);
	cme_spec_fini(&copy);
}

static void bounds_the_number_of_outputs(void **state)
{
	struct cme_spec spec;
	char id[16];
	struct cme_output_spec out = { .id = id, .name = (char *)"", .url = (char *)"rtmp://d/a/k" };

	(void)state;
	cme_spec_init(&spec);
	for (int i = 0; i < CME_SPEC_OUTPUTS_MAX; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(cme_spec_set_output(&spec, &out), 0);
	}
	strcpy(id, "x");
	assert_int_equal(cme_spec_set_output(&spec, &out), -1);
	cme_spec_fini(&spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_state),
		cmocka_unit_test(fills_in_what_is_absent_or_null),
		cmocka_unit_test(reads_a_list),
		cmocka_unit_test(names_what_is_wrong),
		cmocka_unit_test(finds_the_difference),
		cmocka_unit_test(copies_all_and_edits_outputs),
		cmocka_unit_test(bounds_the_number_of_outputs),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}

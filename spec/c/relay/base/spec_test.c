/* SPDX-License-Identifier: MIT
 *
 * The difference of two states, and what is done to one.
 */
#include "relay/base/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../spec_text.h"

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
	{ LIST("\"url\":\"rtmp://h/a/k\""), LIST("\"url\":\"rtmp://h/a/k\",\"track\":0"), "i0 " },
	{ LIST("\"url\":\"rtmp://h/a/k\",\"track\":1"),
	  LIST("\"url\":\"rtmp://h/a/k\",\"track\":1,\"audio_track\":2"), "i0 " },
	{ LIST("\"urls\":[\"a\"]"), LIST("\"url\":\"a\""), "i0 " },
	{ WITH(O("1", "a", "x") "," O("2", "b", "y")), WITH(O("2", "b", "y") "," O("1", "a", "x")), "" },
	{ WITH(""), WITH(O("1", "a", "x")), "+1 " },
	{ WITH(O("1", "a", "x") "," O("2", "b", "y")), WITH(O("2", "b", "y")), "-1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "a", "z")), ">1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "q", "x")), "~1 " },
	{ WITH(O("1", "a", "x")), WITH(O("1", "q", "z")), ">1 " },
	{ WITH("{\"id\":\"1\",\"url\":\"rtmp://d/a/x\",\"uplink\":false}"), WITH(O("1", "", "x")), ">1 " },
	{ WITH("{\"id\":\"1\",\"url\":\"rtmp://d/a/x\",\"uplink\":null}"), WITH(O("1", "", "x")), "" },
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
		cmocka_unit_test(finds_the_difference),
		cmocka_unit_test(copies_all_and_edits_outputs),
		cmocka_unit_test(bounds_the_number_of_outputs),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}

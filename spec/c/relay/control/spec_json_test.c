/* SPDX-License-Identifier: MIT
 *
 * What the wire form becomes, what is refused and how it is named.
 */
#include "relay/control/spec_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../spec_text.h"
#include "relay/source/playlist.h"

static void reads_a_whole_state(void **state)
{
	struct cme_spec spec;
	struct cme_err err;

	(void)state;
	assert_int_equal(
		parse("{\"project\":\"p\",\"revision\":7,\"inputs\":{\"main\":{\"url\":\"http://h/a.flv\"},"
		      "\"backup\":{\"url\":\"/f.ts\"}},\"active\":\"backup\"," OUT
		      ",\"stop_at\":1763848800.5,\"failover\":false,\"stall_limit\":3,\"failback_after\":30,"
		      "\"silence\":true,\"slate\":{\"file\":\"/s/black.flv\",\"after\":1.5},"
		      "\"merge\":true,\"merge_window\":1.5}",
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
	assert_string_equal(spec.input[CME_SLATE].urls[0], "flv:/s/black.flv");
	assert_true(spec.input[CME_SLATE].list);
	assert_true(spec.input[CME_MAIN].silence && spec.input[CME_BACKUP].silence);
	assert_int_equal(spec.input[CME_SLATE].loop, CME_PLAYLIST_FOREVER);
	assert_float_equal(spec.slate_after_s, 1.5, 1e-9);
	assert_true(spec.merge);
	assert_float_equal(spec.merge_window_s, 1.5, 1e-9);
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
	assert_int_equal(spec.input[CME_SLATE].count, 0);
	assert_false(spec.input[CME_MAIN].silence);
	assert_float_equal(spec.slate_after_s, 3, 1e-9);
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
	assert_false(spec.input[CME_MAIN].has_track[CME_VIDEO]);
	assert_int_equal(spec.input[CME_BACKUP].count, 0);
	cme_spec_fini(&spec);
}

static void reads_a_recording(void **state)
{
	const struct cme_record_spec *record;
	struct cme_spec spec, copy;
	struct cme_err err;

	(void)state;
	assert_int_equal(
		parse("{" IN ",\"outputs\":[{\"id\":\"r\",\"record\":{\"folder\":\"/rec\",\"name\":\"gala\","
		      "\"of\":\"backup\",\"max_seconds\":60,\"total_bytes\":7}}]}",
		      &spec, &err),
		0);
	assert_int_equal(cme_spec_copy(&copy, &spec), 0);
	record = copy.outputs[0].record;
	assert_string_equal(copy.outputs[0].url, "/rec/gala");
	assert_string_equal(record->folder, "/rec");
	assert_string_equal(record->name, "gala");
	assert_int_equal(record->of, CME_BACKUP);
	assert_int_equal(record->max_seconds, 60);
	assert_int_equal(record->max_bytes, 0);
	assert_int_equal(record->total_bytes, 7);
	assert_true(cme_record_same(record, spec.outputs[0].record));
	assert_false(cme_record_same(record, NULL));
	cme_spec_fini(&spec);
	cme_spec_fini(&copy);
}

static const struct {
	const char *text;
	const char *message;
} refused[] = {
	{ "{" IN ",\"outputs\":[{\"id\":\"r\",\"url\":\"rtmp://d/a/k\",\"record\":{\"folder\":\"/"
	  "r\",\"name\":\"n\"}}]}",
	  "spec.outputs[0]: url or record expected, not both" },
	{ "{" IN ",\"outputs\":[{\"id\":\"r\",\"record\":{\"folder\":\"/r\",\"name\":\"../n\"}}]}",
	  "spec.outputs[0].record.name: 1 to 80 bytes expected, without '/' and not beginning with '.'" },
	{ "{" IN
	  ",\"outputs\":[{\"id\":\"r\",\"record\":{\"folder\":\"/r\",\"name\":\"n\",\"max_bytes\":-1}}]}",
	  "spec.outputs[0].record.max_bytes: a whole number from 0 on expected" },
	{ "{" IN ",\"outputs\":[{\"id\":\"r\",\"record\":{\"folder\":\"/r\",\"name\":\"n\","
	  "\"max_seconds\":2592001}}]}",
	  "spec.outputs[0].record.max_seconds: must be from 0 to 2592000" },
	{ "{" IN ",\"outputs\":[{\"id\":\"r\",\"record\":{\"folder\":\"/r\",\"name\":\"n\","
	  "\"max_seconds\":9223372036855}}]}",
	  "spec.outputs[0].record.max_seconds: must be from 0 to 2592000" },
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
	  "spec.inputs.main.url: rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a "
	  "file expected" },
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
	{ LIST("\"url\":\"rtmp://h/a/k\",\"track\":256"), "spec.inputs.main.track: must be from 0 to 255" },
	{ LIST("\"url\":\"rtmp://h/a/k\",\"track\":\"1\""), "spec.inputs.main.track: must be from 0 to 255" },
	{ LIST("\"url\":\"a.mp4\",\"track\":1"),
	  "spec.inputs.main.track: goes with rtmp:// and rtmps:// only" },
	{ LIST("\"urls\":[\"a.mp4\"],\"audio_track\":1"),
	  "spec.inputs.main.audio_track: goes with rtmp:// and rtmps:// only" },
	{ LIST(""), "spec.inputs.main.url: missing" },
	{ "{\"inputs\":{\"main\":7}," OUT "}", "spec.inputs.main: object expected" },
	{ "{" IN "," OUT ",\"active\":\"backup\"}", "spec.inputs.backup: missing, and it is the active one" },
	{ "{" IN "," OUT ",\"active\":\"x\"}", "spec.active: 'main' or 'backup' expected" },
	{ "{" IN "," OUT ",\"stop_at\":\"x\"}", "spec.stop_at: number expected" },
	{ "{" IN "," OUT ",\"stall_limit\":0}", "spec.stall_limit: must be from 0.2 to 60" },
	{ "{" IN "," OUT ",\"failback_after\":-1}", "spec.failback_after: must be from 0 to 86400" },
	{ "{" IN "," OUT ",\"failback_after\":true}", "spec.failback_after: number expected" },
	{ "{" IN "," OUT ",\"silence\":1}", "spec.silence: boolean expected" },
	{ "{" IN "," OUT ",\"slate\":true}", "spec.slate: object expected" },
	{ "{" IN "," OUT ",\"slate\":{\"file\":7}}", "spec.slate.file: string expected" },
	{ "{" IN "," OUT ",\"slate\":{\"file\":\"s.flv\"}}",
	  "spec.slate.file: a path from the root expected" },
	{ "{" IN "," OUT ",\"slate\":{\"after\":0}}", "spec.slate.after: must be from 0.5 to 60" },
	{ "{" IN "," OUT ",\"failover\":1}", "spec.failover: boolean expected" },
	{ "{" IN ",\"outputs\":[{\"id\":\"1\",\"url\":\"rtmp://h/a/k\",\"uplink\":\"no\"}]}",
	  "spec.outputs[0].uplink: boolean expected" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_state), cmocka_unit_test(fills_in_what_is_absent_or_null),
		cmocka_unit_test(reads_a_list),        cmocka_unit_test(reads_a_recording),
		cmocka_unit_test(names_what_is_wrong),
	};

	return cmocka_run_group_tests_name("spec_json", tests, NULL, NULL);
}

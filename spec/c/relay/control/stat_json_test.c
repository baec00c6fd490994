/* SPDX-License-Identifier: MIT
 *
 * Snapshots in the form that docs/control-protocol.md gives them: what is known, and null for what is not.
 */
#include "relay/control/stat_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Compares the member of `json`, which is given up; name NULL: all of it. */
static void expect(json_t *json, const char *name, const char *text)
{
	json_t *part = name ? json_object_get(json, name) : json;
	char *seen = json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(seen);
	assert_string_equal(seen, text);
	free(seen);
	json_decref(json);
}

static void tells_of_an_empty_engine(void **state)
{
	struct cme_spec spec;
	struct cme_relay_stat stat = { .spec = &spec, .started_at = 1.5 };

	(void)state;
	cme_spec_init(&spec);
	expect(cme_stat_json(&stat), "project", "\"\"");
	expect(cme_stat_json(&stat), "version", "\"" CME_VERSION "\"");
	expect(cme_stat_json(&stat), "started_at", "1.5");
	expect(cme_stat_json(&stat), "stop_at", "null");
	expect(cme_stat_json(&stat), "active", "\"main\"");
	expect(cme_stat_json(&stat), "inputs", "{\"main\":null,\"backup\":null,\"slate\":null}");
	expect(cme_stat_json(&stat), "outputs", "[]");
	expect(cme_stat_json(&stat), "merge", "null");
	spec.has_stop_at = true;
	spec.stop_at = 7.5;
	spec.revision = 9;
	stat.active = CME_BACKUP;
	expect(cme_stat_json(&stat), "stop_at", "7.5");
	expect(cme_stat_json(&stat), "revision", "9");
	expect(cme_stat_json(&stat), "active", "\"backup\"");
}

static void tells_how_two_inputs_lie_to_each_other(void **state)
{
	struct cme_spec spec;
	struct cme_relay_stat stat = { .spec = &spec,
				       .merge = { .state = CME_MERGED_ALIGNED,
						  .distance_us = -700000,
						  .held_us = 40000,
						  .input = { { 5, 2, 0 }, { 1, 4, 1 } } } };

	(void)state;
	cme_spec_init(&spec);
	expect(cme_stat_json(&stat), "merge",
	       "{\"state\":\"aligned\",\"distance_ms\":-700,\"held_ms\":40,"
	       "\"main\":{\"taken\":5,\"doubled\":2,\"late\":0},"
	       "\"backup\":{\"taken\":1,\"doubled\":4,\"late\":1}}");
	stat.merge = (struct cme_merge_stat){ .state = CME_MERGED_DIFFERENT,
					      .err = { .code = "merge.different", .message = "no" } };
	expect(cme_stat_json(&stat), "merge",
	       "{\"state\":\"different\",\"distance_ms\":null,\"held_ms\":0,"
	       "\"main\":{\"taken\":0,\"doubled\":0,\"late\":0},"
	       "\"backup\":{\"taken\":0,\"doubled\":0,\"late\":0},"
	       "\"error\":{\"code\":\"merge.different\",\"message\":\"no\"}}");
}

/* The main input's entry of `stat`. */
static json_t *input_of(const struct cme_input_stat *input)
{
	struct cme_spec spec;
	struct cme_relay_stat stat = { .spec = &spec, .input = { *input } };
	json_t *json, *part;

	cme_spec_init(&spec);
	json = cme_stat_json(&stat);
	part = json_incref(json_object_get(json_object_get(json, "inputs"), "main"));
	json_decref(json);
	return part;
}

static void tells_of_an_input(void **state)
{
	struct cme_input_stat input = { .present = true, .since = 1.5, .age_us = -1 };

	(void)state;
	expect(input_of(&input), NULL,
	       "{\"state\":\"connecting\",\"since\":1.5,\"opens\":0,\"error\":null,\"fps\":0.0,\"kbps\":0.0,"
	       "\"packets\":0,\"dropped\":0,\"age_ms\":null,\"gop_packets\":0,\"gop_ms\":null,"
	       "\"gop_frames\":0,\"dts_jumps\":0,\"play\":null,\"codecs\":null}");
	input.state = CME_SOURCE_DOWN;
	input.error = (struct cme_error_stat){ { .code = "network.reset", .message = "gone" }, 2.5 };
	input.age_us = 1999;
	input.gop_us = 2000000;
	input.play = (struct cme_play_stat){ true, 1, 2, "http://h/a.mp4", 3500000, 9000000 };
	input.codecs = (struct cme_media_facts){ "h264", 1280, 720, "aac", 48000, 2, 100 };
	expect(input_of(&input), "state", "\"down\"");
	expect(input_of(&input), "error", "{\"code\":\"network.reset\",\"message\":\"gone\",\"at\":2.5}");
	cme_err_set(&input.error.err, "network.timeout", "no media within %d s", 10);
	cme_err_prefix(&input.error.err, "play '%s'", "rtmp://h/a");
	expect(input_of(&input), "error",
	       "{\"code\":\"network.timeout\",\"message\":\"play 'rtmp://h/a': no media within 10 "
	       "s\",\"at\":2.5,"
	       "\"parts\":{\"Code\":\"engine:no media within %d s\",\"Values\":[\"10\"],\"Within\":"
	       "[{\"Code\":\"engine:play '%s'\",\"Values\":[\"rtmp://h/a\"]}]}}");
	expect(input_of(&input), "age_ms", "1");
	expect(input_of(&input), "gop_ms", "2000");
	expect(input_of(&input), "play",
	       "{\"index\":1,\"url\":\"http://h/a.mp4\",\"offset_s\":3.5,\"round\":2,\"played_s\":9.0}");
	expect(input_of(&input), "codecs",
	       "{\"video\":\"h264\",\"width\":1280,\"height\":720,\"audio\":\"aac\",\"sample_rate\":48000,"
	       "\"channels\":2}");
	input.codecs.video = NULL;
	expect(input_of(&input), "codecs", "{\"audio\":\"aac\",\"sample_rate\":48000,\"channels\":2}");
}

static json_t *output_of(struct cme_output_stat *output)
{
	struct cme_spec spec;
	struct cme_relay_stat stat = { .spec = &spec, .output = output, .outputs = 1 };
	json_t *json, *part;

	cme_spec_init(&spec);
	json = cme_stat_json(&stat);
	part = json_incref(json_array_get(json_object_get(json, "outputs"), 0));
	json_decref(json);
	return part;
}

static void tells_of_an_output(void **state)
{
	struct cme_output_stat output = { .id = "1",
					  .name = "a",
					  .since = 1.5,
					  .unsent_bytes = -1,
					  .delay_p50_us = -1,
					  .delay_p99_us = -1,
					  .waits_for = { .code = "state.waiting",
							 .message = "the main input" } };

	(void)state;
	expect(output_of(&output), NULL,
	       "{\"id\":\"1\",\"name\":\"a\",\"state\":\"waiting\",\"since\":1.5,\"connects\":0,\"error\":"
	       "null,"
	       "\"bytes\":0,\"packets\":0,\"kbps\":0.0,\"fps\":0.0,\"unsent_bytes\":null,"
	       "\"write_age_ms\":null,\"last_dts_ms\":null,\"delay_p50_ms\":null,\"delay_p99_ms\":null,"
	       "\"dropped\":0,\"overflows\":0,\"queue_packets\":0,\"queue_bytes\":0,\"queue_ms\":0,"
	       "\"queue_high_bytes\":0,\"queue_high_ms\":0,\"waits_for\":\"the main input\"}");
	output.state = CME_OUTPUT_LIVE;
	output.waits_for.code[0] = '\0';
	output.wrote = true;
	output.unsent_bytes = 0;
	output.write_age_us = 12000;
	output.last_dts_us = 34000;
	output.delay_p50_us = 1500;
	output.queue.span_us = 40000;
	expect(output_of(&output), "state", "\"live\"");
	expect(output_of(&output), "waits_for", "null");
	expect(output_of(&output), "unsent_bytes", "0");
	expect(output_of(&output), "write_age_ms", "12");
	expect(output_of(&output), "last_dts_ms", "34");
	expect(output_of(&output), "delay_p50_ms", "1.5");
	expect(output_of(&output), "queue_ms", "40");
}

static void names_the_parts_that_are_stuck(void **state)
{
	struct cme_alive alive = { .stuck = { { "input", "backup", false }, { "output", "7", true } } };

	(void)state;
	expect(cme_alive_json(&alive), NULL, "{\"stuck\":[]}");
	alive.count = 2;
	expect(cme_alive_json(&alive), NULL,
	       "{\"stuck\":[{\"part\":\"input 'backup'\",\"on_air\":false},"
	       "{\"part\":\"output '7'\",\"on_air\":true}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_an_empty_engine),
		cmocka_unit_test(tells_how_two_inputs_lie_to_each_other),
		cmocka_unit_test(tells_of_an_input),
		cmocka_unit_test(tells_of_an_output),
		cmocka_unit_test(names_the_parts_that_are_stuck),
	};

	return cmocka_run_group_tests_name("stat_json", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Every kind of event in the form that docs/control-protocol.md gives it.
 */
#include "relay/control/event_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	struct cme_event event;
	const char *text;
} rows[] = {
	{ { .kind = CME_EVENT_INPUT,
	    .time = 1.5,
	    .input = { .endpoint = CME_BACKUP, .state = CME_SOURCE_LIVE } },
	  "{\"event\":\"input\",\"endpoint\":\"backup\",\"state\":\"live\",\"code\":null,\"reason\":null,"
	  "\"time\":1.5}" },
	{ { .kind = CME_EVENT_INPUT,
	    .time = 1.5,
	    .err = { .code = "source.stalled", .message = "no packets for 2 s" },
	    .input = { .endpoint = CME_MAIN, .state = CME_SOURCE_STALLED } },
	  "{\"event\":\"input\",\"endpoint\":\"main\",\"state\":\"stalled\",\"code\":\"source.stalled\","
	  "\"reason\":\"no packets for 2 s\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_OUTPUT, .time = 1.5, .output = { .id = "7", .state = CME_OUTPUT_CONNECTING } },
	  "{\"event\":\"output\",\"output_id\":\"7\",\"state\":\"connecting\",\"code\":null,\"reason\":null,"
	  "\"time\":1.5}" },
	{ { .kind = CME_EVENT_OUTPUT,
	    .time = 1.5,
	    .err = { .code = "publish.refused", .message = "no" },
	    .output = { .id = "7", .state = CME_OUTPUT_REFUSED } },
	  "{\"event\":\"output\",\"output_id\":\"7\",\"state\":\"refused\",\"code\":\"publish.refused\","
	  "\"reason\":\"no\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_SWITCHED,
	    .time = 1.5,
	    .switched = { .from = CME_MAIN, .to = CME_BACKUP, .reason = "failover", .gap_ms = 2010 } },
	  "{\"event\":\"switched\",\"from\":\"main\",\"to\":\"backup\",\"reason\":\"failover\",\"gap_ms\":"
	  "2010,"
	  "\"time\":1.5}" },
	{ { .kind = CME_EVENT_MERGE,
	    .time = 1.5,
	    .merge = { .state = CME_MERGED_ALIGNED, .distance_us = -700000 } },
	  "{\"event\":\"merge\",\"state\":\"aligned\",\"distance_ms\":-700,\"code\":null,"
	  "\"reason\":null,\"time\":1.5}" },
	{ { .kind = CME_EVENT_UPLINK,
	    .time = 1.5,
	    .err = { .code = "uplink.full", .message = "full" },
	    .uplink = { .full = true, .kbps = 900.5 } },
	  "{\"event\":\"uplink\",\"full\":true,\"kbps\":900.5,\"code\":\"uplink.full\",\"reason\":"
	  "\"full\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_SWITCH_FAILED,
	    .time = 1.5,
	    .err = { .code = "switch.no_keyframe", .message = "none" },
	    .failed_to = CME_BACKUP },
	  "{\"event\":\"switch_failed\",\"to\":\"backup\",\"code\":\"switch.no_keyframe\",\"reason\":"
	  "\"none\","
	  "\"time\":1.5}" },
	{ { .kind = CME_EVENT_SLATE, .time = 1.5, .slate = { .on = true, .gap_ms = 3001 } },
	  "{\"event\":\"slate\",\"on\":true,\"gap_ms\":3001,\"time\":1.5}" },
	{ { .kind = CME_EVENT_PROGRAMME,
	    .time = 1.5,
	    .programme = { { "h264", 1280, 720, "aac", 48000, 2, 100 }, 29.97 } },
	  "{\"video\":\"h264\",\"width\":1280,\"height\":720,\"audio\":\"aac\",\"sample_rate\":48000,"
	  "\"channels\":2,\"profile\":100,\"fps\":29.969999999999999,\"event\":\"programme\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_RECORDING, .time = 1.5, .recorded = { .id = "rec", .file = "x.mp4" } },
	  "{\"event\":\"recording\",\"output_id\":\"rec\",\"file\":\"x.mp4\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_RECORDED,
	    .time = 1.5,
	    .recorded = { .id = "rec", .file = "x.mp4", .bytes = 7, .seconds = 2.5, .started_at = 3 } },
	  "{\"event\":\"recorded\",\"output_id\":\"rec\",\"file\":\"x.mp4\",\"interrupted\":false,"
	  "\"bytes\":7,\"seconds\":2.5,\"started_at\":3.0,\"time\":1.5}" },
	{ { .kind = CME_EVENT_RECORDED,
	    .time = 1.5,
	    .recorded = { .id = "rec", .file = "x.mp4", .interrupted = true } },
	  "{\"event\":\"recorded\",\"output_id\":\"rec\",\"file\":\"x.mp4\",\"interrupted\":true,"
	  "\"bytes\":null,\"seconds\":null,\"started_at\":null,\"time\":1.5}" },
	{ { .kind = CME_EVENT_STOPPED, .time = 1.5, .stop_reason = "stop_at" },
	  "{\"event\":\"stopped\",\"reason\":\"stop_at\",\"time\":1.5}" },
	{ { .kind = CME_EVENT_LOST, .time = 1.5, .lost = 3 },
	  "{\"event\":\"lost\",\"count\":3,\"time\":1.5}" },
};

static void gives_each_kind_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *json = cme_event_json(&rows[i].event);
		char *text = json_dumps(json, JSON_COMPACT);

		assert_non_null(text);
		assert_string_equal(text, rows[i].text);
		free(text);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_kind_its_form),
	};

	return cmocka_run_group_tests_name("event_json", tests, NULL, NULL);
}

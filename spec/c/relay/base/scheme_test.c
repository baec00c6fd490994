/* SPDX-License-Identifier: MIT
 *
 * Which URLs are taken, as source and as destination.
 */
#include "relay/base/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *url;
	bool input;
	const char *container;
} rows[] = {
	{ "rtmp://h/a/k", true, "flv" },    { "RTMP://h/a/k", true, "flv" },
	{ "rtmps://h/a/k", true, "flv" },   { "srt://h:9", true, "mpegts" },
	{ "udp://h:9", true, "mpegts" },    { "http://h/x.flv", true, NULL },
	{ "https://h/x.m3u8", true, NULL }, { "/var/show.flv", true, NULL },
	{ "show.flv", true, NULL },         { "/a:b.flv", true, NULL },
	{ "rtsp://h/cam", true, NULL },     { "rtp://h:9", true, NULL },
	{ "file:///a.ts", true, NULL },     { "unix:/run/cme/x.flv", true, NULL },
	{ "unix:x.flv", false, NULL },      { "unix:/", false, NULL },
	{ "rtmp://", false, NULL },         { "", false, NULL },
	{ "pipe:0", false, NULL },          { "concat:a|b", false, NULL },
	{ "data:x", false, NULL },          { "gopher://h", false, NULL },
	{ "file:x", false, NULL },          { "subfile,,start,0:x", false, NULL },
};

static void takes_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct cme_scheme *scheme = cme_scheme_find(rows[i].url);

		assert_int_equal(scheme && scheme->source, rows[i].input);
		assert_int_equal(scheme && scheme->output, rows[i].container != NULL);
		if (rows[i].container)
			assert_string_equal(scheme->container, rows[i].container);
		else
			assert_true(!scheme || !scheme->container);
	}
}

static const struct {
	const char *url;
	bool input;
	const char *fault;
} faults[] = {
	{ "rtmp://h/a/k", true, NULL },
	{ "show.flv", true, NULL },
	{ "file:///a.ts", true, NULL },
	{ "srt://h:9000?mode=listener", true,
	  "mode=listener waits for any caller (give the address of an SRT sender)" },
	{ "srt://:9000?mode=listener", false, "option 'mode' in the URL: one of caller expected" },
	{ "srt://h:9000?latency=1&mode=rendezvous", false,
	  "option 'mode' in the URL: one of caller expected" },
	{ "srt://h:9000?mode=caller", false, NULL },
	{ "srt://:9000", false, "no host in the URL" },
	{ "srt://h?latency=200000", true, "no port in the URL" },
	{ "srt://h:", false, "no port in the URL" },
	{ "udp://h", false, "no port in the URL" },
	{ "rtp://[::1]/", true, "no port in the URL" },
	{ "rtp://[::1]:9/", true, NULL },
	{ "udp://h:9x", false, "no port in the URL" },
	{ "rtsp://h/cam", true, NULL },
	{ "udp://239.1.1.1:9", false, NULL },
	{ "rtmp://", true, "no host in the URL" },
	{ "RTMPS:///a/k", false, "no host in the URL" },
	{ "http:///a.flv", true, "no host in the URL" },
	{ "", true,
	  "rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "tcp://h:9", true,
	  "rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "file:///", true,
	  "rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected" },
	{ "http://h/x.flv", false, "rtmp://, rtmps://, srt:// or udp:// expected" },
};

static void says_what_is_wrong_with_a_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		const char *fault = cme_scheme_fault(faults[i].url, faults[i].input);

		assert_int_equal(fault != NULL, faults[i].fault != NULL);
		if (fault)
			assert_string_equal(fault, faults[i].fault);
	}
}

static const struct {
	const char *url;
	const char *fault;
} entries[] = {
	{ "show.mp4", NULL },
	{ "file:///a.ts", NULL },
	{ "https://h/a.m3u8", NULL },
	{ "http://", "no host in the URL" },
	{ "rtmp://h/a/k", "http://, https:// or a file expected" },
	{ "srt://h:9", "http://, https:// or a file expected" },
	{ "pipe:0", "http://, https:// or a file expected" },
};

static void an_entry_of_a_list_has_an_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		const char *fault = cme_scheme_file_fault(entries[i].url);

		assert_int_equal(fault != NULL, entries[i].fault != NULL);
		if (fault)
			assert_string_equal(fault, entries[i].fault);
	}
}

static void a_socket_is_live_and_has_no_host(void **state)
{
	static const char *const others[] = { "rtmp://h/live/key", "srt://h:9", "udp://h:9", "http://h/x",
					      "flv:/x.flv",        "/x.flv",    "x.flv" };

	(void)state;
	assert_true(cme_scheme_is_socket("unix:/run/edge/p.flv"));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(cme_scheme_is_socket(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_the_table_says),
		cmocka_unit_test(says_what_is_wrong_with_a_url),
		cmocka_unit_test(an_entry_of_a_list_has_an_end),
		cmocka_unit_test(a_socket_is_live_and_has_no_host),
	};

	return cmocka_run_group_tests_name("scheme", tests, NULL, NULL);
}

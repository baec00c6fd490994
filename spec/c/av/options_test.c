/* SPDX-License-Identifier: MIT
 *
 * The options of sources' URLs: what goes to libavformat, what stays in the URL, and what is refused.
 */
#include "av/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *url;
	const char *bare;    /* NULL: refused */
	const char *options; /* "name=value:..."; of a refusal the message */
} rows[] = {
	{ "srt://h:9", "srt://h:9", "" },
	{ "srt://h:9?", "srt://h:9?", "" },
	{ "SRT://h:9?latency=200000&passphrase=a%26b%20c%2Bd%25ef0&streamid=%23!::r=live/a,m=publish",
	  "SRT://h:9", "latency=200000|passphrase=a&b c+d%ef0|streamid=#!::r=live/a,m=publish" },
	{ "srt://h:9?mode=caller&&pbkeylen=32", "srt://h:9?", "mode=caller|pbkeylen=32" },
	{ "srt://h:9?mode=caller&mode=listener", NULL, "option 'mode': one of caller expected" },
	{ "srt://h:9?latency=200", NULL, "option 'latency': 10000 to 60000000 microseconds expected" },
	{ "srt://h:9?latency=-1", NULL, "option 'latency': 10000 to 60000000 microseconds expected" },
	{ "srt://h:9?latency=99999999999999999999", NULL,
	  "option 'latency': 10000 to 60000000 microseconds expected" },
	{ "srt://h:9?connect_timeout=10000", NULL,
	  "option 'connect_timeout': 100 to 9000 milliseconds expected" },
	{ "srt://h:9?pkt_size=1500", NULL, "option 'pkt_size': 188 to 1456 bytes expected" },
	{ "srt://h:9?passphrase=%41hush", NULL, "option 'passphrase': 10 to 79 characters expected" },
	{ "srt://h:9?hushhush", NULL, "its query has a part that is no option (name=value)" },
	{ "srt://h:9?HUSH=1", NULL, "its query has a part that is no option (name=value)" },
	{ "srt://h:9?xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=1", NULL,
	  "its query has a part that is no option (name=value)" },
	{ "rtsp://u:p@h/cam?channel=1&rtsp_transport=udp&subtype=0", "rtsp://u:p@h/cam?channel=1&subtype=0",
	  "rtsp_transport=udp" },
	{ "rtsp://h/cam?rtsp_transport=tcp", "rtsp://h/cam", "rtsp_transport=tcp" },
	{ "rtsp://h/cam?tcp&x", "rtsp://h/cam?tcp&x", "" },
	{ "rtsp://h/cam?rtsp_transport=http", NULL,
	  "option 'rtsp_transport': one of tcp,udp,udp_multicast expected" },
	{ "rtsp://h/cam?rtsp_transport=tcp,udp", NULL,
	  "option 'rtsp_transport': one of tcp,udp,udp_multicast expected" },
	{ "rtsp://h/cam?x=1&rtsp_flags=listen", NULL,
	  "option 'rtsp_flags': unknown (rtsp takes rtsp_transport)" },
	{ "udp://239.1.1.1:5000?localaddr=10.0.0.1&sources=10.0.0.2,10.0.0.3",
	  "udp://239.1.1.1:5000?localaddr=10.0.0.1&sources=10.0.0.2,10.0.0.3", "" },
	{ "udp://h:9?localaddr=%31", NULL, "option 'localaddr': IP addresses expected" },
	{ "udp://h:9?fifo_size=1", NULL,
	  "option 'fifo_size': unknown (udp takes localaddr, sources, buffer_size)" },
	{ "rtp://h:9?localport=1", NULL, "option 'localport': unknown (rtp takes localaddr, sources)" },
	{ "http://h/x?latency=1&rtsp_flags=listen", "http://h/x?latency=1&rtsp_flags=listen", "" },
	{ "/a?b&c", "/a?b&c", "" },
};

/* Each as it is: av_dict_get_string would escape. */
static void expect_options(const char *url, const char *expected, const AVDictionary *options)
{
	const AVDictionaryEntry *entry = NULL;
	char got[1024] = "";
	size_t n = 0;

	while ((entry = av_dict_get(options, "", entry, AV_DICT_IGNORE_SUFFIX)))
		n += (size_t)snprintf(got + n, sizeof got - n, "%s%s=%s", n ? "|" : "", entry->key,
				      entry->value);
	if (strcmp(expected, got) != 0)
		fail_msg("%s: %s", url, got);
}

static void takes_what_is_listed_and_refuses_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AVDictionary *options = NULL;
		struct cme_err err = { 0 };
		char *bare = cme_options_take(rows[i].url, &options, &err);

		if (rows[i].bare) {
			assert_non_null(bare);
			assert_string_equal(bare, rows[i].bare);
			expect_options(rows[i].url, rows[i].options, options);
		} else {
			assert_null(bare);
			assert_string_equal(err.code, "invalid.url");
			assert_string_equal(err.message, rows[i].options);
		}
		free(bare);
		av_dict_free(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(takes_what_is_listed_and_refuses_the_rest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

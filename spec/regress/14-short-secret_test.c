/* SPDX-License-Identifier: MIT
 *
 * SRT's passphrase and stream id reach libavformat as they were meant, and a secret of a letter is not
 * taken out of every word of a message.
 */
#include "av/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "av/avlog.h"

static const struct {
	const char *url, *passphrase, *streamid;
} urls[] = {
	{ "srt://h:9?passphrase=a%26b%20c%2Bd%25ef&latency=20000", "a&b c+d%ef", NULL },
	{ "srt://h:9?mode=caller&passphrase=secret+phrase", "secret+phrase", NULL },
	{ "srt://h:9?streamid=%23!::r=live/a,m=publish&passphrase=0123456789", "0123456789",
	  "#!::r=live/a,m=publish" },
	{ "SRT://h:9?passphrase=first-of-two&passphrase=second-of-two", "first-of-two", NULL },
	{ "srt://h:9?passphrase=100%25%zz%0x&streamid=%zz", "100%%zz%0x", "%zz" },
	{ "srt://h:9", NULL, NULL },
};

static void expect_option(const AVDictionary *options, const char *name, const char *value)
{
	const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);

	if (value) {
		assert_non_null(entry);
		assert_string_equal(entry->value, value);
	} else {
		assert_null(entry);
	}
}

static void srt_texts_are_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		AVDictionary *options = NULL;
		struct cme_err err;
		char *opened = cme_options_take(urls[i].url, &options, &err);

		assert_non_null(opened);
		assert_null(strchr(opened, '?'));
		expect_option(options, "passphrase", urls[i].passphrase);
		expect_option(options, "streamid", urls[i].streamid);
		av_dict_free(&options);
		free(opened);
	}
}

static const struct {
	const char *url, *text, *shown;
} texts[] = {
	{ "srt://h:9?passphrase=e", "Connection refused by the peer", "Connection refused by the peer" },
	{ "rtmp://h/live/a", "cannot read a packet at all", "cannot read a packet at all" },
	{ "rtmp://h/live/a", "open rtmp://h/live/a: failed", "open rtmp://h/live/***: failed" },
	{ "srt://h:9?passphrase=a%20secret", "no match for 'a secret' or a%20secret",
	  "no match for '***' or ***" },
};

static void short_secrets_leave_words_alone(void **state)
{
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		cme_avlog_scrub(texts[i].url, texts[i].text, out, sizeof out);
		assert_string_equal(out, texts[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(srt_texts_are_decoded),
		cmocka_unit_test(short_secrets_leave_words_alone),
	};

	return cmocka_run_group_tests_name("14-short-secret", tests, NULL, NULL);
}

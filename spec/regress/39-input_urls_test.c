/* SPDX-License-Identifier: MIT
 *
 * "srt://:9000?mode=listener" as an input put whoever called first on the air, and each scheme could open the
 * protocols of all others.
 */
#include "pull/kind.h"
#include "relay/base/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LISTENER "mode=listener waits for any caller (give the address of an SRT sender)"
#define CALLER   "option 'mode' in the URL: one of caller expected"

static const struct {
	const char *url;
	bool input;
	const char *fault;
} rows[] = {
	{ "srt://h:9000", true, NULL },
	{ "srt://h:9000?mode=caller&latency=200000", true, NULL },
	{ "srt://h:9000?xmode=listener", true, NULL },
	{ "srt://:9000?mode=listener", true, LISTENER },
	{ "SRT://0.0.0.0:9000?latency=1&mode=listener", true, LISTENER },
	{ "srt://h:9000?mode=rendezvous", true, LISTENER },
	{ "srt://h:9000?mode=", true, LISTENER },
	{ "srt://h:9000?mode=caller&mode=listener", true, LISTENER },
	{ "srt://:9000", true, "no host in the URL" },
	{ "srt://?mode=caller", true, "no host in the URL" },
	{ "srt://:9000?mode=listener", false, CALLER },
	{ "http://h/x?mode=listener", true, NULL },
};

static void no_input_waits_for_a_caller(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *fault = cme_scheme_fault(rows[i].url, rows[i].input);

		if (rows[i].fault)
			assert_string_equal(fault ? fault : rows[i].url, rows[i].fault);
		else
			assert_null(fault);
	}
}

static bool lists(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (; names; names = strchr(names, ',') ? strchr(names, ',') + 1 : NULL)
		if (strncmp(names, name, len) == 0 && (names[len] == ',' || names[len] == '\0'))
			return true;
	return false;
}

static const struct {
	const char *url;
	const char *own; /* a protocol it needs */
	const char *playlist;
} schemes[] = {
	{ "srt://h:9", "srt", NULL }, { "http://h/x", "http", "hls" }, { "https://h/x", "https", "hls" },
	{ "/x.mp4", "file", NULL },   { "file:///x", "file", NULL },
};

static void a_source_opens_nothing_but_what_its_scheme_needs(void **state)
{
	static const char *const local[] = { "file", "unix", "pipe", "concat", "subfile", "udp", "srt" };

	(void)state;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		const struct cme_kind *scheme = cme_kind_find(schemes[i].url);

		assert_true(lists(scheme->protocols, schemes[i].own));
		assert_int_equal(lists(scheme->formats, "hls"), schemes[i].playlist != NULL);
		assert_false(lists(scheme->formats, "concat"));
		assert_false(lists(scheme->formats, "png_pipe"));
		for (size_t k = 0; k < sizeof local / sizeof local[0]; k++)
			assert_true(!lists(scheme->protocols, local[k]) ||
				    strcmp(local[k], schemes[i].own) == 0);
	}
}

static void what_the_engine_reads_itself_opens_nothing_by_libavformat(void **state)
{
	(void)state;
	assert_null(cme_kind_find("rtmp://h/a/k"));
	assert_null(cme_kind_find("unix:/x"));
	assert_false(lists(cme_kind_find("http://h/x")->formats, "flv"));
}

static void tls_is_not_left_by_a_redirect(void **state)
{
	const struct cme_kind *http = cme_kind_find("http://h/x"), *https = cme_kind_find("https://h/x");

	(void)state;
	assert_true(cme_kind_allows(http, "https://h/x") && cme_kind_allows(http, "http://h/x"));
	assert_true(cme_kind_allows(https, "https://h/x"));
	assert_false(cme_kind_allows(https, "HTTP://h/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_input_waits_for_a_caller),
		cmocka_unit_test(a_source_opens_nothing_but_what_its_scheme_needs),
		cmocka_unit_test(what_the_engine_reads_itself_opens_nothing_by_libavformat),
		cmocka_unit_test(tls_is_not_left_by_a_redirect),
	};

	return cmocka_run_group_tests_name("39-input_urls", tests, NULL, NULL);
}

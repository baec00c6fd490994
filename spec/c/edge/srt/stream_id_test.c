/* SPDX-License-Identifier: MIT */
#include "edge/srt/stream_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *id;
	enum cme_stream_id_verdict verdict;
	const char *key;
} cases[] = {
	{ "cme-5b1d", CME_STREAM_ID_GOOD, "cme-5b1d" },
	{ "a?txSecret=1&txTime=2", CME_STREAM_ID_GOOD, "a?txSecret=1&txTime=2" },
	{ "#!::r=a,m=publish", CME_STREAM_ID_GOOD, "a" },
	{ "#!::m=publish,u=me,h=host,r=a?x=1&y=2", CME_STREAM_ID_GOOD, "a?x=1&y=2" },
	{ "#!::m=publish,r=a,", CME_STREAM_ID_GOOD, "a" },
	{ "#!::r=a", CME_STREAM_ID_PLAY, NULL },
	{ "#!::r=a,m=request", CME_STREAM_ID_PLAY, NULL },
	{ "#!::r=a,m=bidirectional", CME_STREAM_ID_PLAY, NULL },
	{ "", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::m=publish", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::r=,m=publish", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::r=a,r=b,m=publish", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::r=a,m=publish,m=request", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::r=a,publish", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!::,r=a,m=publish", CME_STREAM_ID_MALFORMED, NULL },
	{ "#!:{r=a,m=publish}", CME_STREAM_ID_MALFORMED, NULL },
};

static void finds_the_key_of_who_publishes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *key;
		size_t len;

		assert_int_equal(cme_stream_id_key(cases[i].id, &key, &len), cases[i].verdict);
		if (!cases[i].key)
			continue;
		assert_int_equal(len, strlen(cases[i].key));
		assert_memory_equal(key, cases[i].key, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_the_key_of_who_publishes) };

	return cmocka_run_group_tests_name("stream id", tests, NULL, NULL);
}

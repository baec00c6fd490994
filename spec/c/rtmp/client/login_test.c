/* SPDX-License-Identifier: MIT
 *
 * The responses were computed with Python's hashlib.
 */
#include "rtmp/client/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NONCE    0x01020304
#define REJECTED "[ AccessManager.Reject ] : [ "
#define ASK      REJECTED "code=403 need auth; authmod="

static const struct {
	const char *url;
	const char *words[3];   /* of the refusals, one after the other */
	const char *queries[3]; /* NULL: no further attempt */
} rows[] = {
	{ "rtmp://user1:pass%20word@h/live/key",
	  { ASK "adobe ] : ",
	    REJECTED
	    "authmod=adobe ] : ?reason=needauth&user=user1&salt=c2FsdA==&challenge=Y2hhbA==&opaque=b3BhcXVl",
	    REJECTED "authmod=adobe ] : ?reason=authfailed&opaque=b3BhcXVl" },
	  { "?authmod=adobe&user=user1",
	    "?authmod=adobe&user=user1&challenge=01020304&response=tuTFBoB7shpCZ5hi9K4TuA==&opaque=b3BhcXVl",
	    NULL } },
	{ "rtmp://user1:pass%20word@h/live?x=1/key",
	  { ASK "adobe ] : ",
	    REJECTED "authmod=adobe ] : ?reason=needauth&user=user1&salt=c2FsdA==&challenge=Y2hhbA==", "" },
	  { "&authmod=adobe&user=user1",
	    "&authmod=adobe&user=user1&challenge=01020304&response=PgzLOPLamn3v2y7X773YLQ==", NULL } },
	{ "rtmp://user1:pass%20word@h/live/key",
	  { ASK "llnw ] : ", REJECTED "authmod=llnw ] : ?reason=needauth&user=user1&nonce=N0nce", "" },
	  { "?authmod=llnw&user=user1",
	    "?authmod=llnw&user=user1&nonce=N0nce&cnonce=01020304&nc=00000001&response="
	    "64ca247172abdce38d9f9d7ab34923a6",
	    NULL } },
	{ "rtmp://user1:pass%20word@h/live/inst/key",
	  { ASK "llnw ] : ", REJECTED "authmod=llnw ] : ?reason=needauth&user=user1&nonce=N0nce", "" },
	  { "?authmod=llnw&user=user1",
	    "?authmod=llnw&user=user1&nonce=N0nce&cnonce=01020304&nc=00000001&response="
	    "72c59df0be095234a648fc2337f93c14",
	    NULL } },
	{ "rtmp://h/live/key", { ASK "adobe ] : ", "", "" }, { NULL, NULL, NULL } },
	{ "rtmp://user1:p@h/live/key", { "no such app", "", "" }, { NULL, NULL, NULL } },
	{ "rtmp://user1:p@h/live/key", { ASK "other ] : ", "", "" }, { NULL, NULL, NULL } },
	{ "rtmp://user1:p@h/live/key",
	  { ASK "adobe ] : ", ASK "adobe ] : ", ASK "adobe ] : " }, /* over and over */
	  { "?authmod=adobe&user=user1", "?authmod=adobe&user=user1", NULL } },
};

static void answers_what_the_server_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_login login = { 0 };
		struct cme_rtmp_url url;
		struct cme_err err;

		assert_int_equal(cme_rtmp_url_parse(&url, rows[i].url, &err), 0);
		for (size_t n = 0; n < 3; n++) {
			bool again = cme_login_answer(&login, &url, rows[i].words[n], NONCE);

			assert_int_equal(again, rows[i].queries[n] != NULL);
			if (!again)
				break;
			assert_string_equal(login.query, rows[i].queries[n]);
		}
	}
}

static void words_of_any_length_fit(void **state)
{
	static char words[4096] = ASK "adobe ?reason=needauth&salt=";
	struct cme_login login = { 0 };
	struct cme_rtmp_url url;
	struct cme_err err;

	(void)state;
	memset(words + strlen(words), 'x', sizeof words - strlen(words) - 1);
	assert_int_equal(cme_rtmp_url_parse(&url, "rtmp://user1:p@h/live/key", &err), 0);
	assert_true(cme_login_answer(&login, &url, words, NONCE)); /* as if there were no salt */
	assert_true(strlen(login.query) < 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_what_the_server_asks),
		cmocka_unit_test(words_of_any_length_fit),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}

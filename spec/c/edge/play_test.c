/* SPDX-License-Identifier: MIT */
#include "edge/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "hush-secret"
#define NAME   "cmepid_1-main"

/* printf 'play cmepid_1-main 7FFFFFFF' | openssl dgst -sha256 -hmac hush-secret */
#define GOOD    "7FFFFFFF-1220cb05cb693de29b0f27fa05d1a334"
#define EXPIRED "00000001-f85168bc0db1910a8438ce754fb1ca98"

static enum cme_play_verdict verdict_of(const char *text, const char *query)
{
	struct cme_play play;

	assert_true(cme_play_read(text, strlen(text), query, &play));
	return cme_play_check(&play, SECRET, 1763848800);
}

static void a_token_is_good_for_one_name_and_time(void **state)
{
	static const struct {
		const char *text;
		const char *query;
		enum cme_play_verdict verdict;
	} asked[] = {
		{ NAME "?token=" GOOD, "", CME_PLAY_GOOD },
		{ NAME "?a=b&token=" GOOD "&c", "", CME_PLAY_GOOD },
		{ NAME, "token=" GOOD, CME_PLAY_GOOD },
		{ NAME "?token=" EXPIRED, "", CME_PLAY_EXPIRED },
		{ "cmepid_1-backup?token=" GOOD, "", CME_PLAY_WRONG },
		{ NAME "?token=80000000" /* another time */ "-1220cb05cb693de29b0f27fa05d1a334", "",
		  CME_PLAY_WRONG },
		{ NAME "?token=" GOOD "0", "", CME_PLAY_WRONG },
		{ NAME "?token=7FFFFFFF", "", CME_PLAY_WRONG },
		{ NAME "?token=", "", CME_PLAY_WRONG },
		{ NAME "?", "", CME_PLAY_WRONG },
		{ NAME, "", CME_PLAY_WRONG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		assert_int_equal(verdict_of(asked[i].text, asked[i].query), asked[i].verdict);
}

static void without_a_secret_nothing_is_good(void **state)
{
	struct cme_play play;

	(void)state;
	assert_true(cme_play_read(NAME "?token=" GOOD, strlen(NAME "?token=" GOOD), "", &play));
	assert_int_equal(cme_play_check(&play, "", 0), CME_PLAY_WRONG);
	assert_int_equal(cme_play_check(&play, SECRET, 0), CME_PLAY_GOOD);
}

static void a_name_is_bounded(void **state)
{
	char text[CME_KEY_PLAY_MAX + 1];
	struct cme_play play;

	(void)state;
	memset(text, 'n', sizeof text);
	assert_false(cme_play_read(text, CME_KEY_PLAY_MAX, "", &play));
	assert_true(cme_play_read(text, CME_KEY_PLAY_MAX - 1, "", &play));
	assert_false(cme_play_read("", 0, "", &play));
	assert_false(cme_play_read("?token=" GOOD, strlen("?token=" GOOD), "", &play));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_good_for_one_name_and_time),
		cmocka_unit_test(without_a_secret_nothing_is_good),
		cmocka_unit_test(a_name_is_bounded),
	};

	return cmocka_run_group_tests_name("play", tests, NULL, NULL);
}

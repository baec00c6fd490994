/* SPDX-License-Identifier: MIT */
#include "common/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void prefixes_keep_the_code_and_the_fact(void **state)
{
	struct cme_err err = { .code = "" };

	(void)state;
	assert_int_equal(cme_err_set(&err, "network.timeout", "no answer in %d s", 5), -1);
	assert_int_equal(cme_err_prefix(&err, "output '%s'", "live1"), -1);
	assert_string_equal(err.code, "network.timeout");
	assert_string_equal(err.message, "output 'live1': no answer in 5 s");
}

static void long_texts_are_cut(void **state)
{
	char text[2 * CME_ERR_MESSAGE_MAX];
	struct cme_err err;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	cme_err_set(&err, text, "%s", text);
	assert_int_equal(strlen(err.code), CME_ERR_CODE_MAX - 1);
	assert_int_equal(strlen(err.message), CME_ERR_MESSAGE_MAX - 1);
	cme_err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.message), CME_ERR_MESSAGE_MAX - 1);
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(cme_err_set(NULL, "a.b", "x"), -1);
	assert_int_equal(cme_err_prefix(NULL, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_keep_the_code_and_the_fact),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}

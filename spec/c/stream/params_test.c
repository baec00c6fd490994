/* SPDX-License-Identifier: MIT
 *
 * Parameters are their owner's: copies share nothing.
 */
#include "stream/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_copy_shares_nothing(void **state)
{
	struct cme_params *first = cme_params_new(CME_CODEC_AAC), *copy;

	(void)state;
	first->channels = 2;
	assert_int_equal(cme_params_configure(first, (const uint8_t *)"\x11\x90", 2), 0);
	copy = cme_params_copy(first);
	assert_int_equal(copy->codec, CME_CODEC_AAC);
	assert_int_equal(copy->channels, 2);
	assert_ptr_not_equal(copy->extradata, first->extradata);
	cme_params_free(&first);
	assert_null(first);
	assert_int_equal(copy->extradata_len, 2);
	assert_memory_equal(copy->extradata, "\x11\x90", 2);
	cme_params_free(&copy);
	cme_params_free(&copy);
}

static void a_configuration_replaces_the_one_before(void **state)
{
	struct cme_params *params = cme_params_new(CME_CODEC_H264);

	(void)state;
	assert_null(params->extradata);
	assert_int_equal(cme_params_configure(params, (const uint8_t *)"first", 5), 0);
	assert_int_equal(cme_params_configure(params, (const uint8_t *)"2nd", 3), 0);
	assert_memory_equal(params->extradata, "2nd", 3);
	assert_int_equal(cme_params_configure(params, NULL, 0), 0);
	assert_null(params->extradata);
	assert_int_equal(params->extradata_len, 0);
	cme_params_free(&params);
}

static void a_codec_is_named(void **state)
{
	struct cme_params params = { .codec = CME_CODEC_MPEG2 };

	(void)state;
	assert_string_equal(cme_params_name(&params), "mpeg2video");
	params.codec = CME_CODEC_OTHER;
	assert_string_equal(cme_params_name(&params), "other");
	params.other = "theora";
	assert_string_equal(cme_params_name(&params), "theora");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_shares_nothing),
		cmocka_unit_test(a_configuration_replaces_the_one_before),
		cmocka_unit_test(a_codec_is_named),
	};

	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}

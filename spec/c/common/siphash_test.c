/* SPDX-License-Identifier: MIT */
#include "common/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The key is 00 01 .. 0f, the input 00 01 ..; the paper's appendix A has the one of 15 bytes. */
static void agrees_with_its_authors(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} cases[] = {
		{ 0, 0x726fdb47dd0e0e31 },
		{ 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 },
	};
	const struct cme_siphash_secret secret = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	uint8_t data[16];

	(void)state;
	for (uint8_t i = 0; i < sizeof data; i++)
		data[i] = i;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(cme_siphash(secret, data, cases[i].len) == cases[i].hash);
}

static void secrets_are_not_the_same(void **state)
{
	struct cme_siphash_secret one = cme_siphash_secret(), other = cme_siphash_secret();

	(void)state;
	assert_true(one.half[0] != other.half[0] || one.half[1] != other.half[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_its_authors),
		cmocka_unit_test(secrets_are_not_the_same),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * The test vectors of RFC 4648, section 10, and texts that are none.
 */
#include "sign/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct cme_bytes bytes(const char *text)
{
	return (struct cme_bytes){ text, strlen(text) };
}

static void test_passes_the_vectors(void **state)
{
	static const char *const VECTORS[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	unsigned char plain[16];
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
		cme_base64_encode(bytes(VECTORS[i][0]), text);
		assert_string_equal(VECTORS[i][1], text);
		assert_int_equal(strlen(VECTORS[i][0]), cme_base64_decode(bytes(text), plain));
		assert_memory_equal(VECTORS[i][0], plain, strlen(VECTORS[i][0]));
	}
}

static void test_takes_nothing_else(void **state)
{
	static const char *const BAD[] = {
		"Z",    "Zg",   "Zg=",  "Zg===", "Z===",     "Zm9v\n",
		"Zm-v", "====", "Zm=v", " m9v",  "Zg==Zg==", "\nm9v",
	};
	unsigned char plain[16];

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		assert_int_equal(-1, cme_base64_decode(bytes(BAD[i]), plain));
	assert_int_equal(-1, cme_base64_decode((struct cme_bytes){ "Zm9\0", 4 }, plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes_the_vectors),
		cmocka_unit_test(test_takes_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

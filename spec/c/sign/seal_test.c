/* SPDX-License-Identifier: MIT
 *
 * Sealing against a vector of the GCM specification's test cases (case 16), and against every change.
 */
#include "sign/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) ((struct cme_bytes){ (text), sizeof(text) - 1 })

static const struct cme_bytes OWNER = { "AKID1", 5 };
static const struct cme_bytes SECRET = { "a secret \0 of bytes", 19 };

static void fill(unsigned char key[CME_SEAL_KEY_SIZE])
{
	for (int i = 0; i < CME_SEAL_KEY_SIZE; i++)
		key[i] = (unsigned char)i;
}

static struct cme_bytes bytes(const unsigned char *data, size_t len)
{
	return (struct cme_bytes){ (const char *)data, len };
}

static void test_opens_the_published_vector(void **state)
{
	static const char KEY[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
	static const char AAD[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
	static const char SEALED[] = "cafebabefacedbaddecaf888"
				     "76fc6ece0f4e1768cddf8853bb2d551b"
				     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
				     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
	static const char PLAIN[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
				    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
	unsigned char key[CME_SEAL_KEY_SIZE], aad[20], sealed[88], out[60];
	char hex[121];
	struct cme_err err = { 0 };

	(void)state;
	assert_int_equal(0, cme_seal_key_from_hex(BYTES(KEY), key, &err));
	assert_int_equal(0, cme_unhex(BYTES(AAD), aad));
	assert_int_equal(0, cme_unhex(BYTES(SEALED), sealed));
	assert_int_equal(0, cme_unseal(key, bytes(aad, sizeof aad), bytes(sealed, sizeof sealed), out, &err));
	cme_hex(out, sizeof out, hex);
	assert_string_equal(PLAIN, hex);
}

static void test_opens_what_it_sealed(void **state)
{
	unsigned char key[CME_SEAL_KEY_SIZE], sealed[64], again[64], out[32];
	size_t len = SECRET.len + CME_SEAL_EXTRA;
	struct cme_err err = { 0 };

	(void)state;
	fill(key);
	assert_int_equal(0, cme_seal(key, OWNER, SECRET, sealed, &err));
	assert_int_equal(0, cme_seal(key, OWNER, SECRET, again, &err));
	assert_memory_not_equal(sealed, again, len); /* every time another nonce */
	assert_int_equal(0, cme_unseal(key, OWNER, bytes(sealed, len), out, &err));
	assert_memory_equal(SECRET.data, out, SECRET.len);
	assert_int_equal(0, cme_seal(key, OWNER, BYTES(""), sealed, &err));
	assert_int_equal(0, cme_unseal(key, OWNER, bytes(sealed, CME_SEAL_EXTRA), out, &err));
}

static void refuses(const unsigned char *key, struct cme_bytes owner, struct cme_bytes sealed)
{
	unsigned char out[32];
	struct cme_err err = { 0 };

	memset(out, 'x', sizeof out);
	assert_int_equal(-1, cme_unseal(key, owner, sealed, out, &err));
	assert_string_equal("sign.sealed", err.code);
	assert_null(memmem(out, sizeof out, "secret", 6)); /* nothing that is not proven gets out */
}

static void test_refuses_every_change(void **state)
{
	unsigned char key[CME_SEAL_KEY_SIZE], sealed[64];
	size_t len = SECRET.len + CME_SEAL_EXTRA;
	struct cme_err err = { 0 };

	(void)state;
	fill(key);
	assert_int_equal(0, cme_seal(key, OWNER, SECRET, sealed, &err));
	for (size_t i = 0; i < len; i++) {
		sealed[i] ^= 1;
		refuses(key, OWNER, bytes(sealed, len));
		sealed[i] ^= 1;
	}
	for (size_t shorter = 0; shorter < len; shorter++)
		refuses(key, OWNER, bytes(sealed, shorter));
	refuses(key, BYTES("AKID2"), bytes(sealed, len));
	key[31] ^= 1;
	refuses(key, OWNER, bytes(sealed, len));
}

static void test_bounds(void **state)
{
	static const char LONG[CME_SEAL_MAX + 1];
	static unsigned char sealed[CME_SEAL_MAX + CME_SEAL_EXTRA];
	unsigned char key[CME_SEAL_KEY_SIZE];
	struct cme_err err = { 0 };

	(void)state;
	fill(key);
	assert_int_equal(0, cme_seal(key, OWNER, (struct cme_bytes){ LONG, CME_SEAL_MAX }, sealed, &err));
	assert_int_equal(-1, cme_seal(key, OWNER, (struct cme_bytes){ LONG, sizeof LONG }, sealed, &err));
	assert_string_equal("invalid.plain", err.code);
	assert_int_equal(-1, cme_seal(key, (struct cme_bytes){ LONG, sizeof LONG }, OWNER, sealed, &err));
}

static void test_reads_keys_of_64_hex_digits_only(void **state)
{
	static const char GOOD[] = "000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f";
	unsigned char key[CME_SEAL_KEY_SIZE], want[CME_SEAL_KEY_SIZE];
	struct cme_err err = { 0 };
	char bad[65];

	(void)state;
	fill(want);
	assert_int_equal(0, cme_seal_key_from_hex(BYTES(GOOD), key, &err));
	assert_memory_equal(want, key, sizeof key);
	for (size_t i = 0; i < 64; i++) {
		memcpy(bad, GOOD, sizeof bad);
		bad[i] = "g/:@G`"[i % 6];
		assert_int_equal(-1, cme_seal_key_from_hex((struct cme_bytes){ bad, 64 }, key, &err));
		assert_string_equal("invalid.master_key", err.code);
	}
	assert_int_equal(-1, cme_seal_key_from_hex((struct cme_bytes){ GOOD, 62 }, key, &err));
	assert_int_equal(-1, cme_seal_key_from_hex(BYTES(""), key, &err));
	assert_int_equal(-1, cme_unhex(BYTES("abc"), key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_the_published_vector),
		cmocka_unit_test(test_opens_what_it_sealed),
		cmocka_unit_test(test_refuses_every_change),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_reads_keys_of_64_hex_digits_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

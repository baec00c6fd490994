/* SPDX-License-Identifier: MIT
 *
 * Hashes and HMACs against published values (FIPS 180, RFC 1321, RFC 4231, RFC 2202), and the reuse
 * of contexts across keys, which is where a cached context would show a stale key.
 */
#include "sign/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct cme_bytes bytes(const char *text)
{
	return (struct cme_bytes){ text, strlen(text) };
}

static void hashes_match_published_values(void **state)
{
	static const struct {
		enum cme_hash hash;
		const char *text, *hex;
	} ROWS[] = {
		{ CME_HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ CME_HASH_SHA256, "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ CME_HASH_SHA256, "UNSIGNED-PAYLOAD",
		  "438d4109ef0d676b8c2c7ed13cdfcb418e494d53b843d4634ce3b1085f07bb96" },
		{ CME_HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ CME_HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ CME_HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		/* the live URL rule: key, stream name, expiry */
		{ CME_HASH_MD5, "f85a2ab363fe4deaffef9754d79da6fetest5BA4A4A0",
		  "ac8b217cae94f6739984d9d6aea4826a" },
	};
	struct cme_digest digest;
	struct cme_err err;
	char hex[CME_HEX_SIZE];

	(void)state;
	cme_digest_init(&digest);
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		assert_int_equal(cme_digest_hash_hex(&digest, ROWS[i].hash, bytes(ROWS[i].text), hex, &err),
				 0);
		assert_string_equal(hex, ROWS[i].hex);
		assert_int_equal(strlen(hex), 2 * cme_digest_size(ROWS[i].hash));
	}
	cme_digest_fini(&digest);
}

static const struct hmac_row {
	enum cme_hash hash;
	const char *key, *text, *hex;
} HMACS[] = {
	{ CME_HASH_SHA256, "Jefe", "what do ya want for nothing?",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ CME_HASH_SHA256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	{ CME_HASH_SHA256, "key", "The quick brown fox jumps over the lazy dog",
	  "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8" },
	{ CME_HASH_SHA1, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ CME_HASH_MD5, "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738" },
};

static void check_hmac(struct cme_digest *digest, const struct hmac_row *row)
{
	unsigned char mac[CME_HASH_MAX];
	char hex[CME_HEX_SIZE];
	struct cme_err err;

	assert_int_equal(cme_digest_hmac(digest, row->hash, bytes(row->key), bytes(row->text), mac, &err), 0);
	cme_hex(mac, cme_digest_size(row->hash), hex);
	assert_string_equal(hex, row->hex);
}

static void hmacs_match_published_values(void **state)
{
	struct cme_digest digest;

	(void)state;
	cme_digest_init(&digest);
	for (size_t i = 0; i < COUNT(HMACS); i++)
		check_hmac(&digest, &HMACS[i]);
	cme_digest_fini(&digest);
}

/* Every key after every other, each twice in a row: resuming must never use the key before. */
static void a_context_never_keeps_another_key(void **state)
{
	struct cme_digest digest;

	(void)state;
	cme_digest_init(&digest);
	for (size_t i = 0; i < COUNT(HMACS); i++) {
		for (size_t j = 0; j < COUNT(HMACS); j++) {
			check_hmac(&digest, &HMACS[i]);
			check_hmac(&digest, &HMACS[i]);
			check_hmac(&digest, &HMACS[j]);
		}
	}
	cme_digest_fini(&digest);
}

/* RFC 4231, case 6: a key longer than a block, which is not remembered. */
static void a_long_key_is_hashed_first(void **state)
{
	char key[131];
	unsigned char mac[CME_SHA256_SIZE];
	char hex[CME_HEX_SIZE];
	struct cme_digest digest;
	struct cme_err err;
	struct cme_bytes long_key = { key, sizeof key };

	(void)state;
	memset(key, 0xaa, sizeof key);
	cme_digest_init(&digest);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			cme_digest_hmac(&digest, CME_HASH_SHA256, long_key,
					bytes("Test Using Larger Than Block-Size Key - Hash Key First"), mac,
					&err),
			0);
		cme_hex(mac, sizeof mac, hex);
		assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	}
	assert_int_equal(digest.mac[CME_HASH_SHA256].key_len, 0);
	cme_digest_fini(&digest);
}

static void forgetting_wipes_the_key_and_goes_on(void **state)
{
	struct cme_digest digest;
	static const struct cme_digest_mac EMPTY;

	(void)state;
	cme_digest_init(&digest);
	check_hmac(&digest, &HMACS[0]);
	assert_memory_equal(digest.mac[CME_HASH_SHA256].key, "Jefe", 4);
	cme_digest_forget(&digest);
	for (int i = 0; i < CME_HASH_COUNT; i++)
		assert_memory_equal(&digest.mac[i], &EMPTY, sizeof EMPTY);
	check_hmac(&digest, &HMACS[0]);
	cme_digest_fini(&digest);
	cme_digest_fini(&digest);
	assert_null(digest.hash);
	check_hmac(&digest, &HMACS[1]);
	cme_digest_fini(&digest);
}

static void hex_takes_every_byte(void **state)
{
	static const unsigned char RAW[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	char hex[2 * sizeof RAW + 1];

	(void)state;
	cme_hex(RAW, sizeof RAW, hex);
	assert_string_equal(hex, "00017f80ff");
	cme_hex(RAW, 0, hex);
	assert_string_equal(hex, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_match_published_values),
		cmocka_unit_test(hmacs_match_published_values),
		cmocka_unit_test(a_context_never_keeps_another_key),
		cmocka_unit_test(a_long_key_is_hashed_first),
		cmocka_unit_test(forgetting_wipes_the_key_and_goes_on),
		cmocka_unit_test(hex_takes_every_byte),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}

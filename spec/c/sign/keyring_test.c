/* SPDX-License-Identifier: MIT
 *
 * Texts sealed by several keys: two ways to write a key, every change of a text, and no room.
 */
#include "sign/keyring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) ((struct cme_bytes){ (text), sizeof(text) - 1 })
#define HEX         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BASE64      "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OTHER       "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void read_ring(struct cme_keyring *ring, struct cme_bytes text)
{
	struct cme_digest digest;
	struct cme_err err = { 0 };

	cme_digest_init(&digest);
	assert_int_equal(0, cme_keyring_read(ring, &digest, text, &err));
	cme_digest_fini(&digest);
}

static void test_reads_hex_and_base64(void **state)
{
	struct cme_keyring hex, base64, both;

	(void)state;
	read_ring(&hex, BYTES(HEX));
	read_ring(&base64, BYTES("# a comment\n\n\t" BASE64 " \r\n"));
	read_ring(&both, BYTES(OTHER "\n" HEX));
	assert_int_equal(1, hex.count);
	assert_int_equal(2, both.count);
	assert_memory_equal(hex.keys, base64.keys, sizeof hex.keys[0]);
	assert_memory_equal(hex.keys, &both.keys[1], sizeof hex.keys[0]);
	assert_int_equal(CME_KEYRING_ID_SIZE - 1, strlen(hex.keys[0].id));
	cme_keyring_wipe(&both);
	assert_int_equal(0, both.count);
	for (size_t i = 0; i < sizeof both; i++)
		assert_int_equal(0, ((unsigned char *)&both)[i]);
}

static void test_opens_what_it_sealed_and_no_change_of_it(void **state)
{
	struct cme_keyring ring;
	struct cme_buf sealed, plain;
	struct cme_err err = { 0 };

	(void)state;
	read_ring(&ring, BYTES(HEX));
	cme_buf_init(&sealed, 4096);
	cme_buf_init(&plain, 4096);
	assert_int_equal(0, cme_keyring_seal(&ring, BYTES("a/1"), BYTES("sekret \0 text"), &sealed, &err));
	assert_null(memmem(sealed.data, sealed.len, "sekret", 6));
	assert_int_equal(0, cme_keyring_open(&ring, BYTES("a/1"),
					     (struct cme_bytes){ sealed.data, sealed.len }, &plain, &err));
	assert_int_equal(13, plain.len);
	assert_memory_equal("sekret \0 text", plain.data, 13);
	cme_buf_reset(&plain);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		assert_int_equal(-1, cme_keyring_open(&ring, BYTES("a/1"),
						      (struct cme_bytes){ sealed.data, sealed.len }, &plain,
						      &err));
		sealed.data[i] ^= 1;
		assert_int_equal(-1, cme_keyring_open(&ring, BYTES("a/1"),
						      (struct cme_bytes){ sealed.data, i }, &plain, &err));
	}
	assert_int_equal(0, plain.len);
	cme_buf_fini(&sealed);
	cme_buf_fini(&plain);
}

static void test_knows_what_the_first_key_sealed(void **state)
{
	struct cme_keyring old, both;
	struct cme_buf sealed;
	struct cme_err err = { 0 };

	(void)state;
	read_ring(&old, BYTES(HEX));
	read_ring(&both, BYTES(OTHER "\n" HEX));
	cme_buf_init(&sealed, 4096);
	assert_int_equal(0, cme_keyring_seal(&old, BYTES("n"), BYTES("text"), &sealed, &err));
	assert_true(cme_keyring_is_current(&old, (struct cme_bytes){ sealed.data, sealed.len }));
	assert_false(cme_keyring_is_current(&both, (struct cme_bytes){ sealed.data, sealed.len }));
	for (size_t i = 0; i < sealed.len && i < 12; i++)
		assert_false(cme_keyring_is_current(&old, (struct cme_bytes){ sealed.data, i }));
	cme_buf_fini(&sealed);
}

static void test_fails_without_room_and_leaves_what_was_there(void **state)
{
	struct cme_keyring ring;
	struct cme_buf small;
	struct cme_err err = { 0 };

	(void)state;
	read_ring(&ring, BYTES(HEX));
	cme_buf_init(&small, 40);
	assert_int_equal(0, cme_buf_puts(&small, "before"));
	assert_int_equal(
		-1, cme_keyring_seal(&ring, BYTES("n"), BYTES("a long text of some bytes"), &small, &err));
	assert_string_equal("sign.memory", err.code);
	assert_int_equal(6, small.len);
	cme_buf_fini(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_hex_and_base64),
		cmocka_unit_test(test_opens_what_it_sealed_and_no_change_of_it),
		cmocka_unit_test(test_knows_what_the_first_key_sealed),
		cmocka_unit_test(test_fails_without_room_and_leaves_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

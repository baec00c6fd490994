/* SPDX-License-Identifier: MIT */
#include "edge/keys/keys.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hash(const char *text, const char *query, uint8_t out[CME_KEY_HASH])
{
	assert_true(cme_key_hash(text, strlen(text), query, out));
}

/* SHA-256 of "abc", FIPS 180-2 B.1. */
static void a_bare_key_is_hashed_as_it_is(void **state)
{
	static const uint8_t abc[4] = { 0xba, 0x78, 0x16, 0xbf };
	uint8_t out[CME_KEY_HASH], other[CME_KEY_HASH];

	(void)state;
	hash("abc", "", out);
	assert_memory_equal(out, abc, sizeof abc);
	hash("abc?lang=en", "x=1", other);
	assert_memory_equal(other, out, sizeof out);
}

static void a_signed_key_has_one_form(void **state)
{
	static const struct {
		const char *text;
		const char *query;
	} same[] = {
		{ "s?txSecret=ab12&txTime=6745ABCD", "" },
		{ "s?txTime=6745ABCD&txSecret=AB12", "" },
		{ "s?a=b&txTime=6745ABCD&c&txSecret=ab12&", "d=e" },
		{ "s?txTime=6745%41BCD", "txSecret=ab12" },
		{ "s", "txSecret=ab12&txTime=6745ABCD" },
	};
	uint8_t first[CME_KEY_HASH], out[CME_KEY_HASH];

	(void)state;
	hash(same[0].text, same[0].query, first);
	for (size_t i = 1; i < sizeof same / sizeof same[0]; i++) {
		hash(same[i].text, same[i].query, out);
		assert_memory_equal(out, first, sizeof out);
	}
	hash("s?txSecret=ab12&txTime=6745abcd", "", out); /* the time is signed as it is written */
	assert_memory_not_equal(out, first, sizeof out);
	hash("t?txSecret=ab12&txTime=6745ABCD", "", out);
	assert_memory_not_equal(out, first, sizeof out);
}

static void what_can_be_read_in_two_ways_is_no_key(void **state)
{
	static char text[CME_KEY_TEXT_MAX + 1];
	uint8_t out[CME_KEY_HASH];

	(void)state;
	assert_false(cme_key_hash("s?txTime=1&txTime=2", 19, "", out));
	assert_false(cme_key_hash("s?txTime=1", 10, "txTime=1", out));
	memset(text, 'k', sizeof text);
	assert_true(cme_key_hash(text, CME_KEY_TEXT_MAX, "", out));
	assert_false(cme_key_hash(text, CME_KEY_TEXT_MAX + 1, "", out));
	memcpy(text, "s?txSecret=", 11);
	assert_false(cme_key_hash(text, 11 + 256, "", out));
}

static enum cme_key_verdict find(const struct cme_keys *keys, enum cme_key_protocol protocol,
				 const uint8_t *form, double now, const struct cme_key *expected)
{
	struct cme_key *found;
	enum cme_key_verdict verdict = cme_keys_find(keys, protocol, form, now, &found);

	assert_ptr_equal(found, expected);
	return verdict;
}

static void says_what_is_wrong_with_a_key(void **state)
{
	struct cme_key good = { .id = "good", .hashes[CME_KEY_RTMP].count = 2, .expires = 100 };
	struct cme_key over = {
		.id = "over", .hashes[CME_KEY_RTMP].count = 1, .expires = INFINITY, .ended = true
	};
	const struct cme_keys none = { .count = 0 };
	struct cme_keys keys;
	uint8_t out[CME_KEY_HASH];

	(void)state;
	hash("with the main key", "", good.hashes[CME_KEY_RTMP].list[0]);
	hash("with the backup key", "", good.hashes[CME_KEY_RTMP].list[1]);
	hash("over", "", over.hashes[CME_KEY_RTMP].list[0]);
	assert_int_equal(cme_keys_init(&keys, 2), 0);
	cme_keys_add(&keys, &good);
	cme_keys_add(&keys, &over);
	cme_keys_index(&keys);
	for (int i = 0; i < 2; i++) {
		const uint8_t *form = good.hashes[CME_KEY_RTMP].list[i];

		assert_int_equal(find(&keys, CME_KEY_RTMP, form, 100, &good), CME_KEY_GOOD);
		assert_int_equal(find(&keys, CME_KEY_RTMP, form, 100.5, &good), CME_KEY_EXPIRED);
	}
	assert_int_equal(find(&keys, CME_KEY_RTMP, over.hashes[CME_KEY_RTMP].list[0], 0, &over),
			 CME_KEY_ENDED);
	hash("another", "", out);
	assert_int_equal(find(&keys, CME_KEY_RTMP, out, 0, NULL), CME_KEY_UNKNOWN);
	assert_int_equal(find(&none, CME_KEY_RTMP, out, 0, NULL), CME_KEY_UNKNOWN);
	cme_keys_fini(&keys);
}

/* The stream id of SRT is seen by whoever listens. */
static void a_form_is_good_by_its_own_protocol_only(void **state)
{
	struct cme_key key = { .expires = 100, .hashes = { { .count = 1 }, { .count = 1 }, { .count = 1 } } };
	struct cme_keys keys;

	(void)state;
	hash("by rtmp", "", key.hashes[CME_KEY_RTMP].list[0]);
	hash("by srt", "", key.hashes[CME_KEY_SRT].list[0]);
	hash("to read", "", key.hashes[CME_KEY_READ].list[0]);
	assert_int_equal(cme_keys_init(&keys, 1), 0);
	cme_keys_add(&keys, &key);
	cme_keys_index(&keys);
	for (int mine = 0; mine < CME_KEY_PROTOCOLS; mine++) {
		const uint8_t *form = key.hashes[mine].list[0];

		for (int other = 0; other < CME_KEY_PROTOCOLS; other++)
			assert_int_equal(find(&keys, other, form, 0, other == mine ? &key : NULL),
					 other == mine ? CME_KEY_GOOD : CME_KEY_UNKNOWN);
	}
	cme_keys_fini(&keys);
}

static void a_key_is_found_by_its_id_and_by_what_it_is_played_as(void **state)
{
	struct cme_key played = { .id = "a", .play = "p-main" }, hidden = { .id = "b" };
	const struct cme_keys none = { .count = 0 };
	struct cme_keys keys;

	(void)state;
	assert_int_equal(cme_keys_init(&keys, 2), 0);
	cme_keys_add(&keys, &played);
	cme_keys_add(&keys, &hidden);
	cme_keys_index(&keys);
	assert_ptr_equal(cme_keys_by_id(&keys, "b"), &hidden);
	assert_null(cme_keys_by_id(&keys, "c"));
	assert_ptr_equal(cme_keys_by_play(&keys, "p-main"), &played);
	assert_null(cme_keys_by_play(&keys, ""));
	assert_null(cme_keys_by_id(&none, "a"));
	cme_keys_fini(&keys);
}

static void each_form_has_its_passphrase(void **state)
{
	struct cme_key key = { .hashes[CME_KEY_SRT].count = 2,
			       .passphrases = { "sekret of one", "sekret of two" } };
	uint8_t out[CME_KEY_HASH];

	(void)state;
	hash("one", "", key.hashes[CME_KEY_SRT].list[0]);
	hash("two", "", key.hashes[CME_KEY_SRT].list[1]);
	assert_string_equal(cme_key_passphrase(&key, key.hashes[CME_KEY_SRT].list[0]), "sekret of one");
	assert_string_equal(cme_key_passphrase(&key, key.hashes[CME_KEY_SRT].list[1]), "sekret of two");
	hash("three", "", out);
	assert_string_equal(cme_key_passphrase(&key, out), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_key_is_hashed_as_it_is),
		cmocka_unit_test(a_signed_key_has_one_form),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_no_key),
		cmocka_unit_test(says_what_is_wrong_with_a_key),
		cmocka_unit_test(a_form_is_good_by_its_own_protocol_only),
		cmocka_unit_test(a_key_is_found_by_its_id_and_by_what_it_is_played_as),
		cmocka_unit_test(each_form_has_its_passphrase),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}

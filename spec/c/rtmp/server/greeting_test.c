/* SPDX-License-Identifier: MIT */
#include "rtmp/server/greeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ANSWER (1 + 2 * CME_RTMP_HANDSHAKE_SIZE)

static void fill(uint8_t c1[CME_RTMP_HANDSHAKE_SIZE])
{
	for (size_t i = 0; i < CME_RTMP_HANDSHAKE_SIZE; i++)
		c1[i] = (uint8_t)(i * 31 + i / 7);
}

/* What a server says to a C1. */
static void ask(const uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], uint8_t answer[ANSWER])
{
	struct cme_buf out;
	uint64_t seed = 7;

	cme_buf_init(&out, ANSWER);
	cme_rtmp_greet(&out, c1, &seed);
	assert_int_equal(out.len, ANSWER);
	memcpy(answer, out.data, ANSWER);
	cme_buf_fini(&out);
}

static void echoes_a_client_that_does_not_sign(void **state)
{
	uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], answer[ANSWER];

	(void)state;
	fill(c1);
	ask(c1, answer);
	assert_int_equal(answer[0], 3);
	assert_memory_equal(answer + 1, "\0\0\0\0\0\0\0\0", 8);
	assert_memory_equal(answer + 1 + CME_RTMP_HANDSHAKE_SIZE, c1, sizeof c1);
}

static void signs_for_a_client_that_signs_in_either_scheme(void **state)
{
	uint8_t c1[CME_RTMP_HANDSHAKE_SIZE], answer[ANSWER], digest[CME_RTMP_DIGEST];

	(void)state;
	for (int scheme = 0; scheme < 2; scheme++) {
		size_t at;

		fill(c1);
		at = cme_rtmp_digest_at(c1, scheme);
		assert_true(at >= (scheme ? 776u : 12u) && at + CME_RTMP_DIGEST <= CME_RTMP_HANDSHAKE_SIZE);
		cme_rtmp_digest(c1 + at, c1, at, CME_RTMP_PLAYER_KEY);
		ask(c1, answer);
		at = cme_rtmp_digest_at(answer + 1, scheme);
		cme_rtmp_digest(digest, answer + 1, at, CME_RTMP_MEDIA_KEY);
		assert_memory_equal(answer + 1 + at, digest, sizeof digest);
		assert_memory_not_equal(answer + 1 + CME_RTMP_HANDSHAKE_SIZE, c1, sizeof c1);
	}
}

/* The four bytes before a block are added up. */
static void finds_a_digest_where_its_block_says(void **state)
{
	uint8_t c1[CME_RTMP_HANDSHAKE_SIZE] = { 0 };

	(void)state;
	memcpy(c1 + 8, "\xff\xff\xff\xff", 4);
	memcpy(c1 + 772, "\x01\x02\x03\x04", 4);
	assert_int_equal(cme_rtmp_digest_at(c1, 0), 12 + 1020 % 728);
	assert_int_equal(cme_rtmp_digest_at(c1, 1), 776 + 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_a_client_that_does_not_sign),
		cmocka_unit_test(signs_for_a_client_that_signs_in_either_scheme),
		cmocka_unit_test(finds_a_digest_where_its_block_says),
	};

	return cmocka_run_group_tests_name("greeting", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "httpd/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct cme_httpd_limits limits = {
	.max_body = 1000,
	.max_header = 1024,
	.max_buffered = 5000,
	.max_connections = 10,
	.idle_timeout_s = 10,
	.keep_alive_s = 60,
};

static void plans_bodies_by_size_room_and_expectation(void **state)
{
	static const struct {
		uint64_t declared;
		size_t room;
		bool expects;
		enum cme_httpd_body_plan plan;
	} rows[] = {
		{ 0, 0, false, CME_HTTPD_BODY_KEEP },
		{ CME_HTTPD_BODY_UNKNOWN, 0, true, CME_HTTPD_BODY_KEEP },
		{ 1000, 1000, false, CME_HTTPD_BODY_KEEP },
		{ 1000, 1000, true, CME_HTTPD_BODY_KEEP },
		{ 1000, 999, false, CME_HTTPD_BODY_DRAIN },
		{ 1000, 999, true, CME_HTTPD_BODY_REFUSE },
		{ 1001, 5000, false, CME_HTTPD_BODY_DRAIN },
		{ 1001, 5000, true, CME_HTTPD_BODY_REFUSE },
		{ 2000 + (32 << 20), 5000, false, CME_HTTPD_BODY_DRAIN },
		{ 2001 + (32 << 20), 5000, false, CME_HTTPD_BODY_REFUSE },
		{ UINT64_MAX - 1, 5000, false, CME_HTTPD_BODY_REFUSE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
			cme_httpd_body_plan(&limits, rows[i].declared, rows[i].room, rows[i].expects),
			rows[i].plan);
}

static bool late(enum cme_httpd_phase phase, int64_t elapsed_ms, int64_t silent_ms, uint64_t bytes)
{
	const struct cme_httpd_stay stay = { elapsed_ms, silent_ms, bytes };

	return cme_httpd_phase_late(&limits, phase, &stay);
}

static void gives_each_phase_its_time(void **state)
{
	(void)state;
	assert_false(late(CME_HTTPD_PHASE_HANDSHAKE, 10000, 0, 0));
	assert_true(late(CME_HTTPD_PHASE_HANDSHAKE, 10001, 0, 1 << 20));
	assert_false(late(CME_HTTPD_PHASE_IDLE, 60000, 60000, 0));
	assert_true(late(CME_HTTPD_PHASE_IDLE, 60001, 60001, 0));
	assert_false(late(CME_HTTPD_PHASE_HEAD, 10000, 10000, 0));
	assert_true(late(CME_HTTPD_PHASE_HEAD, 10001, 0, 1 << 20));
	assert_false(late(CME_HTTPD_PHASE_BODY, 10000, 0, 0));
	assert_true(late(CME_HTTPD_PHASE_BODY, 10001, 0, 4095));
	assert_false(late(CME_HTTPD_PHASE_BODY, 11000, 0, 4096));
	assert_true(late(CME_HTTPD_PHASE_REPLY, 11001, 0, 4096));
	assert_false(late(CME_HTTPD_PHASE_REPLY, 11000, 10000, 1 << 20));
	assert_true(late(CME_HTTPD_PHASE_REPLY, 11000, 10001, 1 << 20));
	assert_true(late(CME_HTTPD_PHASE_BODY, 11000, 10001, 1 << 20));
	assert_false(late(CME_HTTPD_PHASE_PARKED, INT64_MAX, INT64_MAX, 0));
}

static void leaves_the_end_of_silent_connections_to_the_phases(void **state)
{
	struct cme_httpd_limits other = { .idle_timeout_s = 30, .keep_alive_s = 10 };

	(void)state;
	assert_int_equal(cme_httpd_library_timeout_s(&limits), 60);
	assert_int_equal(cme_httpd_library_timeout_s(&other), 30);
}

static void fits_connections_into_descriptors(void **state)
{
	(void)state;
	assert_int_equal(cme_httpd_connections_for(4096, cme_httpd_descriptors_for(4096)), 4096);
	assert_int_equal(cme_httpd_connections_for(4096, cme_httpd_descriptors_for(4096) - 1), 4095);
	assert_int_equal(cme_httpd_connections_for(4096, 1024), 768);
	assert_int_equal(cme_httpd_connections_for(4096, 256), 128);
	assert_int_equal(cme_httpd_connections_for(4096, 1), 1);
	assert_int_equal(cme_httpd_connections_for(10, 1024), 10);
	for (uint64_t have = 1; have < 2000; have++)
		assert_true(cme_httpd_connections_for(4096, have) <= have);
}

static void gives_a_connection_more_memory_than_its_header(void **state)
{
	(void)state;
	assert_true(cme_httpd_pool_size(16384) > 16384 + 4096);
	assert_true(cme_httpd_pool_size(16384) <=
		    32768); /* past it libmicrohttpd maps whole pages for each */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_bodies_by_size_room_and_expectation),
		cmocka_unit_test(gives_each_phase_its_time),
		cmocka_unit_test(leaves_the_end_of_silent_connections_to_the_phases),
		cmocka_unit_test(fits_connections_into_descriptors),
		cmocka_unit_test(gives_a_connection_more_memory_than_its_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

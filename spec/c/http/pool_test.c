/* SPDX-License-Identifier: MIT
 *
 * What no server is needed for: a name server that does not answer, and a fork. getaddrinfo is replaced
 * by one that blocks until it is let go. A pool that waits for it would never end: alarm() ends the test.
 */
#include "http/pool.h"

#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_S 30

static sem_t asked, answer, answered;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	(void)name, (void)service, (void)hints, (void)result;
	sem_post(&asked);
	sem_wait(&answer);
	sem_post(&answered);
	return EAI_NONAME;
}

static int64_t submit(struct cme_http_pool *pool, long timeout_ms)
{
	struct cme_http_request request = { .url = "http://name.example/",
					    .method = "POST",
					    .timeout_ms = timeout_ms,
					    .connect_timeout_ms = 60000,
					    .max_response = 1000 };

	return cme_http_pool_submit(pool, &request);
}

/* Performs until the resolver thread is inside getaddrinfo. */
static struct cme_http_pool *resolving_pool(long timeout_ms, int64_t *id)
{
	struct cme_err err = { 0 };
	struct cme_http_pool *pool = cme_http_pool_new(0, 1000000, &err);

	assert_non_null(pool);
	*id = submit(pool, timeout_ms);
	assert_int_equal(cme_http_pool_run(pool), 1);
	sem_wait(&asked);
	return pool;
}

/* Lets the resolver thread end before memory is checked for leaks. */
static void let_go(void)
{
	sem_post(&answer);
	sem_wait(&answered);
}

static void cancels_while_the_name_server_is_silent(void **state)
{
	int64_t id;
	struct cme_http_pool *pool = resolving_pool(60000, &id);

	(void)state;
	assert_true(cme_http_pool_cancel(pool, id));
	assert_string_equal(cme_http_pool_next(pool)->err.code, "network.cancelled");
	assert_false(cme_http_pool_next(pool)->sent);
	cme_http_pool_free(pool);
	let_go();
}

static void times_out_while_the_name_server_is_silent(void **state)
{
	int64_t id;
	struct cme_http_pool *pool = resolving_pool(50, &id);

	(void)state;
	while (cme_http_pool_run(pool))
		cme_http_pool_poll(pool, 1000);
	assert_string_equal(cme_http_pool_next(pool)->err.code, "network.timeout");
	assert_string_equal(cme_http_pool_next(pool)->err.message,
			    "timed out (name.example: no connection within 0.05 s)");
	cme_http_pool_free(pool);
	let_go();
}

static void closes_while_the_name_server_is_silent(void **state)
{
	int64_t id;
	struct cme_http_pool *pool = resolving_pool(60000, &id);

	(void)state;
	cme_http_pool_free(pool);
	let_go();
}

static void reports_a_name_that_does_not_exist(void **state)
{
	int64_t id;
	struct cme_http_pool *pool = resolving_pool(60000, &id);

	(void)state;
	let_go();
	while (cme_http_pool_run(pool))
		cme_http_pool_poll(pool, 1000);
	assert_int_equal(cme_http_pool_next(pool)->id, id);
	assert_string_equal(cme_http_pool_next(pool)->err.message, "could not resolve host (name.example)");
	cme_http_pool_drop(pool);
	assert_null(cme_http_pool_next(pool));
	cme_http_pool_drop(pool);
	cme_http_pool_free(pool);
}

static void is_the_parents_after_a_fork(void **state)
{
	struct cme_err err = { 0 };
	struct cme_http_pool *pool = cme_http_pool_new(0, 1000000, &err);
	int status = -1;
	pid_t child;

	(void)state;
	assert_true(cme_http_pool_is_ours(pool));
	child = fork();
	if (child == 0) {
		bool ours = cme_http_pool_is_ours(pool);

		cme_http_pool_free(pool);
		_exit(ours ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(cme_http_pool_is_ours(pool));
	cme_http_pool_free(pool);
	cme_http_pool_free(NULL);
}

static void bounds_what_is_submitted(void **state)
{
	struct cme_err err = { 0 };
	struct cme_http_pool *pool = cme_http_pool_new(0, 1000, &err);

	(void)state;
	assert_int_equal(submit(pool, 60000), 1);
	assert_int_equal(cme_http_pool_active(pool), 0);
	assert_int_equal(cme_http_pool_poll(pool, 60000), 1);
	assert_string_equal(cme_http_pool_next(pool)->err.code, "network.too_large");
	assert_false(cme_http_pool_next(pool)->sent);
	cme_http_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancels_while_the_name_server_is_silent),
		cmocka_unit_test(times_out_while_the_name_server_is_silent),
		cmocka_unit_test(closes_while_the_name_server_is_silent),
		cmocka_unit_test(reports_a_name_that_does_not_exist),
		cmocka_unit_test(is_the_parents_after_a_fork),
		cmocka_unit_test(bounds_what_is_submitted),
	};

	sem_init(&asked, 0, 0);
	sem_init(&answer, 0, 0);
	sem_init(&answered, 0, 0);
	alarm(LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

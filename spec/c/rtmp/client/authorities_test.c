/* SPDX-License-Identifier: MIT */
#include "rtmp/client/authorities.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../relay/output/rtmp/authority.h"

#define THREADS 4
#define TURNS   25

static SSL_CTX *acquire(const char *ca_file)
{
	struct cme_err err;
	SSL_CTX *context = cme_authorities_acquire(ca_file, &err);

	assert_non_null(context);
	return context;
}

static void those_with_one_file_share_it(void **state)
{
	struct authority authority;
	SSL_CTX *own, *none;

	(void)state;
	make_authority(&authority);
	own = acquire(authority.path);
	none = acquire(NULL);
	assert_ptr_equal(acquire(authority.path), own);
	assert_ptr_equal(acquire(NULL), none);
	assert_ptr_not_equal(own, none);
	cme_authorities_release(own);
	cme_authorities_release(none);
	assert_ptr_equal(acquire(authority.path), own); /* there still is an owner */
	cme_authorities_release(own);
	cme_authorities_release(own);
	cme_authorities_release(none);
	cme_authorities_release(NULL);
	SSL_CTX_free(authority.server);
	remove(authority.path);
}

/* Puts a new certificate in the file's place, as who renews it does. */
static void a_file_that_has_changed_is_read_again(void **state)
{
	struct authority old, other;
	SSL_CTX *before, *after;

	(void)state;
	make_authority(&old);
	make_authority(&other);
	before = acquire(old.path);
	assert_int_equal(rename(other.path, old.path), 0);
	after = acquire(old.path);
	assert_ptr_not_equal(after, before);
	assert_ptr_equal(acquire(old.path), after);
	cme_authorities_release(before);
	cme_authorities_release(after);
	cme_authorities_release(after);
	SSL_CTX_free(old.server);
	SSL_CTX_free(other.server);
	remove(old.path);
}

static void says_what_cannot_be_read(void **state)
{
	struct cme_err err;

	(void)state;
	assert_null(cme_authorities_acquire("/no/such.pem", &err));
	assert_string_equal(err.code, "network.tls");
	assert_string_equal(err.message, "ca file '/no/such.pem': no certificate could be read");
}

static void *take_turns(void *arg)
{
	for (int i = 0; i < TURNS; i++) {
		struct cme_err err;
		SSL_CTX *context = cme_authorities_acquire(arg, &err);

		SSL_free(SSL_new(context));
		cme_authorities_release(context);
	}
	return NULL;
}

static void any_thread_has_it(void **state)
{
	struct authority authority;
	pthread_t threads[THREADS];

	(void)state;
	make_authority(&authority);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_turns, authority.path), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	SSL_CTX_free(authority.server);
	remove(authority.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_with_one_file_share_it),
		cmocka_unit_test(a_file_that_has_changed_is_read_again),
		cmocka_unit_test(says_what_cannot_be_read),
		cmocka_unit_test(any_thread_has_it),
	};

	return cmocka_run_group_tests_name("authorities", tests, NULL, NULL);
}

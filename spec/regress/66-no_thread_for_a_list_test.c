/* SPDX-License-Identifier: MIT
 *
 * A list whose reading thread could not be started was down until its spec changed: it tries again.
 */
#include "relay/source/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "child/spawn.h"

#define WIDE_MS  30000
#define REFUSALS 2

static struct cme_events events;
static _Atomic int threads;                  /* that were asked for */
static _Atomic int opened, refused, reached; /* refused: no thread; reached: the list's entry was opened */

/* In place of the C library's: after the first, the input's own, there are none for a while. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	static int (*own)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *symbol = dlsym(RTLD_NEXT, "pthread_create");
	int asked = atomic_fetch_add(&threads, 1);

	memcpy(&own, &symbol, sizeof own);
	return asked > 0 && asked <= REFUSALS ? EAGAIN : own(thread, attr, run, arg);
}

static void on_opening(void *ctx, struct cme_input *input)
{
	(void)ctx;
	(void)input;
	atomic_fetch_add(&opened, 1);
}

static void on_ended(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	(void)ctx;
	(void)input;
	atomic_fetch_add(strcmp(err->code, "internal") == 0 ? &refused : &reached, 1);
	cme_events_wake(&events);
}

static void on_fault(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	on_ended(ctx, input, err);
}

static void wait_for_word(void)
{
	struct pollfd woken = { .fd = events.fd, .events = POLLIN };

	assert_int_equal(poll(&woken, 1, WIDE_MS), 1);
	cme_events_rearm(&events);
}

static void a_list_waits_for_a_thread(void **state)
{
	char *urls[] = { "/nonexistent/film.flv" };
	const struct cme_input_spec spec = { .urls = urls, .count = 1, .loop = -1, .list = true };
	const struct cme_input_sink sink = { .opening = on_opening, .ended = on_ended, .fault = on_fault };
	struct cme_input *input;
	struct cme_err err;

	(void)state;
	assert_int_equal(cme_events_init(&events), 0);
	input = cme_input_start(&spec, NULL, &sink, &events, &err);
	assert_non_null(input);
	while (!atomic_load(&reached) && !cme_input_done(input))
		wait_for_word();
	assert_true(atomic_load(&reached) > 0);
	assert_int_equal(atomic_load(&refused), REFUSALS);
	assert_int_equal(atomic_load(&opened), REFUSALS + 1);
	cme_input_cancel(input);
	while (!cme_input_done(input))
		wait_for_word();
	cme_input_free(input);
	cme_events_fini(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_list_waits_for_a_thread) };

	cme_child_folder(CME_PROGRAMS);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

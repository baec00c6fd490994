/* SPDX-License-Identifier: MIT
 *
 * An engine's answer vouched for its main thread alone: one whose media thread hung counted as well for ever.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>

#include "relay/base/life.h"
#include "relay/base/sys.h"

struct thread {
	struct cme_life life;
	sem_t wake;
	sem_t done;
};

static void *turn(void *arg)
{
	struct thread *thread = arg;

	cme_life_begin(&thread->life);
	sem_post(&thread->done);
	sem_wait(&thread->wake);
	cme_life_sign();
	sem_post(&thread->done);
	sem_wait(&thread->wake);
	cme_life_end();
	return NULL;
}

static void a_thread_that_is_asked_and_does_not_move_is_noticed(void **state)
{
	struct thread thread;
	pthread_t id;
	int64_t now_us;

	(void)state;
	cme_life_init(&thread.life);
	sem_init(&thread.wake, 0, 0);
	sem_init(&thread.done, 0, 0);
	assert_int_equal(cme_life_ask(&thread.life, 5), 0); /* there is no thread yet */
	assert_int_equal(cme_life_ask(&thread.life, 50), 0);
	pthread_create(&id, NULL, turn, &thread);
	sem_wait(&thread.done);
	now_us = cme_now_us() + 1000;
	assert_int_equal(cme_life_ask(&thread.life, now_us), 0);
	assert_int_equal(cme_life_ask(&thread.life, now_us), 0);
	assert_int_equal(cme_life_ask(&thread.life, now_us + 2000000), 2000000);
	assert_int_equal(cme_life_ask(&thread.life, now_us + 3000000), 3000000);
	thread.life.asked_us = cme_now_us(); /* a question that it answers */
	sem_post(&thread.wake);
	sem_wait(&thread.done);
	assert_int_equal(cme_life_ask(&thread.life, cme_now_us()), 0);
	sem_post(&thread.wake);
	pthread_join(id, NULL);
	now_us = cme_now_us();
	assert_int_equal(cme_life_ask(&thread.life, now_us), 0); /* one that has ended is not stuck */
	assert_int_equal(cme_life_ask(&thread.life, now_us + 9000000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_that_is_asked_and_does_not_move_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * As many descriptors as are taken at once, all of which stay readable: a run that waits for them to be quiet
 * would never end. alarm() ends the test then.
 */
#include "http/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_S 30
#define COUNT   64

static void a_run_ends_while_sockets_stay_readable(void **state)
{
	CURLM *multi = curl_multi_init();
	struct cme_http_watch watch;
	int sockets[COUNT];

	(void)state;
	assert_non_null(multi);
	assert_int_equal(cme_http_watch_init(&watch, multi), 0);
	for (int i = 0; i < COUNT; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		sockets[i] = event.data.fd = eventfd(1, EFD_CLOEXEC);
		assert_true(sockets[i] >= 0);
		assert_int_equal(epoll_ctl(watch.epoll, EPOLL_CTL_ADD, sockets[i], &event), 0);
	}
	watch.sockets = COUNT; /* libcurl knows none of them */
	cme_http_watch_run(&watch);
	assert_true(cme_http_watch_wait(&watch, 0)); /* what is left is for the next run */
	for (int i = 0; i < COUNT; i++)
		close(sockets[i]);
	curl_multi_cleanup(multi);
	cme_http_watch_fini(&watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_ends_while_sockets_stay_readable),
	};

	alarm(LIMIT_S);
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}

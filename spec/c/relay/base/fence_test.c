/* SPDX-License-Identifier: MIT
 *
 * Leases by their epochs and times: which are taken, and until when the fence is open.
 */
#include "relay/base/fence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1000

static int set(void **state)
{
	static struct cme_fence fence;

	cme_fence_init(&fence, true);
	*state = &fence;
	return 0;
}

static void refused(int rc, const struct cme_err *err, const char *fact)
{
	assert_int_equal(rc, -1);
	assert_string_equal(err->code, "lease.refused");
	assert_non_null(strstr(err->message, fact));
}

static void is_open_without_being_leased(void **state)
{
	struct cme_fence fence;
	struct cme_err err;

	(void)state;
	cme_fence_init(&fence, false);
	assert_true(cme_fence_open(&fence));
	assert_int_equal(cme_fence_left_us(&fence, INT64_MAX), INT64_MAX);
	refused(cme_fence_lease(&fence, 1, NOW + 1, NOW, &err), &err, "--leased");
	refused(cme_fence_release(&fence, 1, &err), &err, "--leased");
	assert_true(cme_fence_open(&fence));
}

static void is_shut_until_a_lease_and_after_it(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	assert_false(cme_fence_open(fence));
	assert_int_equal(cme_fence_lease(fence, 5, NOW + 3, NOW, &err), 0);
	assert_int_equal(cme_fence_left_us(fence, NOW), 3000);
	assert_int_equal(cme_fence_left_us(fence, NOW + 2), 1000);
	assert_int_equal(cme_fence_left_us(fence, NOW + 3), 0);
	assert_int_equal(cme_fence_left_us(fence, NOW + 4), 0);
}

static void is_renewed_and_never_shortened_by_a_late_renewal(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	assert_int_equal(cme_fence_lease(fence, 5, NOW + 3, NOW, &err), 0);
	assert_int_equal(cme_fence_lease(fence, 5, NOW + 9, NOW, &err), 0);
	assert_int_equal(cme_fence_lease(fence, 5, NOW + 6, NOW, &err), 0);
	assert_int_equal(cme_fence_left_us(fence, NOW), 9000);
}

static void takes_no_lease_that_is_over(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	refused(cme_fence_lease(fence, 5, NOW, NOW, &err), &err, "over already");
	assert_int_equal(cme_fence_left_us(fence, NOW - 1), 0);
	assert_int_equal(cme_fence_lease(fence, 4, NOW + 1, NOW, &err), 0); /* 5 was never had */
}

static void takes_no_earlier_epoch(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	assert_int_equal(cme_fence_lease(fence, 5, NOW + 3, NOW, &err), 0);
	refused(cme_fence_lease(fence, 4, NOW + 9, NOW, &err), &err, "a later one");
	refused(cme_fence_release(fence, 4, &err), &err, "a later one");
	assert_int_equal(cme_fence_left_us(fence, NOW), 3000);
	assert_int_equal(cme_fence_lease(fence, 6, NOW + 1, NOW, &err),
			 0); /* its own time, though it is shorter */
	assert_int_equal(cme_fence_left_us(fence, NOW), 1000);
}

static void takes_a_released_epoch_no_more(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	assert_int_equal(cme_fence_lease(fence, 5, NOW + 3, NOW, &err), 0);
	assert_int_equal(cme_fence_release(fence, 5, &err), 0);
	assert_int_equal(cme_fence_left_us(fence, NOW), 0);
	refused(cme_fence_lease(fence, 5, NOW + 9, NOW, &err), &err, "released");
	assert_int_equal(cme_fence_release(fence, 5, &err), 0); /* again is no failure */
	assert_int_equal(cme_fence_lease(fence, 6, NOW + 9, NOW, &err), 0);
	assert_int_equal(cme_fence_left_us(fence, NOW), 9000);
}

/* One that never had the epoch knows from then on that it is over: its lease may still be on its way. */
static void takes_the_lease_no_more_that_comes_after_its_release(void **state)
{
	struct cme_fence *fence = *state;
	struct cme_err err;

	assert_int_equal(cme_fence_release(fence, 5, &err), 0);
	refused(cme_fence_lease(fence, 5, NOW + 9, NOW, &err), &err, "released");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_open_without_being_leased),
		cmocka_unit_test_setup(is_shut_until_a_lease_and_after_it, set),
		cmocka_unit_test_setup(is_renewed_and_never_shortened_by_a_late_renewal, set),
		cmocka_unit_test_setup(takes_no_lease_that_is_over, set),
		cmocka_unit_test_setup(takes_no_earlier_epoch, set),
		cmocka_unit_test_setup(takes_a_released_epoch_no_more, set),
		cmocka_unit_test_setup(takes_the_lease_no_more_that_comes_after_its_release, set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "edge/keys/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT 2048

static void finds_each_and_nothing_else(void **state)
{
	static char names[COUNT][16];
	struct cme_table table;

	(void)state;
	assert_int_equal(cme_table_init(&table, COUNT), 0);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof names[i], "name-%zu", i);
		assert_true(cme_table_put(&table, names[i], strlen(names[i]), names[i]));
	}
	for (size_t i = 0; i < COUNT; i++)
		assert_ptr_equal(cme_table_get(&table, names[i], strlen(names[i])), names[i]);
	assert_null(cme_table_get(&table, "name-2048", 9));
	assert_null(cme_table_get(&table, "name-1", 5));
	assert_null(cme_table_get(&table, "", 0));
	cme_table_fini(&table);
}

static void keeps_what_came_first(void **state)
{
	static char first[] = "same", second[] = "same";
	struct cme_table table;

	(void)state;
	assert_int_equal(cme_table_init(&table, 2), 0);
	assert_true(cme_table_put(&table, first, 4, first));
	assert_false(cme_table_put(&table, second, 4, second));
	assert_ptr_equal(cme_table_get(&table, second, 4), first);
	cme_table_fini(&table);
}

static void has_nothing_when_it_is_empty(void **state)
{
	struct cme_table table;

	(void)state;
	assert_int_equal(cme_table_init(&table, 0), 0);
	assert_null(cme_table_get(&table, "a", 1));
	cme_table_fini(&table);
	assert_null(cme_table_get(&table, "a", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_and_nothing_else),
		cmocka_unit_test(keeps_what_came_first),
		cmocka_unit_test(has_nothing_when_it_is_empty),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

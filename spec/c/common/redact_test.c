/* SPDX-License-Identifier: MIT
 *
 * The table is shared with spec/unit/redact_spec.lua.
 */
#include "common/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void hides_keys_userinfo_and_queries(void **state)
{
	char line[512], out[512];
	int rows = 0;
	FILE *table = fopen("spec/fixtures/redact.tsv", "r");

	(void)state;
	assert_non_null(table);
	while (fgets(line, sizeof line, table)) {
		char *tab = strchr(line, '\t');

		assert_non_null(tab);
		line[strcspn(line, "\n")] = '\0';
		*tab = '\0';
		assert_string_equal(cme_redact_url(line, out, sizeof out), tab + 1);
		rows++;
	}
	fclose(table);
	assert_true(rows > 10);
}

static void cuts_at_the_size(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(cme_redact_url("rtmp://host/app/key", out, sizeof out), "rtmp://");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_keys_userinfo_and_queries),
		cmocka_unit_test(cuts_at_the_size),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}

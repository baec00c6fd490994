/* SPDX-License-Identifier: MIT */
#include "rtmp/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define FIELDS 6

/* The columns of a line: URL, host, port, app, key, tcUrl; or URL, what is wrong. */
static int split(char *line, char *field[FIELDS])
{
	int count = 0;

	line[strcspn(line, "\n")] = '\0';
	while (count < FIELDS && line)
		field[count++] = strsep(&line, "\t");
	return count;
}

static void expect_parts(const struct cme_rtmp_url *url, char *field[FIELDS])
{
	assert_int_equal(url->tls, strncasecmp(field[0], "rtmps:", 6) == 0);
	assert_int_equal(url->login, strchr(field[0], '@') != NULL);
	assert_string_equal(url->host, field[1]);
	assert_int_equal(url->port, atoi(field[2]));
	assert_string_equal(url->app, field[3]);
	assert_string_equal(url->key, field[4]);
	assert_string_equal(url->tc_url, field[5]);
}

/* The table is shared with spec/unit/net/rtmp_url_spec.lua. */
static void takes_urls_apart_as_the_table_says(void **state)
{
	FILE *table = fopen("spec/fixtures/rtmp_url.tsv", "r");
	char line[512], *field[FIELDS];
	struct cme_rtmp_url url;
	struct cme_err err;
	int rows = 0;

	(void)state;
	assert_non_null(table);
	for (; fgets(line, sizeof line, table); rows++) {
		bool good = split(line, field) == FIELDS;

		if ((cme_rtmp_url_parse(&url, field[0], &err) == 0) != good)
			fail_msg("%s: %s", field[0], good ? err.message : "was taken");
		if (good) {
			expect_parts(&url, field);
		} else {
			assert_string_equal(err.code, "invalid.url");
			assert_string_equal(err.message, field[1]);
		}
	}
	fclose(table);
	assert_true(rows > 30);
}

static void takes_no_other_scheme(void **state)
{
	static const char *const others[] = { "", "http://h/a/k", "rtmp:/h/a/k", "rtmpt://h/a/k" };
	struct cme_rtmp_url url;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(cme_rtmp_url_parse(&url, others[i], &err), -1);
		assert_string_equal(err.message, "the URL begins with neither rtmp:// nor rtmps://");
	}
}

static const struct {
	const char *url, *to, *tc_url, *key; /* tc_url NULL: refused */
} redirects[] = {
	{ "rtmp://h/live/key?a=1", "rtmp://other:1936/live", "rtmp://other:1936/live", "key?a=1" },
	{ "rtmp://h/live/key", "rtmp://other/live/", "rtmp://other/live", "key" },
	{ "rtmp://h/live/key", "rtmp://other/app/key", "rtmp://other/app", "key" },
	{ "rtmp://h/live/key", "rtmps://other/app", "rtmps://other/app", "key" },
	{ "rtmp://h/live/key", "rtmp://other/monkey", "rtmp://other/monkey", "key" },
	{ "rtmp://h/mystream", "rtmp://other/mystream", "rtmp://other/mystream", "" },
	{ "rtmp://h:1936/live/key", "//other/app", "rtmp://other/app", "key" },
	{ "rtmps://h/live/key", "//other/app", "rtmps://other/app", "key" },
	{ "rtmp://u:p@h:1936/live/key?a=1", "/app/two", "rtmp://h:1936/app/two", "key?a=1" },
	{ "rtmps://h/live/key", "rtmp://other/live", NULL, NULL },
	{ "rtmp://h/live/key", "http://other/live", NULL, NULL },
	{ "rtmp://h/live/key", "rtmp://:1/live", NULL, NULL },
};

static void a_redirect_names_the_server_alone(void **state)
{
	struct cme_rtmp_url url, before;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof redirects / sizeof redirects[0]; i++) {
		assert_int_equal(cme_rtmp_url_parse(&url, redirects[i].url, &err), 0);
		before = url;
		if (cme_rtmp_url_redirect(&url, redirects[i].to, &err) == 0) {
			assert_string_equal(url.tc_url, redirects[i].tc_url);
			assert_string_equal(url.key, redirects[i].key);
		} else {
			assert_null(redirects[i].tc_url);
			assert_string_equal(err.code, "invalid.url");
			assert_memory_equal(&url, &before, sizeof url);
		}
	}
}

static const struct {
	const char *url, *user, *password;
} logins[] = {
	{ "rtmp://h/a/k", "", "" },          { "rtmp://user:pass@h/a/k", "user", "pass" },
	{ "rtmp://user@h/a/k", "user", "" }, { "rtmp://us%40er:p%3Ass:w@h/a/k", "us@er", "p:ss:w" },
	{ "rtmp://:p@h/a/k", "", "p" },
};

static void keeps_the_login_apart_and_over_a_redirect(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		struct cme_rtmp_url url;
		struct cme_err err;

		assert_int_equal(cme_rtmp_url_parse(&url, logins[i].url, &err), 0);
		assert_string_equal(url.user, logins[i].user);
		assert_string_equal(url.password, logins[i].password);
		assert_string_equal(url.tc_url, "rtmp://h/a");
		assert_int_equal(cme_rtmp_url_redirect(&url, "rtmp://h2/a2", &err), 0);
		assert_string_equal(url.user, logins[i].user);
		assert_string_equal(url.password, logins[i].password);
	}
}

static void bounds_every_part(void **state)
{
	static const struct {
		const char *before, *after;
		size_t max;
		const char *message;
	} parts[] = {
		{ "rtmp://", "/a/k", CME_RTMP_HOST_MAX - 1, "the host in the URL is too long" },
		{ "rtmp://", ":p@h/a/k", CME_RTMP_USER_MAX - 1,
		  "the user or the password in the URL is too long" },
		{ "rtmp://u:", "@h/a/k", CME_RTMP_USER_MAX - 1,
		  "the user or the password in the URL is too long" },
		{ "rtmp://h/", "/k", CME_RTMP_APP_MAX - 1, "the application in the URL is too long" },
		{ "rtmp://h/a/", "", CME_RTMP_KEY_MAX - 1, "the stream key in the URL is too long" },
	};
	static char part[CME_RTMP_KEY_MAX + 1], text[CME_RTMP_KEY_MAX + 64];
	struct cme_rtmp_url url;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		memset(part, 'x', sizeof part);
		part[parts[i].max] = '\0';
		snprintf(text, sizeof text, "%s%s%s", parts[i].before, part, parts[i].after);
		assert_int_equal(cme_rtmp_url_parse(&url, text, &err), 0);
		assert_int_equal(strlen(url.tc_url), strlen("rtmp:///") + strlen(url.host) + strlen(url.app));
		memset(part, 'x', sizeof part);
		part[parts[i].max + 1] = '\0';
		snprintf(text, sizeof text, "%s%s%s", parts[i].before, part, parts[i].after);
		assert_int_equal(cme_rtmp_url_parse(&url, text, &err), -1);
		assert_string_equal(err.message, parts[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_urls_apart_as_the_table_says),
		cmocka_unit_test(takes_no_other_scheme),
		cmocka_unit_test(a_redirect_names_the_server_alone),
		cmocka_unit_test(keeps_the_login_apart_and_over_a_redirect),
		cmocka_unit_test(bounds_every_part),
	};

	return cmocka_run_group_tests_name("rtmp_url", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "relay/rtmp_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool tls;
	const char *host;
	int port;
	const char *app;
	const char *tc_url;
	const char *key;
} good[] = {
	{ "rtmp://push.example.com/live/room1?txSecret=1f&txTime=5e", false, "push.example.com", 1935, "live",
	  "rtmp://push.example.com/live", "room1?txSecret=1f&txTime=5e" },
	{ "RTMP://h/app/k", false, "h", 1935, "app", "rtmp://h/app", "k" },
	{ "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-Ab?s_bl=1&s_vt=api/x", true,
	  "live-api-s.facebook.com", 443, "rtmp", "rtmps://live-api-s.facebook.com:443/rtmp",
	  "FB-1-0-Ab?s_bl=1&s_vt=api/x" },
	{ "rtmps://h/app/k", true, "h", 443, "app", "rtmps://h/app", "k" },
	{ "rtmp://127.0.0.1:19350/cme/live1", false, "127.0.0.1", 19350, "cme", "rtmp://127.0.0.1:19350/cme",
	  "live1" },
	{ "rtmp://[2001:db8::1]:1936/a/b/key", false, "2001:db8::1", 1936, "a/b",
	  "rtmp://[2001:db8::1]:1936/a/b", "key" },
	{ "rtmp://[::1]/a/k", false, "::1", 1935, "a", "rtmp://[::1]/a", "k" },
	{ "rtmp://live-push.example.com/live-bvc/?streamname=live_1&key=2&schedule=rtmp", false,
	  "live-push.example.com", 1935, "live-bvc", "rtmp://live-push.example.com/live-bvc",
	  "?streamname=live_1&key=2&schedule=rtmp" },
	{ "rtmp://b.example.com/live2?backup=1/abcd-efgh", false, "b.example.com", 1935, "live2?backup=1",
	  "rtmp://b.example.com/live2?backup=1", "abcd-efgh" },
	{ "rtmp://h/live?vhost=v.example.com/k?t=1", false, "h", 1935, "live?vhost=v.example.com",
	  "rtmp://h/live?vhost=v.example.com", "k?t=1" },
	{ "rtmp://h/live2?backup=1/k?sig=a/b", false, "h", 1935, "live2?backup=1", "rtmp://h/live2?backup=1",
	  "k?sig=a/b" },
	{ "rtmp://h/a/%E6%8E%A8?x=%2F", false, "h", 1935, "a", "rtmp://h/a", "%E6%8E%A8?x=%2F" },
};

static void takes_urls_apart_as_platforms_mean_them(void **state)
{
	struct cme_rtmp_url url;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (cme_rtmp_url_parse(&url, good[i].text, &err) != 0)
			fail_msg("%s: %s", good[i].text, err.message);
		assert_int_equal(url.tls, good[i].tls);
		assert_string_equal(url.host, good[i].host);
		assert_int_equal(url.port, good[i].port);
		assert_string_equal(url.app, good[i].app);
		assert_string_equal(url.tc_url, good[i].tc_url);
		assert_string_equal(url.key, good[i].key);
	}
}

static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{ "", "destination URL: neither rtmp:// nor rtmps://" },
	{ "http://h/a/k", "destination URL: neither rtmp:// nor rtmps://" },
	{ "rtmp:/h/a/k", "destination URL: neither rtmp:// nor rtmps://" },
	{ "rtmp:///a/k", "destination URL: no host" },
	{ "rtmp://:1935/a/k", "destination URL: no host" },
	{ "rtmp://h", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h/", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h/app", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h/app/", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h//key", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h/app?x=1", "destination URL: an application and a stream key are needed after the host" },
	{ "rtmp://h:0/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://h:/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://h:65536/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://h:99999999999/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://h:80x/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://[::1/a/k", "destination URL: the IPv6 address has no closing bracket" },
	{ "rtmp://[::1]x/a/k", "destination URL: something other than a port follows the address" },
	{ "rtmp://2001:db8::1/a/k", "destination URL: the port is not a number from 1 to 65535" },
	{ "rtmp://u:secret@h/a/k", "destination URL: user and password in the URL are not supported" },
	{ "rtmp://h/a/k\r\nx", "destination URL: blanks or control characters in it" },
	{ "rtmp://h/a/k k", "destination URL: blanks or control characters in it" },
};

static void says_what_is_wrong_without_the_key(void **state)
{
	struct cme_rtmp_url url;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (cme_rtmp_url_parse(&url, bad[i].text, &err) == 0)
			fail_msg("%s was taken", bad[i].text);
		assert_string_equal(err.code, "invalid.url");
		assert_string_equal(err.message, bad[i].message);
	}
}

static void bounds_every_part(void **state)
{
	static const struct {
		const char *before, *after;
		size_t max;
		const char *message;
	} parts[] = {
		{ "rtmp://", "/a/k", CME_RTMP_HOST_MAX - 1, "destination URL: the host is too long" },
		{ "rtmp://h/", "/k", CME_RTMP_APP_MAX - 1, "destination URL: the application is too long" },
		{ "rtmp://h/a/", "", CME_RTMP_KEY_MAX - 1, "destination URL: the stream key is too long" },
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
		cmocka_unit_test(takes_urls_apart_as_platforms_mean_them),
		cmocka_unit_test(says_what_is_wrong_without_the_key),
		cmocka_unit_test(bounds_every_part),
	};

	return cmocka_run_group_tests_name("rtmp_url", tests, NULL, NULL);
}

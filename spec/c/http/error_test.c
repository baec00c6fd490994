/* SPDX-License-Identifier: MIT */
#include "http/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
	struct cme_http_failure failure;
	const char *code;
	const char *message;
};

static const struct row rows[] = {
	{ { .result = CURLE_COULDNT_RESOLVE_HOST }, "network.resolve", "could not resolve host (h:1)" },
	{ { .result = CURLE_COULDNT_CONNECT, .os_errno = ECONNREFUSED },
	  "network.connect",
	  "could not connect (h:1: Connection refused)" },
	{ { .result = CURLE_COULDNT_CONNECT, .os_errno = ECONNREFUSED, .proxied = true },
	  "network.proxy",
	  "could not connect to the proxy (h:1: Connection refused)" },
	{ { .result = CURLE_RECV_ERROR, .connect_code = 407 },
	  "network.proxy",
	  "the proxy refused to connect (h:1: it answered 407)" },
	{ { .result = CURLE_RECV_ERROR, .connect_code = 200, .os_errno = ECONNRESET },
	  "network.reset",
	  "connection lost (h:1: Connection reset by peer)" },
	{ { .result = CURLE_OPERATION_TIMEDOUT, .timeout = 60 },
	  "network.timeout",
	  "timed out (h:1: no connection within 60 s)" },
	{ { .result = CURLE_OPERATION_TIMEDOUT, .timeout = 0.5, .sent = true },
	  "network.timeout",
	  "timed out (h:1: no whole answer within 0.5 s)" },
	{ { .result = CURLE_PEER_FAILED_VERIFICATION, .detail = "SSL: self-signed\r\ncertificate" },
	  "network.tls",
	  "certificate not accepted (h:1: SSL: self-signed  certificate)" },
	{ { .result = CURLE_SSL_CONNECT_ERROR, .detail = "wrong version number" },
	  "network.tls",
	  "the server does not speak TLS (h:1)" },
	{ { .result = CURLE_SSL_CONNECT_ERROR,
	    .detail = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection" },
	  "network.reset",
	  "connection lost in the TLS handshake (h:1)" },
	{ { .result = CURLE_GOT_NOTHING }, "network.reset", "connection closed without an answer (h:1)" },
	{ { .result = CURLE_PARTIAL_FILE },
	  "network.reset",
	  "connection closed in the middle of the answer (h:1)" },
	{ { .result = CURLE_FILESIZE_EXCEEDED },
	  "network.too_large",
	  "the answer is larger than max_response (h:1)" },
	{ { .result = CURLE_ABORTED_BY_CALLBACK }, "network.cancelled", "cancelled (h:1)" },
	{ { .result = CURLE_FTP_WEIRD_PASS_REPLY },
	  "network.protocol",
	  "HTTP exchange failed (h:1: FTP: unknown PASS reply)" },
};

static void maps_results_to_codes_and_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cme_http_failure failure = rows[i].failure;
		struct cme_err err = { 0 };

		failure.host = "h:1";
		if (!failure.detail)
			failure.detail = "";
		cme_http_describe(&failure, &err);
		assert_string_equal(err.code, rows[i].code);
		assert_string_equal(err.message, rows[i].message);
	}
}

/* libcurl quotes a proxy's URL, password and all, in some of its texts. */
static void quotes_libcurl_about_tls_only(void **state)
{
	(void)state;
	for (int result = 1; result < CURL_LAST; result++) {
		struct cme_http_failure failure = { .result = (CURLcode)result,
						    .host = "h:1",
						    .detail = "http://user:pa55@proxy" };
		struct cme_err err = { 0 };

		cme_http_describe(&failure, &err);
		assert_int_equal(strncmp(err.code, "network.", 8), 0);
		if (strcmp(err.code, "network.tls") != 0)
			assert_null(strstr(err.message, "pa55"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_results_to_codes_and_words),
		cmocka_unit_test(quotes_libcurl_about_tls_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

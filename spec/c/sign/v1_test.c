/* SPDX-License-Identifier: MIT
 *
 * Signature v1 against the published vectors (V1a, V1b: cvm) and this project's own.
 */
#include "sign/v1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ID       "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
#define KEY      "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
#define ID_STAR  "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******"
#define KEY_STAR "Gu5t9xGARNpq86cd98joQYCN3*******"
#define CVM      "cvm.tencentcloudapi.com"
#define CME      "cme.tencentcloudapi.com"
#define INPUT    "StreamConnectProjectInput."
#define PARAMS   24

/* Names and values in turn, NULL at the end.
 * clang-format would put each on a line of its own. */
/* clang-format off */
static const char *const DESCRIBE[] = {
	"Action", "DescribeInstances",
	"InstanceIds.0", "ins-09dx96dg",
	"Limit", "20",
	"Nonce", "11886",
	"Offset", "0",
	"Region", "ap-guangzhou",
	"Version", "2017-03-12",
	"Timestamp", "1465185768",
	NULL,
};
static const char *const CREATE[] = {
	"Version", "2019-10-29",
	"Action", "CreateProject",
	"Platform", "test",
	"Category", "STREAM_CONNECT",
	"Name", "stream_connect",
	"Owner.Type", "PERSON",
	"Owner.Id", "user_id_109993839",
	INPUT "MainInput.InputType", "LivePull",
	INPUT "MainInput.LivePullInputInfo.InputUrl", "https://play.example.com/cme/src_live.flv",
	INPUT "Outputs.0.Id", "1",
	INPUT "Outputs.0.Name", "\xe6\x8e\xa8\xe6\xb5\x81" "1",
	INPUT "Outputs.0.Type", "URL",
	INPUT "Outputs.0.PushUrl", "rtmp://push.example.myqcloud.com/cme/live1",
	"Timestamp", "1551113065",
	"Nonce", "11886",
	NULL,
};
/* clang-format on */

static const struct vector {
	const char *name;
	const char *const *params;
	const char *method, *host, *id, *key, *algorithm;
	bool names_method; /* SignatureMethod is among the parameters */
	const char *signature;
} VECTORS[] = {
	{ "V1a", DESCRIBE, "GET", CVM, ID, KEY, "HmacSHA1", false, "EliP9YW3pW28FpsEdkXt/+WcGeI=" },
	{ "V1b", DESCRIBE, "GET", CVM, ID_STAR, KEY_STAR, "HmacSHA1", false, "zmmjn35mikh6pM3V7sUEuX4wyYM=" },
	{ "own 1", DESCRIBE, "GET", CVM, ID, KEY, "HmacSHA1", true, "nFz2pgfdJt/htY1FxMjYmrJCrc8=" },
	{ "own 2", DESCRIBE, "POST", CVM, ID, KEY, "HmacSHA1", true, "P40H7WENrb2GhOCYe4VozKZwf6g=" },
	{ "own 3", DESCRIBE, "GET", CVM, ID, KEY, "HmacSHA256", true,
	  "A8uy2/o7WBZXYCTWEFpMrVGhGBVlEGIOioeqRM+fzFs=" },
	{ "own 4", DESCRIBE, "POST", CVM, ID, KEY, "HmacSHA256", true,
	  "qwaMxk0NcXl0kw8VKseP3kAXJTW8MuyduO2uDJ69szQ=" },
	{ "create 1", CREATE, "GET", CME, ID, KEY, "HmacSHA1", true, "Zrn6cPv2Ew/VIj4XFz/NnJwfGe0=" },
	{ "create 2", CREATE, "GET", CME, ID, KEY, "HmacSHA256", true,
	  "pb7pUHp7mCpKCnWfoD9T+8a9+X7qJgeQwUhdUu/lX3U=" },
	{ "create 3", CREATE, "POST", CME, ID, KEY, "HmacSHA1", true, "ho6rai1vMgCPyCK9o8FxWxtR1FM=" },
	{ "create 4", CREATE, "POST", CME, ID, KEY, "HmacSHA256", true,
	  "+o5lVXYjcc/e0NlRYlRrob1oS/bl3rDXmwQKmEobc2g=" },
};

static struct cme_bytes bytes(const char *text)
{
	return (struct cme_bytes){ text, strlen(text) };
}

static void add(struct cme_v1_request *request, const char *name, const char *value)
{
	assert_true(request->param_count < PARAMS);
	request->params[request->param_count++] = (struct cme_v1_param){ bytes(name), bytes(value) };
}

static void check_vector(const struct vector *v, struct cme_digest *digest, struct cme_buf *text)
{
	struct cme_v1_param params[PARAMS];
	struct cme_v1_request request = { bytes(v->method), bytes(v->host), params, 0 };
	char signature[CME_V1_SIGNATURE_MAX];
	enum cme_hash hash;
	struct cme_err err;

	print_message("# %s\n", v->name);
	for (const char *const *p = v->params; *p; p += 2)
		add(&request, p[0], p[1]);
	add(&request, "SecretId", v->id);
	add(&request, "Signature", "is never signed itself");
	if (v->names_method)
		add(&request, "SignatureMethod", v->algorithm);
	assert_int_equal(cme_v1_algorithm(bytes(v->algorithm), &hash, &err), 0);
	assert_int_equal(cme_v1_string_to_sign(&request, text, &err), 0);
	assert_int_equal(cme_v1_sign(digest, hash, bytes(v->key), (struct cme_bytes){ text->data, text->len },
				     signature, &err),
			 0);
	assert_string_equal(signature, v->signature);
}

static void signs_the_vectors(void **state)
{
	struct cme_digest digest;
	struct cme_buf text;

	(void)state;
	cme_digest_init(&digest);
	cme_buf_init(&text, CME_V1_TEXT_MAX);
	for (size_t i = 0; i < COUNT(VECTORS); i++)
		check_vector(&VECTORS[i], &digest, &text);
	cme_digest_fini(&digest);
	cme_buf_fini(&text);
}

static void sorts_by_bytes_and_encodes_nothing(void **state)
{
	struct cme_v1_param params[PARAMS];
	struct cme_v1_request request = { bytes("GET"), bytes("h:8156"), params, 0 };
	struct cme_buf text;
	struct cme_err err;

	(void)state;
	cme_buf_init(&text, CME_V1_TEXT_MAX);
	add(&request, "Ids.10", "c");
	add(&request, "a_b", "x y&z=1/\xe6\x8e\xa8");
	add(&request, "Ids.1", "b");
	add(&request, "Ids", "");
	assert_int_equal(cme_v1_string_to_sign(&request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text), "GETh:8156/?Ids=&Ids.1=b&Ids.10=c&a_b=x y&z=1/\xe6\x8e\xa8");
	cme_buf_fini(&text);
}

static void refuses_what_cannot_be_signed(void **state)
{
	static const struct {
		const char *method, *host, *name, *code;
		struct cme_bytes value;
	} ROWS[] = {
		{ "get", CME, "A", "invalid.method", { "1", 1 } },
		{ "PUT", CME, "A", "invalid.method", { "1", 1 } },
		{ "GET", "", "A", "invalid.host", { "1", 1 } },
		{ "GET", "a b", "A", "invalid.host", { "1", 1 } },
		{ "GET", "a\n", "A", "invalid.host", { "1", 1 } },
		{ "GET", CME, "", "invalid.params", { "1", 1 } },
		{ "GET", CME, "A=B", "invalid.params", { "1", 1 } },
		{ "GET", CME, "A&B", "invalid.params", { "1", 1 } },
		{ "GET", CME, "Twice", "invalid.params", { "1", 1 } },
		{ "GET", CME, "A", "invalid.params", { "1\0002", 3 } },
	};
	struct cme_buf text;
	struct cme_err err;

	(void)state;
	cme_buf_init(&text, CME_V1_TEXT_MAX);
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct cme_v1_param params[] = { { bytes(ROWS[i].name), ROWS[i].value },
						 { bytes("Twice"), bytes("1") } };
		struct cme_v1_request request = { bytes(ROWS[i].method), bytes(ROWS[i].host), params, 2 };

		assert_int_equal(cme_v1_string_to_sign(&request, &text, &err), -1);
		assert_string_equal(err.code, ROWS[i].code);
	}
	cme_buf_fini(&text);
}

static void refuses_nothing_and_too_much(void **state)
{
	struct cme_v1_param params[PARAMS];
	struct cme_v1_request request = { bytes("POST"), bytes(CME), params, 0 };
	struct cme_buf text;
	struct cme_err err;

	(void)state;
	cme_buf_init(&text, 64);
	assert_int_equal(cme_v1_string_to_sign(&request, &text, &err), -1);
	assert_string_equal(err.code, "invalid.params");
	add(&request, "A", "0123456789012345678901234567890123456789012345678901234567890123");
	assert_int_equal(cme_v1_string_to_sign(&request, &text, &err), -1);
	assert_string_equal(err.code, "invalid.too_large");
	cme_buf_fini(&text);
}

static void knows_two_algorithms(void **state)
{
	static const char *const WRONG[] = { "", "HmacSHA", "hmacsha1", "HmacSHA512", "TC3-HMAC-SHA256" };
	struct cme_err err;
	enum cme_hash hash;

	(void)state;
	assert_int_equal(cme_v1_algorithm(bytes("HmacSHA1"), &hash, &err), 0);
	assert_int_equal(hash, CME_HASH_SHA1);
	assert_int_equal(cme_v1_algorithm(bytes("HmacSHA256"), &hash, &err), 0);
	assert_int_equal(hash, CME_HASH_SHA256);
	for (size_t i = 0; i < COUNT(WRONG); i++) {
		assert_int_equal(cme_v1_algorithm(bytes(WRONG[i]), &hash, &err), -1);
		assert_string_equal(err.code, "invalid.algorithm");
	}
}

static void undoes_the_url_encoding(void **state)
{
	static const struct {
		const char *text, *plain; /* NULL: refused */
	} ROWS[] = {
		{ "", "" },       { "a+b%20c%2F%2f%e4%B8%ad", "a b c//\xe4\xb8\xad" },
		{ "%", NULL },    { "a%4", NULL },
		{ "%zz1", NULL }, { "%4g", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		const size_t len = strlen(ROWS[i].text);
		char *copy = malloc(len + 1), *out = malloc(len + 1);
		size_t got;

		assert_non_null(copy);
		assert_non_null(out);
		memcpy(copy, ROWS[i].text, len);
		got = cme_v1_decode((struct cme_bytes){ copy, len }, out);
		assert_int_equal(got, ROWS[i].plain ? strlen(ROWS[i].plain) : len + 1);
		if (ROWS[i].plain)
			assert_memory_equal(out, ROWS[i].plain, got);
		free(copy);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_the_vectors),
		cmocka_unit_test(sorts_by_bytes_and_encodes_nothing),
		cmocka_unit_test(refuses_what_cannot_be_signed),
		cmocka_unit_test(refuses_nothing_and_too_much),
		cmocka_unit_test(knows_two_algorithms),
		cmocka_unit_test(undoes_the_url_encoding),
	};

	return cmocka_run_group_tests_name("v1", tests, NULL, NULL);
}

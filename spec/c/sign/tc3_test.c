/* SPDX-License-Identifier: MIT
 *
 * TC3-HMAC-SHA256 against the published vectors (T1-T4: cvm, with the vendor's example keys) and this
 * project's own (C1-C5): canonical request, string to sign and signature each.
 */
#include "sign/tc3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define ID       "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
#define KEY      "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
#define ID_STAR  "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******"
#define KEY_STAR "Gu5t9xGARNpq86cd98joQYCN3*******"
#define JSON     "application/json"
#define JSON_UTF JSON "; charset=utf-8"
#define FORM     "application/x-www-form-urlencoded"
#define CVM      "cvm.tencentcloudapi.com"
#define CME      "cme.tencentcloudapi.com"
#define DESCRIBE                                                                            \
	"{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": " \
	"\"instance-name\"}]}"
#define START "{\"Platform\":\"1000000009\",\"ProjectId\":\"12522d74de35ff\",\"Operation\":\"Start\"}"

static const struct vector {
	const char *name, *id, *key;
	const char *method, *query, *content_type, *host, *service, *payload;
	int64_t timestamp;
	bool unsigned_payload;
	const char *scope, *canonical_sha256, *signature;
} VECTORS[] = {
	{ "T1", ID, KEY, "POST", "", JSON_UTF, CVM, "cvm", DESCRIBE, 1551113065, false,
	  "2019-02-25/cvm/tc3_request", "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
	  "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168" },
	{ "T2", ID_STAR, KEY_STAR, "POST", "", JSON_UTF, CVM, "cvm", DESCRIBE, 1551113065, false,
	  "2019-02-25/cvm/tc3_request", "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
	  "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c" },
	{ "T4", ID, KEY, "GET", "Limit=10&Offset=0", FORM, CVM, "cvm", "", 1539084154, false,
	  "2018-10-09/cvm/tc3_request", "91c9c192c14460df6c1ffc69e34e6c5e90708de2a6d282cccf957dbf1aa7f3a7",
	  "5da7a33f6993f0614b047e5df4582db9e9bf4672ba50567dba16c6ccf174c474" },
	{ "C1", ID, KEY, "POST", "", JSON, CME, "cme", START, 1551113065, false, "2019-02-25/cme/tc3_request",
	  "b6827d99346ff0197836353ef66cb9bfdde680db769fefc2b50dbc6c86a58ac7",
	  "8ea054c4cd3ddedd39b5c7fe716ef3f96518692c00f1b58cc46106f0b77e38c2" },
	{ "C2", ID, KEY, "POST", "", JSON_UTF, CME, "cme", START, 1551113065, false,
	  "2019-02-25/cme/tc3_request", "c1f1d9bd1d41984d504b9217c7e11c34c1fed296c49046c953f90d6f09476d89",
	  "78472e294f9159a4b2e0bcc088c3a0b625c77849a980b104e00d1a11ccdac098" },
	{ "C3", ID, KEY, "POST", "", JSON, CME, "cme", START, 1551113065, true, "2019-02-25/cme/tc3_request",
	  "944a7bf6793778a8937863ff2be8d644483a61a7b14051de30f0053755acb26a",
	  "495cfc76d4494f800fcc91a55653e111b9584137a8c657d85ad75c5260a19c43" },
	{ "C4", ID, KEY, "POST", "", JSON, "cme.localhost:8080", "cme", START, 1551113065, false,
	  "2019-02-25/cme/tc3_request", "2121a24b81ee8de52d80e66cf1c90039f7103f2f3a4ff07080d7b181b224fc8f",
	  "b477245dd831f284d106aaf2d7977d4f9561b57d019f384944627b54879d5d8d" },
	{ "C5", ID, KEY, "GET", "Operation=Start&Platform=1000000009&ProjectId=12522d74de35ff", FORM, CME,
	  "cme", "", 1551113065, false, "2019-02-25/cme/tc3_request",
	  "ef75abd5ac885642284220ec396c01db739171db79c90fdadb0f4140cf4a60f0",
	  "4c101eeee30c994b004481fb5a6980f50d3ea6aadca036e43dfdd5e413d7c711" },
};

static struct cme_digest digest;
static struct cme_tc3_text text;
static struct cme_err err;

static struct cme_bytes bytes(const char *data)
{
	return (struct cme_bytes){ data, data ? strlen(data) : 0 };
}

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "CST-8", 1); /* dates are UTC wherever the machine is */
	tzset();
	cme_digest_init(&digest);
	cme_tc3_text_init(&text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cme_digest_fini(&digest);
	cme_tc3_text_fini(&text);
	return 0;
}

static struct cme_tc3_request request_of(const struct vector *v)
{
	return (struct cme_tc3_request){
		.method = bytes(v->method),
		.query = bytes(v->query),
		.service = bytes(v->service),
		.payload = bytes(v->payload),
		.timestamp = v->timestamp,
		.unsigned_payload = v->unsigned_payload,
	};
}

static void new_key(struct cme_tc3_key *key, const char *id, const char *secret)
{
	assert_int_equal(cme_tc3_key_init(key, bytes(id), bytes(secret), &err), 0);
}

static void check_vector(const struct vector *v, struct cme_tc3_key *key)
{
	struct cme_tc3_request request = request_of(v);
	struct cme_buf out;
	char expected[512];

	cme_buf_init(&out, 4096);
	print_message("# %s\n", v->name);
	assert_int_equal(cme_tc3_add_client_headers(&request, bytes(v->content_type), bytes(v->host),
						    bytes(NULL), &err),
			 0);
	assert_int_equal(cme_tc3_authorize(&digest, key, &request, &text, &out, &err), 0);
	assert_string_equal(text.canonical_sha256, v->canonical_sha256);
	assert_string_equal(cme_buf_str(&text.scope), v->scope);
	snprintf(expected, sizeof expected, "TC3-HMAC-SHA256\n%lld\n%s\n%s", (long long)v->timestamp,
		 v->scope, v->canonical_sha256);
	assert_string_equal(cme_buf_str(&text.string_to_sign), expected);
	snprintf(expected, sizeof expected,
		 "TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host, Signature=%s", v->id,
		 v->scope, v->signature);
	assert_string_equal(cme_buf_str(&out), expected);
	cme_buf_fini(&out);
}

static void signs_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(VECTORS); i++) {
		struct cme_tc3_key key;

		new_key(&key, VECTORS[i].id, VECTORS[i].key);
		check_vector(&VECTORS[i], &key);
		cme_tc3_key_fini(&key);
	}
}

/* One key through all days and services, forth and back: the cached day key must follow. */
static void the_day_key_follows_date_and_service(void **state)
{
	struct cme_tc3_key key;

	(void)state;
	new_key(&key, ID, KEY);
	check_vector(&VECTORS[0], &key); /* T1 and C1: the same day, another service */
	check_vector(&VECTORS[3], &key);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(VECTORS); i++)
			if (strcmp(VECTORS[i].key, KEY) == 0)
				check_vector(&VECTORS[i], &key);
		for (size_t i = COUNT(VECTORS); i-- > 0;)
			if (strcmp(VECTORS[i].key, KEY) == 0)
				check_vector(&VECTORS[i], &key);
	}
	cme_tc3_key_fini(&key);
}

static void the_canonical_request_reads_as_documented(void **state)
{
	struct cme_tc3_request request = request_of(&VECTORS[0]);

	(void)state;
	assert_int_equal(cme_tc3_add_client_headers(&request, bytes(JSON_UTF), bytes(CVM), bytes(NULL), &err),
			 0);
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.canonical),
			    "POST\n/\n\ncontent-type:application/json; charset=utf-8\n"
			    "host:cvm.tencentcloudapi.com\n\ncontent-type;host\n"
			    "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064");
}

static void hex_of_hmac(struct cme_bytes key, const char *data, unsigned char *mac, char *hex)
{
	assert_int_equal(cme_digest_hmac(&digest, CME_HASH_SHA256, key, bytes(data), mac, &err), 0);
	cme_hex(mac, CME_SHA256_SIZE, hex);
}

/* T1's chain as published, and that what the key caches is its end. */
static void the_key_chain_is_the_published_one(void **state)
{
	unsigned char mac[CME_SHA256_SIZE];
	struct cme_bytes raw = { (const char *)mac, sizeof mac };
	char hex[CME_HEX_SIZE];
	struct cme_tc3_key key;

	(void)state;
	hex_of_hmac(bytes("TC3" KEY), "2019-02-25", mac, hex);
	assert_string_equal(hex, "d1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a");
	hex_of_hmac(raw, "cvm", mac, hex);
	assert_string_equal(hex, "3c7cb7c7795393edc14fd2e0e6434a518564b4504b88e94f5d11bf59ba3e7050");
	hex_of_hmac(raw, "tc3_request", mac, hex);
	assert_string_equal(hex, "ac658d5dde49e9bfdd14e04e062f66b05d9f637d44b8a8d845327d4a77f666b1");

	new_key(&key, ID, KEY);
	check_vector(&VECTORS[0], &key);
	assert_memory_equal(key.signing, mac, sizeof mac);
	assert_string_equal(key.signing_date, "2019-02-25");
	cme_tc3_key_fini(&key);
}

/* T3 signs the action too. Its secret is withheld; its kDate is published, so the chain starts there. */
static void signs_the_action_in_lower_case(void **state)
{
	static const unsigned char K_DATE[CME_SHA256_SIZE] = {
		0xda, 0x98, 0xfb, 0x70, 0xdc, 0xf6, 0xb1, 0x12, 0xdc, 0x21, 0x03,
		0x8d, 0x1e, 0xee, 0xb3, 0xa9, 0x5c, 0x74, 0xb4, 0xdc, 0xb1, 0x2c,
		0x11, 0x31, 0xf8, 0x64, 0xf6, 0x06, 0x6b, 0xd0, 0x2b, 0xe0,
	};
	struct cme_tc3_request request = request_of(&VECTORS[0]);
	unsigned char mac[CME_SHA256_SIZE];
	struct cme_bytes raw = { (const char *)mac, sizeof mac };
	char hex[CME_HEX_SIZE];

	(void)state;
	assert_int_equal(cme_tc3_add_client_headers(&request, bytes(JSON_UTF), bytes(CVM),
						    bytes("DescribeInstances"), &err),
			 0);
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.signed_headers), "content-type;host;x-tc-action");
	assert_string_equal(text.canonical_sha256,
			    "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84");
	hex_of_hmac((struct cme_bytes){ (const char *)K_DATE, sizeof K_DATE }, "cvm", mac, hex);
	assert_string_equal(hex, "8d70cbefb03939f929db64d32dc2ba89b1095620119fe3e050e2b18c5bd2752f");
	hex_of_hmac(raw, "tc3_request", mac, hex);
	assert_string_equal(hex, "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af");
	hex_of_hmac(raw, cme_buf_str(&text.string_to_sign), mac, hex);
	assert_string_equal(hex, "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f");
}

static void headers_are_sorted_and_trimmed(void **state)
{
	struct cme_tc3_request request = request_of(&VECTORS[3]);

	(void)state;
	assert_int_equal(cme_tc3_add_header(&request, bytes("x-b"), bytes("2"), &err), 0);
	assert_int_equal(cme_tc3_add_header(&request, bytes("host"), bytes(" \tcme \t"), &err), 0);
	assert_int_equal(cme_tc3_add_header(&request, bytes("x"), bytes("inner  space"), &err), 0);
	assert_int_equal(cme_tc3_add_header(&request, bytes("a"), bytes(""), &err), 0);
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.signed_headers), "a;host;x;x-b");
	assert_non_null(strstr(cme_buf_str(&text.canonical),
			       "POST\n/\n\na:\nhost:cme\nx:inner  space\nx-b:2\n\na;host;x;x-b\n"));
}

static void a_verifier_may_give_date_and_payload_hash(void **state)
{
	struct cme_tc3_request request = request_of(&VECTORS[3]);
	struct cme_tc3_key key;
	char signature[CME_HEX_SIZE];

	(void)state;
	new_key(&key, ID, KEY);
	request.date = bytes("2019-02-25");
	request.payload = bytes("not what was sent");
	request.payload_hash = bytes("ea2122be7e98cb3760d9c339cba3639249e0638fe8ad480dedb95a4543b761db");
	cme_tc3_add_client_headers(&request, bytes(JSON), bytes(CME), bytes(NULL), &err);
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_int_equal(cme_tc3_sign(&digest, &key, &request, &text, signature, &err), 0);
	assert_string_equal(signature, VECTORS[3].signature);
	request.date = bytes("2019-02-26");
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.scope), "2019-02-26/cme/tc3_request");
	assert_int_equal(cme_tc3_sign(&digest, &key, &request, &text, signature, &err), 0);
	assert_string_not_equal(signature, VECTORS[3].signature);
	cme_tc3_key_fini(&key);
}

static void refuses_what_cannot_be_a_header(void **state)
{
	static const struct {
		const char *name, *value;
		size_t value_len;
	} ROWS[] = {
		{ "x-a", "1\r\nx-tc-token:2", 15 },
		{ "x-a", "1\n2", 3 },
		{ "x-a", "1\0002", 3 },
		{ "x-a", "\x7f", 1 },
		{ "x-a\n", "1", 1 },
		{ "X-A", "1", 1 },
		{ "x:a", "1", 1 },
		{ "x;a", "1", 1 },
		{ "", "1", 1 },
		{ "host", "again", 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		struct cme_tc3_request request = { 0 };
		struct cme_bytes value = { ROWS[i].value, ROWS[i].value_len };

		assert_int_equal(cme_tc3_add_header(&request, bytes("host"), bytes(CME), &err), 0);
		assert_int_equal(cme_tc3_add_header(&request, bytes(ROWS[i].name), value, &err), -1);
		assert_string_equal(err.code, "invalid.header");
	}
}

static void refuses_too_many_headers(void **state)
{
	struct cme_tc3_request request = { 0 };
	char names[CME_TC3_HEADERS_MAX + 1][16];

	(void)state;
	for (int i = 0; i <= CME_TC3_HEADERS_MAX; i++) {
		snprintf(names[i], sizeof names[i], "x-%02d", i);
		assert_int_equal(cme_tc3_add_header(&request, bytes(names[i]), bytes("1"), &err),
				 i < CME_TC3_HEADERS_MAX ? 0 : -1);
	}
	assert_int_equal(request.header_count, CME_TC3_HEADERS_MAX);
}

static void expect_refusal(const struct cme_tc3_request *request, const char *code)
{
	err = (struct cme_err){ 0 };
	assert_int_equal(cme_tc3_prepare(&digest, request, &text, &err), -1);
	assert_string_equal(err.code, code);
}

static void refuses_what_cannot_be_signed(void **state)
{
	struct cme_tc3_request good = request_of(&VECTORS[3]), bad = good;
	char *query = malloc(CME_TC3_CANONICAL_MAX);

	(void)state;
	expect_refusal(&bad, "invalid.header");
	cme_tc3_add_client_headers(&good, bytes(JSON), bytes(CME), bytes(NULL), &err);
	assert_int_equal(cme_tc3_prepare(&digest, &good, &text, &err), 0);
	bad = good;
	bad.timestamp = -1;
	expect_refusal(&bad, "invalid.timestamp");
	bad = good;
	bad.timestamp = CME_TC3_TIMESTAMP_MAX + 1;
	expect_refusal(&bad, "invalid.timestamp");
	bad = good;
	bad.method = bytes("post");
	expect_refusal(&bad, "invalid.method");
	bad = good;
	bad.method = bytes("");
	expect_refusal(&bad, "invalid.method");
	bad = good;
	bad.service = bytes("c/me");
	expect_refusal(&bad, "invalid.service");
	bad = good;
	bad.service = bytes("");
	expect_refusal(&bad, "invalid.service");
	bad = good;
	bad.query = bytes("a=1\nhost:x");
	expect_refusal(&bad, "invalid.query");
	bad = good;
	bad.date = bytes("2019-2-25");
	expect_refusal(&bad, "invalid.date");
	bad = good;
	bad.date = bytes("2019/02/25");
	expect_refusal(&bad, "invalid.date");
	bad = good;
	bad.payload_hash = bytes("ea21");
	expect_refusal(&bad, "invalid.payload_hash");
	memset(query, 'q', CME_TC3_CANONICAL_MAX);
	bad = good;
	bad.query = (struct cme_bytes){ query, CME_TC3_CANONICAL_MAX };
	expect_refusal(&bad, "invalid.too_large");
	assert_int_equal(cme_tc3_prepare(&digest, &good, &text, &err), 0);
	free(query);
}

static void days_begin_at_midnight_utc(void **state)
{
	struct cme_tc3_request request = request_of(&VECTORS[3]);

	(void)state;
	cme_tc3_add_client_headers(&request, bytes(JSON), bytes(CME), bytes(NULL), &err);
	request.timestamp = CME_TC3_TIMESTAMP_MAX;
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.scope), "9999-12-31/cme/tc3_request");
	request.timestamp = 1551139199;
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.scope), "2019-02-25/cme/tc3_request");
	request.timestamp = 1551139200;
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.scope), "2019-02-26/cme/tc3_request");
	request.timestamp = 0;
	assert_int_equal(cme_tc3_prepare(&digest, &request, &text, &err), 0);
	assert_string_equal(cme_buf_str(&text.scope), "1970-01-01/cme/tc3_request");
	assert_non_null(strstr(cme_buf_str(&text.string_to_sign), "\n0\n"));
}

static void refuses_keys_no_console_gives(void **state)
{
	static const struct {
		const char *id, *secret, *code;
	} ROWS[] = {
		{ "", KEY, "invalid.secret_id" },       { "AK/ID", KEY, "invalid.secret_id" },
		{ "AK ID", KEY, "invalid.secret_id" },  { ID, "", "invalid.secret_key" },
		{ ID, KEY "\n", "invalid.secret_key" }, { ID, "two words", "invalid.secret_key" },
	};
	char huge[CME_TC3_SECRET_MAX + 2];
	struct cme_tc3_key key;

	(void)state;
	for (size_t i = 0; i < COUNT(ROWS); i++) {
		assert_int_equal(cme_tc3_key_init(&key, bytes(ROWS[i].id), bytes(ROWS[i].secret), &err), -1);
		assert_string_equal(err.code, ROWS[i].code);
		assert_null(strstr(err.message, "Gu5t"));
	}
	memset(huge, 'k', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	assert_int_equal(cme_tc3_key_init(&key, bytes(ID), bytes(huge), &err), -1);
	assert_int_equal(cme_tc3_key_init(&key, bytes(ID), bytes(huge + 1), &err), 0);
	cme_tc3_key_fini(&key);
}

static void a_finished_key_holds_nothing(void **state)
{
	static const struct cme_tc3_key EMPTY;
	struct cme_tc3_key key;

	(void)state;
	new_key(&key, ID, KEY);
	check_vector(&VECTORS[3], &key);
	assert_string_equal(key.secret, "TC3" KEY);
	cme_tc3_key_fini(&key);
	assert_memory_equal(&key, &EMPTY, sizeof key);
	cme_tc3_key_fini(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_the_vectors),
		cmocka_unit_test(the_day_key_follows_date_and_service),
		cmocka_unit_test(the_canonical_request_reads_as_documented),
		cmocka_unit_test(the_key_chain_is_the_published_one),
		cmocka_unit_test(signs_the_action_in_lower_case),
		cmocka_unit_test(headers_are_sorted_and_trimmed),
		cmocka_unit_test(a_verifier_may_give_date_and_payload_hash),
		cmocka_unit_test(refuses_what_cannot_be_a_header),
		cmocka_unit_test(refuses_too_many_headers),
		cmocka_unit_test(refuses_what_cannot_be_signed),
		cmocka_unit_test(days_begin_at_midnight_utc),
		cmocka_unit_test(refuses_keys_no_console_gives),
		cmocka_unit_test(a_finished_key_holds_nothing),
	};

	return cmocka_run_group_tests_name("tc3", tests, setup, teardown);
}

/* SPDX-License-Identifier: MIT */
#include "edge/order.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HASH     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define KEY(...) "{\"op\":\"set\",\"spec\":{\"app\":\"output\",\"keys\":[" __VA_ARGS__ "]}}"

#define SRT(form) "{\"id\":\"a\",\"hashes\":[\"" HASH "\"],\"srt\":" form "}"

static int parse(const char *line, struct cme_order *order, struct cme_err *err)
{
	return cme_order_parse(line, strlen(line), order, err);
}

static void reads_keys(void **state)
{
	struct cme_order order;
	struct cme_err err;

	(void)state;
	assert_int_equal(parse("{\"id\":7,\"op\":\"set\",\"spec\":{\"revision\":3,\"app\":\"output\","
			       "\"secret\":\"hush-1\","
			       "\"keys\":[{\"id\":\"a-main\",\"hashes\":[\"" HASH "\",\"" HASH
			       "\"],\"expires\":12.5,"
			       "\"play\":\"p-main\",\"read\":[\"" HASH "\"],\"own\":true},"
			       "{\"id\":\"b\",\"hashes\":[\"" HASH "\"],"
			       "\"srt\":{\"hashes\":[\"" HASH "\"],\"passphrases\":[\"ten sekret\"]},"
			       "\"expires\":null,\"ended\":true}]}}",
			       &order, &err),
			 0);
	assert_int_equal(order.op, CME_ORDER_SET);
	assert_int_equal(json_integer_value(order.id), 7);
	assert_int_equal(order.spec.revision, 3);
	assert_string_equal(order.spec.app, "output");
	assert_int_equal(order.spec.count, 2);
	assert_string_equal(order.spec.keys[0].id, "a-main");
	assert_int_equal(order.spec.keys[0].hashes[CME_KEY_RTMP].count, 2);
	assert_int_equal(order.spec.keys[0].hashes[CME_KEY_RTMP].list[1][0], 0xba);
	assert_int_equal(order.spec.keys[0].hashes[CME_KEY_RTMP].list[1][31], 0xad);
	assert_int_equal(order.spec.keys[1].hashes[CME_KEY_SRT].list[0][31], 0xad);
	assert_int_equal(order.spec.keys[0].hashes[CME_KEY_READ].count, 1);
	assert_int_equal(order.spec.keys[0].hashes[CME_KEY_READ].list[0][31], 0xad);
	assert_int_equal(order.spec.keys[1].hashes[CME_KEY_READ].count, 0);
	assert_true(order.spec.keys[0].expires == 12.5);
	assert_false(order.spec.keys[0].ended);
	assert_string_equal(order.spec.keys[0].passphrases[1], "");
	assert_string_equal(order.spec.keys[1].passphrases[0], "ten sekret");
	assert_true(isinf(order.spec.keys[1].expires));
	assert_true(order.spec.keys[1].ended);
	assert_string_equal(order.spec.secret, "hush-1");
	assert_string_equal(order.spec.keys[0].play, "p-main");
	assert_true(order.spec.keys[0].own);
	assert_string_equal(order.spec.keys[1].play, "");
	assert_false(order.spec.keys[1].own);
	cme_order_fini(&order);
	assert_int_equal(parse("{\"op\":\"stat\"}", &order, &err), 0);
	assert_int_equal(order.op, CME_ORDER_STAT);
	cme_order_fini(&order);
}

#define LONG "123456789012345678901234567890123456789012345678901234567890" /* of 63 at most */
#define PAIR "[\"" HASH "\",\"" HASH "\"]"

/* As many as there may be, each with all that a key may have. */
static void takes_all_keys_in_one_line(void **state)
{
	struct cme_order order;
	struct cme_err err;
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);

	(void)state;
	fputs("{\"id\":1,\"op\":\"set\",\"spec\":{\"app\":\"output\",\"keys\":[", out);
	for (int i = 0; i < CME_INGEST_KEYS_MAX; i++)
		fprintf(out,
			"%s{\"id\":\"k%d\",\"hashes\":" PAIR ",\"read\":" PAIR ",\"srt\":{\"hashes\":" PAIR
			",\"passphrases\":[\"" LONG "\",\"" LONG
			"\"]},\"expires\":1763848800,\"play\":\"" LONG "\",\"own\":false,\"ended\":false}",
			i ? "," : "", i);
	fputs("]}}", out);
	fclose(out);
	assert_int_equal(cme_order_parse(line, len, &order, &err), 0);
	assert_int_equal(order.spec.count, CME_INGEST_KEYS_MAX);
	cme_order_fini(&order);
	free(line);
}

static const struct {
	const char *line;
	const char *message;
} faults[] = {
	{ "[]", "object expected" },
	{ "{\"op\":\"switch\"}", "op: unknown (one of set, stat, alive, reload, stop expected)" },
	{ "{\"op\":\"set\"}", "spec: object expected" },
	{ "{\"op\":\"set\",\"spec\":{}}", "app: up to 63 letters, digits, '.', '_' and '-' expected" },
	{ "{\"op\":\"set\",\"spec\":{\"app\":\"a\",\"keys\":{}}}", "keys: a list of at most 8192 expected" },
	{ "{\"op\":\"set\",\"spec\":{\"app\":\"a\",\"secret\":\"?\"}}",
	  "secret: up to 1023 letters, digits, '.', '_' and '-' expected" },
	{ KEY("{\"id\":\"a\",\"play\":\"a/b\"}"),
	  "keys[0]: play: up to 63 letters, digits, '.', '_' and '-' expected" },
	{ KEY("{\"id\":\"a\",\"hashes\":[\"" HASH "\"],\"read\":\"" HASH "\"}"),
	  "keys[0]: read: hashes: a list of 1 or 2 expected" },
	{ KEY("1"), "keys[0]: id: up to 63 letters, digits, '.', '_' and '-' expected" },
	{ KEY("{\"id\":\"../up\"}"), "keys[0]: id: up to 63 letters, digits, '.', '_' and '-' expected" },
	{ KEY("{\"id\":\"a\"}"), "keys[0]: hashes: a list of 1 or 2 expected" },
	{ KEY("{\"id\":\"a\",\"hashes\":[\"ab\"]}"),
	  "keys[0]: hashes: SHA-256 in 64 lower-case hex digits expected" },
	{ KEY("{\"id\":\"a\",\"hashes\":[\"" HASH "\"],\"expires\":\"x\"}"),
	  "keys[0]: expires: unix seconds or null expected" },
	{ KEY(SRT("[]")), "keys[0]: srt: object expected" },
	{ KEY(SRT("{}")), "keys[0]: srt: hashes: a list of 1 or 2 expected" },
	{ KEY(SRT("{\"hashes\":[\"" HASH "\"],\"passphrases\":[]}")),
	  "keys[0]: srt: passphrases: a list with one for each hash expected" },
	{ KEY(SRT("{\"hashes\":[\"" HASH "\"],\"passphrases\":[\"too short\"]}")),
	  "keys[0]: srt: passphrases: 10 to 79 bytes expected" },
	{ KEY("{\"id\":\"a\",\"hashes\":[\"" HASH "\"]},{\"id\":\"a\",\"hashes\":[\"" HASH "\"]}"),
	  "keys[1]: id: is there twice" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct cme_order order;
		struct cme_err err;

		assert_int_equal(parse(faults[i].line, &order, &err), -1);
		assert_string_equal(err.message, faults[i].message);
		cme_order_fini(&order);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_keys),
					    cmocka_unit_test(takes_all_keys_in_one_line),
					    cmocka_unit_test(says_what_is_wrong) };

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}

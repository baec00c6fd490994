/* SPDX-License-Identifier: MIT */
#include "sign/tc3.h"

#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

#define ALGORITHM       "TC3-HMAC-SHA256"
#define TERMINATOR      "tc3_request"
#define PREFIX          "TC3"
#define SECONDS_A_DAY   86400
#define HEADER_NAME_MAX 64   /* bytes of a header's name */
#define TEXT_LINE_MAX   4096 /* bytes of scope, signed headers, string to sign: more than any can be */

#define LITERAL(text)                    \
	(struct cme_bytes)               \
	{                                \
		(text), sizeof(text) - 1 \
	}

/* ---- what may be signed */

typedef bool (*byte_class)(unsigned char c);

static bool is_visible(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

static bool is_scope(unsigned char c)
{
	return is_visible(c) && c != '/' && c != ',';
}

static bool is_method(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_header_name(unsigned char c)
{
	return is_visible(c) && !(c >= 'A' && c <= 'Z') && c != ':' && c != ';' && c != ',';
}

static bool is_header_value(unsigned char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

static bool is_query(unsigned char c)
{
	return c > ' ' && c != 0x7f;
}

/* Says where the first byte outside the class is, never the text itself: it may be a secret. */
static int check_bytes(struct cme_bytes text, byte_class allowed, const char *code, const char *what,
		       struct cme_err *err)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (!allowed(c))
			return cme_err_set(err, code, "sign: %s: byte %zu (0x%02x) is not allowed there",
					   what, i + 1, c);
	}
	return 0;
}

static int check_text(struct cme_bytes text, size_t max, byte_class allowed, const char *code,
		      const char *what, struct cme_err *err)
{
	if (!text.data || text.len == 0)
		return cme_err_set(err, code, "sign: %s: is empty", what);
	if (text.len > max)
		return cme_err_set(err, code, "sign: %s: %zu bytes are too many (%zu at most)", what,
				   text.len, max);
	return check_bytes(text, allowed, code, what, err);
}

static bool same(struct cme_bytes a, const char *b, size_t b_len)
{
	return a.len == b_len && memcmp(a.data, b, b_len) == 0;
}

static int check_date(struct cme_bytes date, struct cme_err *err)
{
	static const char FORM[] = "dddd-dd-dd";
	bool good = date.len == sizeof FORM - 1;

	for (size_t i = 0; good && i < date.len; i++)
		good = FORM[i] == 'd' ? date.data[i] >= '0' && date.data[i] <= '9' : date.data[i] == FORM[i];
	return good ? 0 : cme_err_set(err, "invalid.date", "sign: date: is not of the form YYYY-MM-DD");
}

static bool is_hex(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static int check_payload_hash(struct cme_bytes hash, struct cme_err *err)
{
	if (!hash.data)
		return 0;
	if (hash.len != CME_HEX_SIZE - 1)
		return cme_err_set(err, "invalid.payload_hash", "sign: payload hash: is not 64 hex digits");
	return check_bytes(hash, is_hex, "invalid.payload_hash", "payload hash", err);
}

static int check_request(const struct cme_tc3_request *request, struct cme_err *err)
{
	if (request->timestamp < 0 || request->timestamp > CME_TC3_TIMESTAMP_MAX)
		return cme_err_set(err, "invalid.timestamp",
				   "sign: timestamp: is not a whole number of unix seconds up to year 9999");
	if (request->header_count == 0)
		return cme_err_set(err, "invalid.header", "sign: headers: none is signed");
	if (check_text(request->method, 16, is_method, "invalid.method", "method", err) != 0 ||
	    check_text(request->service, CME_TC3_SERVICE_MAX, is_scope, "invalid.service", "service", err) !=
		    0 ||
	    check_bytes(request->query, is_query, "invalid.query", "query", err) != 0 ||
	    (request->date.data && check_date(request->date, err) != 0))
		return -1;
	return check_payload_hash(request->payload_hash, err);
}

/* ---- keys */

int cme_tc3_key_init(struct cme_tc3_key *key, struct cme_bytes secret_id, struct cme_bytes secret_key,
		     struct cme_err *err)
{
	*key = (struct cme_tc3_key){ 0 };
	if (check_text(secret_id, CME_TC3_SECRET_MAX, is_scope, "invalid.secret_id", "secret id", err) != 0)
		return -1;
	/* A key with a line end in it was read from a file carelessly: every signature would be refused. */
	if (check_text(secret_key, CME_TC3_SECRET_MAX, is_visible, "invalid.secret_key", "secret key", err) !=
	    0)
		return -1;
	memcpy(key->secret_id, secret_id.data, secret_id.len);
	key->secret_id_len = secret_id.len;
	memcpy(key->secret, PREFIX, strlen(PREFIX));
	memcpy(key->secret + strlen(PREFIX), secret_key.data, secret_key.len);
	key->secret_len = strlen(PREFIX) + secret_key.len;
	return 0;
}

void cme_tc3_key_fini(struct cme_tc3_key *key)
{
	OPENSSL_cleanse(key, sizeof *key);
}

struct cme_bytes cme_tc3_key_secret(const struct cme_tc3_key *key)
{
	return (struct cme_bytes){ key->secret + strlen(PREFIX), key->secret_len - strlen(PREFIX) };
}

/* ---- headers */

static struct cme_bytes trim(struct cme_bytes text)
{
	cme_trim(&text.data, &text.len);
	return text;
}

static int compare(struct cme_bytes a, struct cme_bytes b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

int cme_tc3_add_header(struct cme_tc3_request *request, struct cme_bytes name, struct cme_bytes value,
		       struct cme_err *err)
{
	size_t at = request->header_count;
	char what[HEADER_NAME_MAX + 1];

	if (at == CME_TC3_HEADERS_MAX)
		return cme_err_set(err, "invalid.header", "sign: headers: more than %d are signed",
				   CME_TC3_HEADERS_MAX);
	if (check_text(name, HEADER_NAME_MAX, is_header_name, "invalid.header", "header name", err) != 0)
		return -1;
	for (; at > 0 && compare(name, request->headers[at - 1].name) < 0; at--)
		request->headers[at] = request->headers[at - 1];
	memcpy(what, name.data, name.len);
	what[name.len] = '\0';
	request->headers[at] = (struct cme_tc3_header){ name, trim(value) };
	request->header_count++;
	if (at > 0 && compare(name, request->headers[at - 1].name) == 0)
		return cme_err_set(err, "invalid.header", "sign: header '%s': is given twice", what);
	return check_bytes(value, is_header_value, "invalid.header", what, err);
}

/* The published example signs this header's value in lower case (vector T3), and so do verifiers. */
static int add_action(struct cme_tc3_request *request, struct cme_bytes action, struct cme_err *err)
{
	if (check_text(action, sizeof request->action, is_visible, "invalid.action", "action", err) != 0)
		return -1;
	for (size_t i = 0; i < action.len; i++) {
		char c = action.data[i];

		request->action[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return cme_tc3_add_header(request, LITERAL("x-tc-action"),
				  (struct cme_bytes){ request->action, action.len }, err);
}

int cme_tc3_add_client_headers(struct cme_tc3_request *request, struct cme_bytes content_type,
			       struct cme_bytes host, struct cme_bytes action, struct cme_err *err)
{
	if (check_text(host, 512, is_visible, "invalid.host", "host", err) != 0 ||
	    check_text(content_type, 512, is_header_value, "invalid.content_type", "content type", err) != 0)
		return -1;
	if (cme_tc3_add_header(request, LITERAL("content-type"), content_type, err) != 0 ||
	    cme_tc3_add_header(request, LITERAL("host"), host, err) != 0)
		return -1;
	return action.data ? add_action(request, action, err) : 0;
}

/* ---- canonical request and string to sign */

void cme_tc3_text_init(struct cme_tc3_text *text)
{
	*text = (struct cme_tc3_text){ 0 };
	cme_buf_init(&text->canonical, CME_TC3_CANONICAL_MAX);
	cme_buf_init(&text->signed_headers, TEXT_LINE_MAX);
	cme_buf_init(&text->scope, TEXT_LINE_MAX);
	cme_buf_init(&text->string_to_sign, TEXT_LINE_MAX);
}

void cme_tc3_text_fini(struct cme_tc3_text *text)
{
	cme_buf_fini(&text->canonical);
	cme_buf_fini(&text->signed_headers);
	cme_buf_fini(&text->scope);
	cme_buf_fini(&text->string_to_sign);
	cme_tc3_text_init(text);
}

static void put(struct cme_buf *out, struct cme_bytes text)
{
	cme_buf_append(out, text.data, text.len);
}

static void put_signed_headers(struct cme_buf *out, const struct cme_tc3_request *request)
{
	cme_buf_reset(out);
	for (size_t i = 0; i < request->header_count; i++) {
		if (i > 0)
			put(out, LITERAL(";"));
		put(out, request->headers[i].name);
	}
}

static int payload_hash(struct cme_digest *digest, const struct cme_tc3_request *request,
			char out[CME_HEX_SIZE], struct cme_err *err)
{
	struct cme_bytes payload = request->unsigned_payload ? LITERAL("UNSIGNED-PAYLOAD") : request->payload;

	if (request->payload_hash.data) {
		memcpy(out, request->payload_hash.data, CME_HEX_SIZE - 1);
		return 0;
	}
	return cme_digest_hash_hex(digest, CME_HASH_SHA256, payload, out, err);
}

static int put_canonical(struct cme_digest *digest, const struct cme_tc3_request *request,
			 struct cme_tc3_text *text, struct cme_err *err)
{
	struct cme_buf *out = &text->canonical;
	char hash[CME_HEX_SIZE];

	cme_buf_reset(out);
	put_signed_headers(&text->signed_headers, request);
	if (payload_hash(digest, request, hash, err) != 0)
		return -1;
	put(out, request->method);
	put(out, LITERAL("\n/\n"));
	put(out, request->query);
	put(out, LITERAL("\n"));
	for (size_t i = 0; i < request->header_count; i++) {
		put(out, request->headers[i].name);
		put(out, LITERAL(":"));
		put(out, request->headers[i].value);
		put(out, LITERAL("\n"));
	}
	put(out, LITERAL("\n"));
	cme_buf_append(out, text->signed_headers.data, text->signed_headers.len);
	put(out, LITERAL("\n"));
	cme_buf_append(out, hash, CME_HEX_SIZE - 1);
	if (out->failed)
		return cme_err_set(err, "invalid.too_large",
				   "sign: canonical request: is too large (%d bytes at most)",
				   CME_TC3_CANONICAL_MAX);
	return cme_digest_hash_hex(digest, CME_HASH_SHA256, (struct cme_bytes){ out->data, out->len },
				   text->canonical_sha256, err);
}

/* The date of a day is worked out once: days change less often than requests. */
static void put_date(const struct cme_tc3_request *request, struct cme_tc3_text *text)
{
	time_t at = (time_t)request->timestamp;
	struct tm utc;

	if (request->date.data) {
		memcpy(text->date, request->date.data, sizeof text->date - 1);
		return;
	}
	if (!text->day_text[0] || text->day != request->timestamp / SECONDS_A_DAY) {
		gmtime_r(&at, &utc);
		strftime(text->day_text, sizeof text->day_text, "%Y-%m-%d", &utc);
		text->day = request->timestamp / SECONDS_A_DAY;
	}
	memcpy(text->date, text->day_text, sizeof text->date);
}

static void put_decimal(struct cme_buf *out, int64_t value)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	cme_buf_append(out, digits + at, sizeof digits - at);
}

static void put_string_to_sign(const struct cme_tc3_request *request, struct cme_tc3_text *text)
{
	struct cme_buf *scope = &text->scope, *out = &text->string_to_sign;

	cme_buf_reset(scope);
	cme_buf_append(scope, text->date, sizeof text->date - 1);
	put(scope, LITERAL("/"));
	put(scope, request->service);
	put(scope, LITERAL("/" TERMINATOR));

	cme_buf_reset(out);
	put(out, LITERAL(ALGORITHM "\n"));
	put_decimal(out, request->timestamp);
	put(out, LITERAL("\n"));
	cme_buf_append(out, scope->data, scope->len);
	put(out, LITERAL("\n"));
	cme_buf_append(out, text->canonical_sha256, CME_HEX_SIZE - 1);
}

int cme_tc3_prepare(struct cme_digest *digest, const struct cme_tc3_request *request,
		    struct cme_tc3_text *text, struct cme_err *err)
{
	if (check_request(request, err) != 0 || put_canonical(digest, request, text, err) != 0)
		return -1;
	put_date(request, text);
	put_string_to_sign(request, text);
	if (text->signed_headers.failed || text->scope.failed || text->string_to_sign.failed)
		return cme_err_set(err, "sign.memory", "sign: string to sign: out of memory");
	return 0;
}

/* ---- signature */

static struct cme_bytes raw(const unsigned char hash[CME_SHA256_SIZE])
{
	return (struct cme_bytes){ (const char *)hash, CME_SHA256_SIZE };
}

static int derive(struct cme_digest *digest, struct cme_tc3_key *key, const char date[11],
		  struct cme_bytes service, struct cme_err *err)
{
	struct cme_bytes secret = { key->secret, key->secret_len }, day = { date, 10 };
	unsigned char *to = key->signing;

	key->signing_date[0] = '\0';
	if (cme_digest_hmac(digest, CME_HASH_SHA256, secret, day, to, err) != 0 ||
	    cme_digest_hmac(digest, CME_HASH_SHA256, raw(to), service, to, err) != 0 ||
	    cme_digest_hmac(digest, CME_HASH_SHA256, raw(to), LITERAL(TERMINATOR), to, err) != 0)
		return -1;
	memcpy(key->signing_service, service.data, service.len);
	key->signing_service_len = service.len;
	memcpy(key->signing_date, date, sizeof key->signing_date);
	return 0;
}

int cme_tc3_sign(struct cme_digest *digest, struct cme_tc3_key *key, const struct cme_tc3_request *request,
		 const struct cme_tc3_text *text, char signature[CME_HEX_SIZE], struct cme_err *err)
{
	struct cme_bytes string_to_sign = { text->string_to_sign.data, text->string_to_sign.len };
	unsigned char mac[CME_SHA256_SIZE];
	bool cached = strcmp(key->signing_date, text->date) == 0 &&
		      same(request->service, key->signing_service, key->signing_service_len);

	if (!cached && derive(digest, key, text->date, request->service, err) != 0)
		return -1;
	if (cme_digest_hmac(digest, CME_HASH_SHA256, raw(key->signing), string_to_sign, mac, err) != 0)
		return -1;
	cme_hex(mac, sizeof mac, signature);
	return 0;
}

int cme_tc3_authorize(struct cme_digest *digest, struct cme_tc3_key *key,
		      const struct cme_tc3_request *request, struct cme_tc3_text *text, struct cme_buf *out,
		      struct cme_err *err)
{
	char signature[CME_HEX_SIZE];

	if (cme_tc3_prepare(digest, request, text, err) != 0 ||
	    cme_tc3_sign(digest, key, request, text, signature, err) != 0)
		return -1;
	cme_buf_reset(out);
	put(out, LITERAL(ALGORITHM " Credential="));
	cme_buf_append(out, key->secret_id, key->secret_id_len);
	put(out, LITERAL("/"));
	cme_buf_append(out, text->scope.data, text->scope.len);
	put(out, LITERAL(", SignedHeaders="));
	cme_buf_append(out, text->signed_headers.data, text->signed_headers.len);
	put(out, LITERAL(", Signature="));
	cme_buf_append(out, signature, CME_HEX_SIZE - 1);
	return out->failed ? cme_err_set(err, "sign.memory", "sign: authorization: out of memory") : 0;
}

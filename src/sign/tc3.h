/* SPDX-License-Identifier: MIT
 *
 * TC3-HMAC-SHA256, the signature of Tencent Cloud API 3.0: canonical request -> string to sign ->
 * signature -> Authorization value (https://cloud.tencent.com/document/api/1156/40725). The client
 * signs with it and the local service checks with it, so the two cannot drift apart.
 *
 *   request --cme_tc3_prepare--> text (no key needed) --cme_tc3_sign--> signature
 *                                                      --cme_tc3_authorize--> Authorization value
 *
 * Pure: no clock, no I/O. A key and a text belong to one thread at a time. The day's derived key is
 * kept in the key until the date or the service changes. Functions return 0, or -1 with err filled:
 * "invalid.<field>" for what cannot be signed, "sign.crypto" for what OpenSSL refused. No message
 * contains a value, only where the fault is.
 */
#ifndef CME_SIGN_TC3_H
#define CME_SIGN_TC3_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "sign/digest.h"

#define CME_TC3_HEADERS_MAX   32
#define CME_TC3_ACTION_MAX    128          /* bytes */
#define CME_TC3_SERVICE_MAX   128          /* bytes; a local endpoint's scope may be "localhost:8156" */
#define CME_TC3_SECRET_MAX    256          /* bytes, secret id and secret key each */
#define CME_TC3_CANONICAL_MAX 262144       /* bytes; the API takes 32 KB of query, headers are less */
#define CME_TC3_TIMESTAMP_MAX 253402300799 /* 9999-12-31T23:59:59Z: past it a date has no four-digit year */

struct cme_tc3_header {
	struct cme_bytes name;  /* lower case */
	struct cme_bytes value; /* as hashed, without spaces around it */
};

/* What is signed. Zero it, fill the fields, then add the headers; all bytes are borrowed. */
struct cme_tc3_request {
	struct cme_bytes method;       /* "POST", "GET" */
	struct cme_bytes query;        /* exactly as sent, without '?'; empty for POST */
	struct cme_bytes service;      /* "cme" */
	struct cme_bytes date;         /* "YYYY-MM-DD"; data NULL: the timestamp's day in UTC */
	struct cme_bytes payload;      /* bytes on the wire */
	struct cme_bytes payload_hash; /* 64 hex digits instead of hashing payload; data NULL: hash it */
	int64_t timestamp;             /* unix seconds */
	bool unsigned_payload;         /* hash the literal UNSIGNED-PAYLOAD in the payload's place */

	struct cme_tc3_header headers[CME_TC3_HEADERS_MAX]; /* sorted by name; by cme_tc3_add_header */
	size_t header_count;
	char action[CME_TC3_ACTION_MAX]; /* the lower-case value that an x-tc-action header points to */
};

/* All that is worked out before a key is needed. The buffers' memory is reused call after call. */
struct cme_tc3_text {
	struct cme_buf canonical;            /* canonical request */
	struct cme_buf signed_headers;       /* "content-type;host" */
	struct cme_buf scope;                /* "2019-02-25/cme/tc3_request" */
	struct cme_buf string_to_sign;       /* four lines, the last one canonical_sha256 */
	char canonical_sha256[CME_HEX_SIZE]; /* lower-case hex */
	char date[11];                       /* the scope's date */
	char day_text[11];                   /* cache: the date of day; empty until the first use */
	int64_t day;                         /* cache: days since 1970-01-01 */
};

struct cme_tc3_key {
	char secret_id[CME_TC3_SECRET_MAX];
	char secret[3 + CME_TC3_SECRET_MAX];    /* "TC3" and the secret key */
	size_t secret_id_len;                   /* bytes; 0 once wiped */
	size_t secret_len;                      /* bytes, "TC3" included; 0 once wiped */
	unsigned char signing[CME_SHA256_SIZE]; /* the derived key of signing_date and signing_service */
	char signing_date[11];                  /* empty while nothing is derived */
	char signing_service[CME_TC3_SERVICE_MAX];
	size_t signing_service_len; /* bytes */
};

/* Copies both secrets. Refuses what no real pair contains: nothing, spaces, control characters. */
int cme_tc3_key_init(struct cme_tc3_key *key, struct cme_bytes secret_id, struct cme_bytes secret_key,
		     struct cme_err *err);

/* Wipes everything. Idempotent. */
void cme_tc3_key_fini(struct cme_tc3_key *key);

/* The secret key as v1 signs with it: without "TC3". Borrowed from the key. */
struct cme_bytes cme_tc3_key_secret(const struct cme_tc3_key *key);

void cme_tc3_text_init(struct cme_tc3_text *text);
void cme_tc3_text_fini(struct cme_tc3_text *text);

/* Puts one header in its sorted place, spaces around the value left out. Refuses upper case in the
 * name, control characters (a line break would forge another header), and a name given twice. */
int cme_tc3_add_header(struct cme_tc3_request *request, struct cme_bytes name, struct cme_bytes value,
		       struct cme_err *err);

/* The headers a client signs: content-type, host, and x-tc-action in lower case unless action.data
 * is NULL. */
int cme_tc3_add_client_headers(struct cme_tc3_request *request, struct cme_bytes content_type,
			       struct cme_bytes host, struct cme_bytes action, struct cme_err *err);

/* Fills text from the request. */
int cme_tc3_prepare(struct cme_digest *digest, const struct cme_tc3_request *request,
		    struct cme_tc3_text *text, struct cme_err *err);

/* Signs a prepared text; deriving the day's key first when the cached one is another's. */
int cme_tc3_sign(struct cme_digest *digest, struct cme_tc3_key *key, const struct cme_tc3_request *request,
		 const struct cme_tc3_text *text, char signature[CME_HEX_SIZE], struct cme_err *err);

/* prepare, sign, and the whole Authorization value into out (emptied first). */
int cme_tc3_authorize(struct cme_digest *digest, struct cme_tc3_key *key,
		      const struct cme_tc3_request *request, struct cme_tc3_text *text, struct cme_buf *out,
		      struct cme_err *err);

#endif

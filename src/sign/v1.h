/* SPDX-License-Identifier: MIT
 *
 * Signature v1 (HmacSHA1, HmacSHA256) of Tencent Cloud API 3.0: the flattened parameters, sorted by
 * name and not URL-encoded, behind method, host and path
 * (https://cloud.tencent.com/document/api/1156/40726). Encoding for the wire is the caller's, decoding is
 * here; the Python SDK's habit of signing '_' in names as '.' is the caller's, too.
 *
 * Pure: no clock, no I/O. Functions return 0, or -1 with err filled: "invalid.<field>" or "sign.crypto".
 * No message contains a parameter's value.
 */
#ifndef CME_SIGN_V1_H
#define CME_SIGN_V1_H

#include "common/buf.h"
#include "sign/digest.h"

#define CME_V1_TEXT_MAX      2097152 /* bytes of string to sign; the API takes 1 MB of form */
#define CME_V1_SIGNATURE_MAX 45      /* base64 of the longest hash, with its NUL */

struct cme_v1_param {
	struct cme_bytes name;  /* "Outputs.0.Id" */
	struct cme_bytes value; /* not URL-encoded */
};

struct cme_v1_request {
	struct cme_bytes method;     /* "GET", "POST": it is part of what is signed */
	struct cme_bytes host;       /* as sent */
	struct cme_v1_param *params; /* any order; sorted in place by these functions */
	size_t param_count;
};

/* The hash of "HmacSHA1" or "HmacSHA256". */
int cme_v1_algorithm(struct cme_bytes name, enum cme_hash *hash, struct cme_err *err);

/* Writes the string to sign to out (emptied first). A parameter named Signature is left out. */
int cme_v1_string_to_sign(struct cme_v1_request *request, struct cme_buf *out, struct cme_err *err);

/* The base64 signature of a string to sign. */
int cme_v1_sign(struct cme_digest *digest, enum cme_hash hash, struct cme_bytes secret,
		struct cme_bytes string_to_sign, char signature[CME_V1_SIGNATURE_MAX], struct cme_err *err);

/* Undoes the URL encoding of a name or value into out, which has room for as many bytes as text. Returns the
 * length; text.len + 1 when a percent sign has not two hex digits after it. */
size_t cme_v1_decode(struct cme_bytes text, char *out);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What JSON asks of bytes and numbers: is a text UTF-8, how is it written between quotes, how is a number
 * written. They know neither Lua nor the schema.
 */
#ifndef CME_JSON_CORE_PLAIN_H
#define CME_JSON_CORE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

#define CME_JSON_NUMBER_SIZE 32                 /* room for any number and its NUL */
#define CME_JSON_EXACT_MAX   9007199254740992.0 /* 2^53: up to it a double holds every integer */

/* UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF) without a NUL. */
bool cme_json_is_text(const char *text, size_t len);

/* Appends a text in quotes. Quote, backslash, control characters and DEL are escaped; a slash is not. Returns
 * false, with a part of it appended, when the text is not UTF-8; a NUL is written as \u0000. */
bool cme_json_quote(struct cme_buf *out, const char *text, size_t len);

/* Whether a JSON text has more than `most` commas between values, which is about one a value; what stands in
 * strings does not count. Of a text that is no JSON, any answer. */
bool cme_json_exceeds(const char *text, size_t len, size_t most);

/* Whether a number is an integer that a double holds exactly. */
bool cme_json_is_integer(double value);

/* Writes a finite number: integers that a double holds exactly without a point, others in the shorter of two
 * forms that reads back the same, with a point whatever the locale, or an exponent. Returns the length. */
size_t cme_json_number(double value, char out[CME_JSON_NUMBER_SIZE]);

#endif

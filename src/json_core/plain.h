/* SPDX-License-Identifier: MIT
 *
 * What JSON asks of bytes and numbers: is a text UTF-8, can it stand between quotes as it is, how is a number
 * written. Pure functions; they know neither Lua nor the schema.
 */
#ifndef CME_JSON_CORE_PLAIN_H
#define CME_JSON_CORE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#define CME_JSON_NUMBER_SIZE 32                 /* room for any number and its NUL */
#define CME_JSON_EXACT_MAX   9007199254740992.0 /* 2^53: up to it a double holds every integer */

/* UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF) without a NUL. */
bool cme_json_is_text(const char *text, size_t len);

/* Such a text that has nothing to be escaped either: no quote, backslash, control character or DEL. */
bool cme_json_is_plain(const char *text, size_t len);

/* Whether a number is an integer that a double holds exactly. */
bool cme_json_is_integer(double value);

/* Writes a finite number: integers without a point, others in the shorter of two forms that reads back the
 * same, with a point whatever the locale. Returns the length. */
size_t cme_json_number(double value, char out[CME_JSON_NUMBER_SIZE]);

#endif

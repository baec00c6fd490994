/* SPDX-License-Identifier: MIT
 *
 * One error: a code a program can match and a message a person can act on.
 *
 * The function that first knows the fact calls cme_err_set; outer layers add what they were doing
 * with cme_err_prefix and never replace it. Messages are UTF-8 whatever the peer's words in them were
 * (malformed bytes become '?'), cut between characters at the size. A struct cme_err is plain memory:
 * copy it freely, use it from any thread that owns it.
 *
 * Beside the message stands what it was made of: each format, which is a string literal, and the texts that
 * stood for its placeholders. With these a reader of another language says the same (cme.codes, whose
 * catalogue has the formats in Chinese in lua/cme/text/words/engine.lua); nobody takes messages apart.
 * So a value is a name, a number or the words of somebody else, or a text that is in that catalogue itself.
 */
#ifndef CME_COMMON_ERR_H
#define CME_COMMON_ERR_H

#include <stddef.h>

#define CME_ERR_CODE_MAX    64
#define CME_ERR_MESSAGE_MAX 512
#define CME_ERR_PHRASES_MAX 4

/* A part of a message. */
struct cme_phrase {
	const char *format;  /* of printf; a literal */
	unsigned char count; /* of its values */
};

struct cme_err {
	char code[CME_ERR_CODE_MAX];       /* dotted name, "network.timeout"; empty while there is no error */
	char message[CME_ERR_MESSAGE_MAX]; /* lower case, no full stop, UTF-8 */
	struct cme_phrase
		phrases[CME_ERR_PHRASES_MAX]; /* the fact, then what was being done, innermost first */
	char values[CME_ERR_MESSAGE_MAX];     /* of all phrases, in order, each ends in NUL */
	unsigned short values_len;            /* bytes of values in use */
	unsigned char phrase_count;           /* 0: its parts are not known (there were too many) */
};

/* Records an error over whatever err held. err may be NULL, then nothing happens.
 * Returns -1, so that a failing function can end in `return cme_err_set(...)`. */
int cme_err_set(struct cme_err *err, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<fmt>: " before the message of an error already set. Returns -1. */
int cme_err_prefix(struct cme_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The value at an index, counted through all phrases. */
const char *cme_err_value(const struct cme_err *err, size_t index);

#endif

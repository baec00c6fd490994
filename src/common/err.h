/* SPDX-License-Identifier: MIT
 *
 * One error: a code a program can match and a message a person can act on.
 *
 * The function that first knows the fact calls cme_err_set; outer layers add what they were doing
 * with cme_err_prefix and never replace it. Messages are UTF-8 whatever the peer's words in them were
 * (malformed bytes become '?'), cut between characters at the size. A struct cme_err is plain memory:
 * copy it freely, use it from any thread that owns it.
 */
#ifndef CME_COMMON_ERR_H
#define CME_COMMON_ERR_H

#define CME_ERR_CODE_MAX    64
#define CME_ERR_MESSAGE_MAX 512

struct cme_err {
	char code[CME_ERR_CODE_MAX];       /* dotted name, "network.timeout"; empty while there is no error */
	char message[CME_ERR_MESSAGE_MAX]; /* lower case, no full stop, UTF-8 */
};

/* Records an error over whatever err held. err may be NULL, then nothing happens.
 * Returns -1, so that a failing function can end in `return cme_err_set(...)`. */
int cme_err_set(struct cme_err *err, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<fmt>: " before the message of an error already set. Returns -1. */
int cme_err_prefix(struct cme_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

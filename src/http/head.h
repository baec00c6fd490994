/* SPDX-License-Identifier: MIT
 *
 * The head of a response: the lines libcurl hands over are collected here and read back as names and
 * values. Pure memory, bounded in bytes and in lines.
 *
 * Interim answers (100, 103) are dropped when the next status line comes, trailers after the end of
 * the head are dropped too, folded lines (RFC 9112, 5.2) are made whole, names are lower-cased.
 */
#ifndef CME_HTTP_HEAD_H
#define CME_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

#define CME_HTTP_HEAD_MAX  65536 /* bytes of one response's head */
#define CME_HTTP_LINES_MAX 256   /* header lines of one response */

struct cme_http_head {
	struct cme_buf text; /* "name: value\n" lines, names lower-case, no status line */
	unsigned lines;      /* header lines held */
	bool ended;          /* the empty line has been seen */
};

struct cme_http_header {
	const char *name; /* points into the text, lower-case */
	size_t name_len;
	const char *value; /* points into the text, trimmed */
	size_t value_len;
};

void cme_http_head_init(struct cme_http_head *head);
void cme_http_head_fini(struct cme_http_head *head);

/* Empties it for another response; keeps the memory. */
void cme_http_head_reset(struct cme_http_head *head);

/* Takes one line as libcurl gives it, its end included. Returns 0, or -1 when the head is too large. */
int cme_http_head_add(struct cme_http_head *head, const char *line, size_t len);

/* Reads the header at *offset (start with 0) of a head's text, or a copy of it, and moves on. Returns false
 * at the end. */
bool cme_http_head_next(const char *text, size_t len, size_t *offset, struct cme_http_header *header);

#endif

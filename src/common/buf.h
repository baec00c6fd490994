/* SPDX-License-Identifier: MIT
 *
 * A growable byte buffer with a limit. Appending past the limit, or out of memory, fails and leaves
 * the bytes already there unchanged; the buffer remembers it (`failed`), so a sequence of appends
 * needs one check at its end. Not shared between threads.
 */
#ifndef CME_COMMON_BUF_H
#define CME_COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct cme_buf {
	char *data;   /* len bytes and a NUL that is not counted; NULL while empty */
	size_t len;   /* bytes in use */
	size_t cap;   /* bytes allocated, the NUL's place included */
	size_t limit; /* the most len may become */
	bool failed;  /* an append was refused since init or reset */
};

void cme_buf_init(struct cme_buf *buf, size_t limit);
void cme_buf_fini(struct cme_buf *buf);

/* Empties the buffer and clears `failed`; keeps the memory. */
void cme_buf_reset(struct cme_buf *buf);

/* Makes room for `more` bytes and the NUL. Returns 0, or -1 with `failed` set. */
int cme_buf_reserve(struct cme_buf *buf, size_t more);

/* Both return 0, or -1 with `failed` set. Inline, because texts are built from many short parts. */
static inline int cme_buf_append(struct cme_buf *buf, const void *data, size_t len)
{
	if ((len >= buf->cap - buf->len || len > buf->limit - buf->len) && cme_buf_reserve(buf, len) != 0)
		return -1;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

static inline int cme_buf_puts(struct cme_buf *buf, const char *text)
{
	return cme_buf_append(buf, text, strlen(text));
}

/* Drops the first n bytes (all of them when n is larger). */
void cme_buf_consume(struct cme_buf *buf, size_t n);

/* The text so far, NUL-terminated; "" while empty. Valid until the next change. */
const char *cme_buf_str(const struct cme_buf *buf);

#endif

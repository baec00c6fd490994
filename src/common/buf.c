/* SPDX-License-Identifier: MIT */
#include "common/buf.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

void cme_buf_init(struct cme_buf *buf, size_t limit)
{
	*buf = (struct cme_buf){ .limit = limit };
}

void cme_buf_fini(struct cme_buf *buf)
{
	free(buf->data);
	cme_buf_init(buf, buf->limit);
}

void cme_buf_reset(struct cme_buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static int fail(struct cme_buf *buf)
{
	buf->failed = true;
	return -1;
}

int cme_buf_reserve(struct cme_buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : FIRST_CAP;
	char *data;

	if (more > buf->limit - buf->len)
		return fail(buf);
	if (buf->len + more + 1 <= buf->cap)
		return 0;
	while (cap < buf->len + more + 1)
		cap *= 2;
	data = realloc(buf->data, cap);
	if (!data)
		return fail(buf);
	buf->data = data;
	buf->cap = cap;
	return 0;
}

void cme_buf_consume(struct cme_buf *buf, size_t n)
{
	if (!buf->data)
		return;
	if (n > buf->len)
		n = buf->len;
	memmove(buf->data, buf->data + n, buf->len - n);
	buf->len -= n;
	buf->data[buf->len] = '\0';
}

const char *cme_buf_str(const struct cme_buf *buf)
{
	return buf->data ? buf->data : "";
}

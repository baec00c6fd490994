/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include <string.h>

#include "common/text.h"

static void lower(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
}

void cme_http_head_init(struct cme_http_head *head)
{
	*head = (struct cme_http_head){ 0 };
	cme_buf_init(&head->text, CME_HTTP_HEAD_MAX);
}

void cme_http_head_fini(struct cme_http_head *head)
{
	cme_buf_fini(&head->text);
}

void cme_http_head_reset(struct cme_http_head *head)
{
	cme_buf_reset(&head->text);
	head->lines = 0;
	head->ended = false;
}

static int add_folded(struct cme_http_head *head, const char *text, size_t len)
{
	if (head->text.len == 0)
		return 0;
	head->text.len--; /* the '\n' of the line this one goes on */
	cme_buf_puts(&head->text, " ");
	cme_buf_append(&head->text, text, len);
	cme_buf_puts(&head->text, "\n");
	return head->text.failed ? -1 : 0;
}

int cme_http_head_add(struct cme_http_head *head, const char *line, size_t len)
{
	bool folded = len && cme_is_blank(*line);
	const char *colon;
	size_t start = head->text.len;

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		cme_http_head_reset(head);
		return 0;
	}
	while (len && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	cme_trim(&line, &len);
	if (head->ended)
		return 0;
	if (len == 0) {
		head->ended = !folded;
		return 0;
	}
	if (folded)
		return add_folded(head, line, len);
	colon = memchr(line, ':', len);
	if (!colon || colon == line)
		return 0;
	if (++head->lines > CME_HTTP_LINES_MAX)
		return -1;
	if (cme_buf_append(&head->text, line, len) != 0 || cme_buf_puts(&head->text, "\n") != 0)
		return -1;
	lower(head->text.data + start, (size_t)(colon - line));
	return 0;
}

bool cme_http_head_next(const char *text, size_t len, size_t *offset, struct cme_http_header *header)
{
	const char *line = text + *offset;
	size_t left = len - *offset;
	const char *end = left ? memchr(line, '\n', left) : NULL;
	const char *colon = end ? memchr(line, ':', (size_t)(end - line)) : NULL;

	if (!colon)
		return false;
	*header = (struct cme_http_header){ .name = line,
					    .name_len = (size_t)(colon - line),
					    .value = colon + 1,
					    .value_len = (size_t)(end - colon - 1) };
	cme_trim(&header->name, &header->name_len);
	cme_trim(&header->value, &header->value_len);
	*offset += (size_t)(end - line) + 1;
	return true;
}

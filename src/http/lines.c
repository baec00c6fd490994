/* SPDX-License-Identifier: MIT */
#include "http/lines.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void cme_http_lines_init(struct cme_http_lines *lines)
{
	cme_buf_init(&lines->text, SIZE_MAX / 4);
	lines->count = 0;
}

void cme_http_lines_fini(struct cme_http_lines *lines)
{
	cme_buf_fini(&lines->text);
	lines->count = 0;
}

static void add(struct cme_http_lines *lines, const char *text, size_t len)
{
	lines->starts[lines->count++] = lines->text.len;
	cme_buf_append(&lines->text, text, len);
	cme_buf_append(&lines->text, "", 1);
}

/* libcurl reads "Name:" as "do not send it" and "Name;" as "send it empty". */
static void add_empty(struct cme_http_lines *lines, const char *line, size_t name_len)
{
	lines->starts[lines->count++] = lines->text.len;
	cme_buf_append(&lines->text, line, name_len);
	cme_buf_append(&lines->text, ";", 2);
}

/* Links the list, now that the texts no longer move. */
static void link_lines(struct cme_http_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		lines->list[i].data = lines->text.data + lines->starts[i];
		lines->list[i].next = i + 1 < lines->count ? &lines->list[i + 1] : NULL;
	}
}

int cme_http_lines_set(struct cme_http_lines *lines, const struct cme_http_request *request)
{
	bool typed = false, expects = false;

	cme_buf_reset(&lines->text);
	lines->count = 0;
	for (size_t i = 0; i < request->nheaders; i++) {
		const char *line = request->headers[i];
		size_t name_len = strcspn(line, ":");

		typed |= cme_http_header_is(line, "content-type");
		expects |= cme_http_header_is(line, "expect");
		if (line[name_len + 1 + strspn(line + name_len + 1, " \t")])
			add(lines, line, strlen(line));
		else
			add_empty(lines, line, name_len);
	}
	/* What libcurl would add by itself: a type that was not signed, a wait before large bodies. */
	if (!typed)
		add(lines, "Content-Type:", 13);
	if (!expects)
		add(lines, "Expect:", 7);
	if (lines->text.failed)
		return -1;
	link_lines(lines);
	return 0;
}

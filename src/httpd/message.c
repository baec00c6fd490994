/* SPDX-License-Identifier: MIT */
#include "httpd/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "httpd/limits.h"

void cme_httpd_message_init(struct cme_httpd_message *message, size_t limit)
{
	*message = (struct cme_httpd_message){ 0 };
	cme_buf_init(&message->text, limit);
}

void cme_httpd_message_fini(struct cme_httpd_message *message)
{
	cme_buf_fini(&message->text);
}

/* Appends one NUL-terminated part; a NUL inside ends it, so that parts cannot run into each other. */
static int add(struct cme_httpd_message *message, const char *part, size_t len)
{
	if (cme_buf_append(&message->text, part, strnlen(part, len)) != 0)
		return -1;
	return cme_buf_append(&message->text, "", 1);
}

int cme_httpd_message_set_uri(struct cme_httpd_message *message, const char *uri)
{
	const char *mark = strchr(uri, '?');
	const char *query = mark ? mark + 1 : "";

	if (add(message, uri, mark ? (size_t)(mark - uri) : strlen(uri)) != 0)
		return -1;
	message->query = message->text.len;
	if (add(message, query, strlen(query)) != 0)
		return -1;
	message->method = message->headers = message->text.len;
	return 0;
}

int cme_httpd_message_set_method(struct cme_httpd_message *message, const char *method)
{
	if (add(message, method, strlen(method)) != 0)
		return -1;
	message->headers = message->text.len;
	return 0;
}

int cme_httpd_message_add_header(struct cme_httpd_message *message, const char *name, size_t name_len,
				 const char *value, size_t value_len)
{
	/* RFC 9110, 5.5: white space around a value is not part of it. */
	cme_trim(&value, &value_len);
	if (add(message, name, name_len) != 0)
		return -1;
	return add(message, value, value_len);
}

const char *cme_httpd_message_path(const struct cme_httpd_message *message)
{
	return cme_buf_str(&message->text);
}

const char *cme_httpd_message_query(const struct cme_httpd_message *message)
{
	return message->query ? message->text.data + message->query : "";
}

const char *cme_httpd_message_method(const struct cme_httpd_message *message)
{
	return message->method ? message->text.data + message->method : "";
}

const char *cme_httpd_message_find(const struct cme_httpd_message *message, const char *name, size_t *cursor)
{
	size_t at = *cursor ? *cursor : message->headers;

	while (at < message->text.len) {
		const char *header = message->text.data + at;
		const char *value = header + strlen(header) + 1;

		at = (size_t)(value - message->text.data) + strlen(value) + 1;
		*cursor = at;
		if (strcasecmp(header, name) == 0)
			return value;
	}
	return NULL;
}

uint64_t cme_httpd_message_declared(const struct cme_httpd_message *message)
{
	size_t cursor = 0;
	const char *length;

	if (cme_httpd_message_find(message, "Transfer-Encoding", &cursor))
		return CME_HTTPD_BODY_UNKNOWN;
	cursor = 0;
	length = cme_httpd_message_find(message, "Content-Length", &cursor);
	return length ? strtoull(length, NULL, 10) : 0;
}

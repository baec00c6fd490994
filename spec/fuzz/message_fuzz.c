/* SPDX-License-Identifier: MIT
 *
 * Any target, method and headers as a request of the HTTP server, within a small limit: what is found is text
 * inside the message, past the limit the message has failed, and no header is found that was not added.
 */
#include "httpd/message.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next part, which ends at a line feed or with the input, as a string of its own. */
static char *next_part(const uint8_t **data, size_t *size, size_t *len)
{
	const uint8_t *end = *size ? memchr(*data, '\n', *size) : NULL;
	char *part;

	*len = end ? (size_t)(end - *data) : *size;
	part = malloc(*len + 1);
	if (!part)
		abort();
	if (*len)
		memcpy(part, *data, *len);
	part[*len] = '\0';
	*data += *len + (end ? 1 : 0);
	*size -= *len + (end ? 1 : 0);
	return part;
}

static void add_headers(struct cme_httpd_message *message, const uint8_t *data, size_t size)
{
	while (size) {
		size_t name_len, value_len;
		char *name = next_part(&data, &size, &name_len);
		char *value = next_part(&data, &size, &value_len);

		(void)cme_httpd_message_add_header(message, name, name_len, value, value_len);
		free(name);
		free(value);
	}
}

static void look(const struct cme_httpd_message *message)
{
	const char *start = message->text.data, *end, *found;
	size_t cursor = 0, before = 0;

	if (message->text.failed)
		return;
	end = start + message->text.len;
	while ((found = cme_httpd_message_find(message, "Host", &cursor))) {
		if (found < start || found + strlen(found) >= end || cursor <= before)
			abort();
		before = cursor;
	}
	if (strchr(cme_httpd_message_path(message), '?'))
		abort();
	(void)strlen(cme_httpd_message_query(message));
	(void)strlen(cme_httpd_message_method(message));
	(void)cme_httpd_message_declared(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_httpd_message message;
	size_t len;
	char *uri = next_part(&data, &size, &len);
	char *method = next_part(&data, &size, &len);

	cme_httpd_message_init(&message, LIMIT);
	if (cme_httpd_message_set_uri(&message, uri) == 0 &&
	    cme_httpd_message_set_method(&message, method) == 0)
		add_headers(&message, data, size);
	if (message.text.len > LIMIT)
		abort();
	look(&message);
	cme_httpd_message_fini(&message);
	free(uri);
	free(method);
	return 0;
}

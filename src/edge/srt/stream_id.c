/* SPDX-License-Identifier: MIT */
#include "edge/srt/stream_id.h"

#include <stdbool.h>
#include <string.h>

#define MARK "#!::"

struct field {
	const char *text;
	size_t len;
};

static bool is(const struct field *field, const char *text)
{
	return field->len == strlen(text) && memcmp(field->text, text, field->len) == 0;
}

/* Takes "name=value" off the front; false: it is not that. */
static bool take_field(const char **at, struct field *name, struct field *value)
{
	size_t len = strcspn(*at, ",");
	const char *equals = memchr(*at, '=', len);

	if (!equals)
		return false;
	*name = (struct field){ *at, (size_t)(equals - *at) };
	*value = (struct field){ equals + 1, len - name->len - 1 };
	*at += len;
	if (**at == ',')
		(*at)++;
	return true;
}

static enum cme_stream_id_verdict read_fields(const char *at, struct field *key)
{
	struct field name, value, mode = { NULL, 0 };

	while (*at) {
		struct field *to;

		if (!take_field(&at, &name, &value))
			return CME_STREAM_ID_MALFORMED;
		to = is(&name, "r") ? key : is(&name, "m") ? &mode : NULL;
		if (to && to->text)
			return CME_STREAM_ID_MALFORMED;
		if (to)
			*to = value;
	}
	/* without one, it is "request" */
	return mode.text && is(&mode, "publish") ? CME_STREAM_ID_GOOD : CME_STREAM_ID_PLAY;
}

enum cme_stream_id_verdict cme_stream_id_key(const char *id, const char **key, size_t *len)
{
	struct field found = { NULL, 0 };
	enum cme_stream_id_verdict verdict = CME_STREAM_ID_GOOD;

	if (strncmp(id, MARK, strlen(MARK)) == 0)
		verdict = read_fields(id + strlen(MARK), &found);
	else if (strncmp(id, "#!", 2) == 0)
		verdict = CME_STREAM_ID_MALFORMED;
	else
		found = (struct field){ id, strlen(id) };
	if (verdict == CME_STREAM_ID_GOOD && found.len == 0)
		verdict = CME_STREAM_ID_MALFORMED;
	*key = found.text;
	*len = found.len;
	return verdict;
}

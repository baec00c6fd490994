/* SPDX-License-Identifier: MIT */
#include "control/line.h"

#include <stdbool.h>

#include "control/err_json.h"

#define ID_MAX_BYTES 256

/* Ids come back in the answer: numbers and short strings only. */
static bool fit_for_id(const json_t *id)
{
	return json_is_number(id) || (json_is_string(id) && json_string_length(id) <= ID_MAX_BYTES);
}

json_t *cme_line_parse(const char *line, size_t len, json_t **id, struct cme_err *err)
{
	json_error_t where;
	json_t *json, *given;

	*id = json_null();
	if (len > CME_LINE_MAX) {
		cme_err_set(err, "invalid.too_long", "a line has at most %zu bytes", CME_LINE_MAX);
		return NULL;
	}
	/* jansson's own text quotes the input, which may hold a stream key: only the place is told */
	json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	if (!json) {
		cme_err_set(err, "invalid.json", "not JSON in UTF-8 (at byte %d)", where.position);
		return NULL;
	}
	given = json_object_get(json, "id");
	if (fit_for_id(given))
		*id = json_incref(given);
	if (json_is_object(json))
		return json;
	cme_err_set(err, "invalid.request", "object expected");
	json_decref(json);
	return NULL;
}

json_t *cme_answer_ok(json_t *id, json_t *ok)
{
	return json_pack("{s:O,s:o}", "id", id, "ok", ok);
}

json_t *cme_answer_error(json_t *id, const struct cme_err *err)
{
	return json_pack("{s:O,s:{s:s,s:s,s:o*}}", "id", id, "error", "code", err->code, "message",
			 err->message, "parts", cme_err_parts_json(err));
}

/* SPDX-License-Identifier: MIT */
#include "control/err_json.h"

/* A phrase, whose first value is at *value; moves that on. */
static json_t *phrase_json(const struct cme_err *err, unsigned index, size_t *value)
{
	const struct cme_phrase *phrase = &err->phrases[index];
	json_t *values = json_array();

	for (unsigned i = 0; i < phrase->count; i++)
		json_array_append_new(values, json_string(cme_err_value(err, (*value)++)));
	return json_pack("{s:s+,s:o}", "Code", "engine:", phrase->format, "Values", values);
}

json_t *cme_err_parts_json(const struct cme_err *err)
{
	json_t *json, *within;
	size_t value = 0;

	if (!err->code[0] || !err->phrase_count)
		return NULL;
	json = phrase_json(err, 0, &value);
	within = json_array();
	for (unsigned i = 1; i < err->phrase_count; i++)
		json_array_append_new(within, phrase_json(err, i, &value));
	json_object_set_new(json, "Within", within);
	return json;
}

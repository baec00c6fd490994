/* SPDX-License-Identifier: MIT */
#include "relay/base/record.h"

#include <stdlib.h>
#include <string.h>

#include "relay/base/spec.h"

struct cme_record_spec *cme_record_copy(const struct cme_record_spec *from)
{
	struct cme_record_spec *to = from ? malloc(sizeof *to) : NULL;

	if (!to)
		return NULL;
	*to = *from;
	to->folder = strdup(from->folder);
	to->name = strdup(from->name);
	if (to->folder && to->name)
		return to;
	cme_record_free(to);
	return NULL;
}

void cme_record_free(struct cme_record_spec *record)
{
	if (!record)
		return;
	free(record->folder);
	free(record->name);
	free(record);
}

bool cme_record_same(const struct cme_record_spec *a, const struct cme_record_spec *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a->folder, b->folder) == 0 && strcmp(a->name, b->name) == 0 && a->of == b->of &&
	       a->max_seconds == b->max_seconds && a->max_bytes == b->max_bytes &&
	       a->total_bytes == b->total_bytes;
}

const char *cme_record_of(const struct cme_record_spec *record)
{
	return record->of == CME_RECORD_PROGRAMME ? "programme" : cme_endpoint_names[record->of];
}

/* SPDX-License-Identifier: MIT */
#include "relay/output/push/telling.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "relay/base/scheme.h"

static json_t *hexadecimal(const uint8_t *data, size_t len)
{
	char *text = malloc(2 * len + 1);
	json_t *json;

	if (!text)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	json = json_stringn(text, 2 * len);
	free(text);
	return json;
}

static json_t *stream_json(const struct cme_params *par)
{
	if (!par)
		return json_null();
	return json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:o}", "codec", cme_params_name(par), "bit_rate",
			 (int)par->bit_rate, "width", par->width, "height", par->height, "sample_rate",
			 par->sample_rate, "frame_size", par->frame_size, "channels", par->channels,
			 "extradata", hexadecimal(par->extradata, par->extradata_len));
}

const char *cme_push_container(const struct cme_output *out)
{
	return out->record ? "mp4" : cme_scheme_find(out->url)->container;
}

static json_t *record_json(const struct cme_record_spec *record)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:I}", "folder", record->folder, "name", record->name,
			 "max_seconds", (json_int_t)record->max_seconds, "max_bytes",
			 (json_int_t)record->max_bytes, "total_bytes", (json_int_t)record->total_bytes);
}

char *cme_push_telling(const struct cme_output *out, const struct cme_media *media, int64_t until_ms,
		       int64_t proof_us)
{
	json_t *line =
		json_pack("{s:s,s:s,s:s?,s:I,s:o,s:o}", "url", out->url, "container", cme_push_container(out),
			  "ca_file", out->ca_file, "proof_ms", (json_int_t)(proof_us / CME_MS_US), "video",
			  stream_json(media->par[CME_VIDEO]), "audio", stream_json(media->par[CME_AUDIO]));
	char *text;

	if (line && out->record)
		json_object_set_new(line, "record", record_json(out->record));
	if (line && until_ms != CME_FENCE_NEVER)
		json_object_set_new(line, "until_ms", json_integer(until_ms));
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	return text;
}

/* SPDX-License-Identifier: MIT */
#include "push/task.h"

#include <ctype.h>
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <string.h>

#include "common/clock.h"

static int number(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* -1: it is no digit. */
static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* false: no memory, or not hexadecimal. */
static bool set_extradata(AVCodecParameters *par, const char *hex)
{
	size_t len = hex ? strlen(hex) / 2 : 0;

	if (!len)
		return true;
	par->extradata = av_mallocz(len + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!par->extradata)
		return false;
	par->extradata_size = (int)len;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		par->extradata[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool set_stream(AVCodecParameters **to, const json_t *stream)
{
	const AVCodecDescriptor *codec;
	const char *name = text(stream, "codec");
	AVCodecParameters *par;

	if (!name)
		return json_is_null(stream) || !stream;
	codec = avcodec_descriptor_get_by_name(name);
	par = *to = avcodec_parameters_alloc();
	if (!codec || !par)
		return false;
	par->codec_type = codec->type;
	par->codec_id = codec->id;
	par->bit_rate = number(stream, "bit_rate");
	par->width = number(stream, "width");
	par->height = number(stream, "height");
	par->sample_rate = number(stream, "sample_rate");
	par->frame_size = number(stream, "frame_size");
	if (number(stream, "channels") > 0)
		av_channel_layout_default(&par->ch_layout, number(stream, "channels"));
	return set_extradata(par, text(stream, "extradata"));
}

static bool set_record(struct cme_push_record_task *record, const json_t *json)
{
	if (!json)
		return true;
	*record = (struct cme_push_record_task){
		.folder = text(json, "folder"),
		.name = text(json, "name"),
		.max_us = json_integer_value(json_object_get(json, "max_seconds")) * CME_SECOND_US,
		.max_bytes = json_integer_value(json_object_get(json, "max_bytes")),
		.total_bytes = json_integer_value(json_object_get(json, "total_bytes"))
	};
	return record->folder && record->name;
}

int cme_push_task_init(struct cme_push_task *task, json_t *line, struct cme_err *err)
{
	*task = (struct cme_push_task){ .line = line,
					.url = text(line, "url"),
					.container = text(line, "container"),
					.ca_file = text(line, "ca_file"),
					.until_ms = json_integer_value(json_object_get(line, "until_ms")),
					.proof_us = number(line, "proof_ms") * CME_MS_US };
	if (task->url && task->container && set_record(&task->record, json_object_get(line, "record")) &&
	    set_stream(&task->par[CME_VIDEO], json_object_get(line, "video")) &&
	    set_stream(&task->par[CME_AUDIO], json_object_get(line, "audio")))
		return 0;
	return cme_err_set(err, "internal", "the line of JSON says nothing that can be done");
}

void cme_push_task_fini(struct cme_push_task *task)
{
	for (int i = 0; i < CME_STREAMS; i++)
		avcodec_parameters_free(&task->par[i]);
	json_decref(task->line);
	task->line = NULL;
}

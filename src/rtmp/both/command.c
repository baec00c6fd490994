/* SPDX-License-Identifier: MIT */
#include "rtmp/both/command.h"

#include <string.h>

#include "stream/bytes.h"

#define COMMAND_MAX 8192

enum { CSID_CONTROL = 2, CSID_COMMAND = 3 };

/* A command has a name. What follows may be missing, the id as well (ffmpeg's onFCPublish): then it is 0.
 * Nobody asked for a command that has none of our ids, so what it holds cannot end the session. */
int cme_rtmp_command_parse(const uint8_t *data, size_t len, struct cme_rtmp_command *command)
{
	struct cme_amf_value *const rest[] = { &command->id, &command->object, &command->info };
	size_t at = cme_amf_read(data, len, &command->name);

	command->id = (struct cme_amf_value){ .type = CME_AMF_NUMBER };
	command->object = command->info = (struct cme_amf_value){ .type = CME_AMF_NULL };
	if (!at || command->name.type != CME_AMF_STRING)
		return -1;
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		struct cme_amf_value value;
		size_t n = cme_amf_read(data + at, len - at, &value);

		if (n == 0)
			break;
		if (i == 0 && value.type != CME_AMF_NUMBER)
			continue; /* no id: it is the object already */
		*rest[i] = value;
		at += n;
	}
	return 0;
}

void cme_rtmp_command_begin(struct cme_buf *body, const char *name, double id)
{
	cme_buf_init(body, COMMAND_MAX);
	cme_amf_put_string(body, name);
	cme_amf_put_number(body, id);
}

void cme_rtmp_command_end(struct cme_rtmp_voice voice, struct cme_buf *body, uint32_t stream_id)
{
	struct cme_chunk_message message = { .csid = CSID_COMMAND,
					     .type = CME_RTMP_COMMAND,
					     .stream_id = stream_id,
					     .data = (const uint8_t *)cme_buf_str(body),
					     .len = body->len };

	voice.out->failed |= body->failed;
	cme_chunk_write(voice.out, &message, voice.chunk_size);
	cme_buf_fini(body);
}

void cme_rtmp_put_text(struct cme_buf *body, const char *key, const char *value)
{
	cme_amf_put_key(body, key);
	cme_amf_put_string(body, value);
}

void cme_rtmp_put_number(struct cme_buf *body, const char *key, double value)
{
	cme_amf_put_key(body, key);
	cme_amf_put_number(body, value);
}

void cme_rtmp_send_control(struct cme_rtmp_voice voice, enum cme_rtmp_type type, const void *data, size_t len)
{
	struct cme_chunk_message message = {
		.csid = CSID_CONTROL, .type = (uint8_t)type, .data = data, .len = len
	};

	cme_chunk_write(voice.out, &message, voice.chunk_size);
}

void cme_rtmp_send_number(struct cme_rtmp_voice voice, enum cme_rtmp_type type, uint32_t value)
{
	uint8_t data[4];

	cme_put_be32(data, value);
	cme_rtmp_send_control(voice, type, data, sizeof data);
}

void cme_rtmp_send_pong(struct cme_rtmp_voice voice, const uint8_t stamp[4])
{
	uint8_t pong[6] = { 0, CME_RTMP_PONG };

	memcpy(pong + 2, stamp, 4);
	cme_rtmp_send_control(voice, CME_RTMP_USER_CONTROL, pong, sizeof pong);
}

/* SPDX-License-Identifier: MIT */
#include "edge/channel/frame.h"

#include <stdlib.h>
#include <string.h>

#include "stream/bytes.h"
#include "stream/flv/body.h"

/* AMF0 strings: what an encoder puts before its onMetaData for servers alone, and the name itself. */
#define SET_DATA_FRAME "\x02\0\x0d@setDataFrame"
#define ON_META_DATA   "\x02\0\x0aonMetaData"

/* Of picture and sound, and the size of no tag before the first. */
static const uint8_t file_header[] = { 'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0 };

static bool begins(const struct cme_flv_tag *tag, const char *bytes, size_t len)
{
	return tag->len >= len && memcmp(tag->data, bytes, len) == 0;
}

/* A slot for each kind of header of each track. */
static uint32_t slot_of(uint8_t type, enum cme_flv_part part, uint8_t track)
{
	return (uint32_t)type << 16 | (uint32_t)part << 8 | track;
}

static void judge_media(struct cme_frame *frame, const struct cme_flv_tag *tag)
{
	bool video = tag->type == CME_FLV_VIDEO;
	struct cme_flv_body body;
	struct cme_flv_unit unit;

	frame->use = CME_FRAME_PASS;
	cme_flv_body_init(&body, video, tag->data, tag->len);
	if (cme_flv_body_next(&body, &unit) != 1)
		return;
	if (unit.part == CME_FLV_CONFIG || unit.part == CME_FLV_METADATA || unit.part == CME_FLV_CHANNELS) {
		frame->use = tag->len <= CME_FRAME_HEADER_MAX ? CME_FRAME_HEADER : CME_FRAME_PASS;
		frame->slot = slot_of(tag->type, unit.part, unit.track);
	} else if (unit.part == CME_FLV_FRAMES && video && unit.keyframe) {
		frame->use = CME_FRAME_START;
	}
}

static void judge(struct cme_frame *frame, const struct cme_flv_tag *tag)
{
	bool description = tag->type == CME_FLV_SCRIPT && begins(tag, ON_META_DATA, sizeof ON_META_DATA - 1);

	if (tag->type != CME_FLV_SCRIPT) {
		judge_media(frame, tag);
		return;
	}
	frame->use = description ? CME_FRAME_HEADER : CME_FRAME_PASS;
	frame->slot = slot_of(tag->type, CME_FLV_METADATA, 0);
}

static void write_tag(struct cme_frame *frame, const struct cme_flv_tag *tag)
{
	uint8_t *out = frame->bytes;

	out[0] = tag->type;
	cme_put_be24(out + 1, (uint32_t)tag->len);
	cme_put_be24(out + 4, tag->timestamp);
	out[7] = (uint8_t)(tag->timestamp >> 24);
	memset(out + 8, 0, 3);
	memcpy(out + CME_FLV_TAG_HEADER, tag->data, tag->len);
	cme_put_be32(out + CME_FLV_TAG_HEADER + tag->len, (uint32_t)(CME_FLV_TAG_HEADER + tag->len));
}

/* Whether readers have any use of it; strips what is for servers alone. */
static bool clean(struct cme_flv_tag *tag)
{
	if (tag->type == CME_FLV_SCRIPT && begins(tag, SET_DATA_FRAME, sizeof SET_DATA_FRAME - 1)) {
		tag->data += sizeof SET_DATA_FRAME - 1;
		tag->len -= sizeof SET_DATA_FRAME - 1;
	}
	return tag->len > 0 && (tag->type != CME_FLV_SCRIPT || tag->len <= CME_FRAME_SCRIPT_MAX);
}

/* One of so many bytes, to be written. NULL: no memory. */
static struct cme_frame *blank(size_t len)
{
	struct cme_frame *frame = malloc(sizeof *frame + len);

	if (frame)
		*frame = (struct cme_frame){ .refs = 1, .len = len };
	return frame;
}

struct cme_frame *cme_frame_file_header(void)
{
	struct cme_frame *frame = blank(sizeof file_header);

	if (frame)
		memcpy(frame->bytes, file_header, sizeof file_header);
	return frame;
}

struct cme_frame *cme_frame_new(const struct cme_flv_tag *given)
{
	struct cme_flv_tag tag = *given;
	struct cme_frame *frame;

	if (!clean(&tag))
		return NULL;
	frame = blank(CME_FLV_TAG_HEADER + tag.len + CME_FLV_TRAILER);
	if (!frame)
		return NULL;
	frame->type = tag.type;
	frame->timestamp = tag.timestamp;
	judge(frame, &tag);
	write_tag(frame, &tag);
	return frame;
}

struct cme_frame *cme_frame_ref(struct cme_frame *frame)
{
	frame->refs++;
	return frame;
}

void cme_frame_unref(void *pointer)
{
	struct cme_frame *frame = pointer;

	if (frame && --frame->refs == 0)
		free(frame);
}

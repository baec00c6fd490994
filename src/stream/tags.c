/* SPDX-License-Identifier: MIT */
#include "stream/tags.h"

#include <string.h>

#include "stream/bytes.h"

#define FILE_HEADER 9
#define TAG_HEADER  11
#define TRAILER     4 /* the tag's size again */
#define BODY_MAX    (CME_TAGS_HEAD_MAX - TAG_HEADER)

enum { AUDIO = 8, VIDEO = 9, SCRIPT = 18 };
enum { AMF_NULL = 5 };
enum { ENHANCED_VIDEO = 0x80, ENHANCED_AUDIO = 9, COMMAND_FRAME = 5 };
enum { AUDIO_TRACKS = 5, VIDEO_TRACKS = 6, MODIFIED = 7 }; /* packet types */
enum { CODEC_AVC = 7, FORMAT_MP3 = 2, FORMAT_AAC = 10, FORMAT_MP3_8K = 14 };

void cme_tags_init(struct cme_tags *tags, size_t tag_max)
{
	*tags = (struct cme_tags){ .tag_max = tag_max, .script_left = CME_TAGS_SCRIPT_MAX };
}

/* An enhanced body names its codec by four characters, behind one more byte where it has several tracks.
 * tracks: the packet type that says so. */
static void name_enhanced(const uint8_t *body, size_t len, unsigned tracks, char out[CME_FLV_NAME_MAX])
{
	size_t at = (body[0] & 0x0f) == tracks ? 2 : 1;
	bool named = (body[0] & 0x0f) != MODIFIED && len >= at + 4;

	cme_flv_codec_name(
		(struct cme_flv_id){ .enhanced = true, .number = named ? cme_get_be32(body + at) : 0 }, out);
}

static int judge_video(const uint8_t *body, size_t len, struct cme_err *err)
{
	unsigned frame = body[0] >> 4 & 7, codec = body[0] & 0x0f;
	char name[CME_FLV_NAME_MAX];

	if (frame == COMMAND_FRAME || (!(body[0] & ENHANCED_VIDEO) && codec == CODEC_AVC))
		return 0;
	if (body[0] & ENHANCED_VIDEO)
		name_enhanced(body, len, VIDEO_TRACKS, name);
	else
		cme_flv_codec_name((struct cme_flv_id){ .video = true, .number = codec }, name);
	return cme_err_set(err, "media.unsupported", "the picture is %s (send H.264)", name);
}

static void judge_audio(struct cme_tags *tags, const uint8_t *body, size_t len)
{
	unsigned format = body[0] >> 4;

	if (format == FORMAT_AAC || format == FORMAT_MP3 || format == FORMAT_MP3_8K)
		tags->sound[0] = '\0';
	else if (format == ENHANCED_AUDIO)
		name_enhanced(body, len, AUDIO_TRACKS, tags->sound);
	else
		cme_flv_codec_name((struct cme_flv_id){ .number = format }, tags->sound);
}

static unsigned type_of(const struct cme_tags *tags)
{
	return tags->head[0] & 0x1f;
}

/* How much of the header and the body a verdict needs, as far as it can be told by now. */
static size_t needed(const struct cme_tags *tags)
{
	size_t body;

	if (!tags->started)
		return FILE_HEADER;
	if (tags->head_len < TAG_HEADER || type_of(tags) == SCRIPT)
		return TAG_HEADER;
	body = cme_get_be24(tags->head + 1);
	return TAG_HEADER + (body < BODY_MAX ? body : BODY_MAX);
}

/* Script data begin with a name. Without one, libavformat steps over them. */
static void judge_script(struct cme_tags *tags, size_t size)
{
	tags->hide = size > tags->script_left;
	if (!tags->hide)
		tags->script_left -= size;
}

static int judge(struct cme_tags *tags, struct cme_err *err)
{
	size_t size = cme_get_be24(tags->head + 1), len = tags->head_len - TAG_HEADER;
	const uint8_t *body = tags->head + TAG_HEADER;
	unsigned type = type_of(tags);

	tags->head_len = 0;
	tags->skip = (uint32_t)(size - len) + TRAILER;
	if (size > tags->tag_max)
		return cme_err_set(err, "media.too_large",
				   "an FLV tag of %zu bytes (at most %zu are relayed)", size, tags->tag_max);
	if (type == SCRIPT)
		judge_script(tags, size);
	if (len && type == VIDEO)
		return judge_video(body, len, err);
	if (len && type == AUDIO)
		judge_audio(tags, body, len);
	return 0;
}

/* A header is as whole as it gets. */
static int end_head(struct cme_tags *tags, struct cme_err *err)
{
	uint32_t offset;

	if (tags->started)
		return judge(tags, err);
	offset = cme_get_be32(tags->head + 5);
	tags->started = true;
	tags->head_len = 0;
	tags->skip = (offset > FILE_HEADER ? offset - FILE_HEADER : 0) + TRAILER;
	return 0;
}

int cme_tags_feed(struct cme_tags *tags, uint8_t *data, size_t len, struct cme_err *err)
{
	while (len > 0) {
		size_t n = tags->skip ? tags->skip : needed(tags) - tags->head_len;

		n = n < len ? n : len;
		if (tags->skip) {
			if (tags->hide)
				data[0] = AMF_NULL;
			tags->hide = false;
			tags->skip -= (uint32_t)n;
		} else {
			memcpy(tags->head + tags->head_len, data, n);
			tags->head_len += n;
		}
		data += n;
		len -= n;
		if (tags->head_len == needed(tags) && end_head(tags, err) != 0)
			return -1;
	}
	return 0;
}

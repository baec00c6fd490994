/* SPDX-License-Identifier: MIT
 *
 * FLV as a run of bytes, split where the first byte says, and each of its tags as a body of picture or sound,
 * of Enhanced RTMP too, and as an aggregate message: units lie inside the body, and nothing goes on for ever.
 * The tags go through the source's reader, too.
 */
#include "relay/source/flv_reader.h"
#include "stream/flv/file.h"

#include <stdlib.h>
#include <string.h>

#define TAG_MAX 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_apart(bool video, const uint8_t *data, size_t len)
{
	char name[CME_FLV_NAME_MAX];
	struct cme_flv_body body;
	struct cme_flv_unit unit;
	size_t units = 0;
	int rc;

	cme_flv_body_init(&body, video, data, len);
	while ((rc = cme_flv_body_next(&body, &unit)) == 1) {
		if (unit.data < data || unit.data + unit.len > data + len || ++units > len + 1)
			abort();
		if (unit.nanoseconds >= 1000000 || unit.codec >= CME_CODEC_COUNT)
			abort();
		cme_flv_codec_name(unit.id, name);
	}
	if (rc < 0 && cme_flv_body_next(&body, &unit) != 0)
		abort();
}

static void split_up(const uint8_t *data, size_t len)
{
	struct cme_flv_tag tag;

	while (cme_flv_next_tag(&data, &len, &tag))
		take_apart(tag.type == CME_FLV_VIDEO, tag.data, tag.len);
}

/* Messages of RTMP have the types of tags, and the aggregate's. false: the reading ended. */
static bool relay(struct cme_flv_reader *reader, const struct cme_flv_tag *tag)
{
	struct cme_packet *packet;
	int rc;

	cme_flv_reader_feed(reader, tag->type, tag->timestamp, tag->data, tag->len);
	while ((packet = cme_flv_reader_next(reader, &rc))) {
		if (packet->size > TAG_MAX || packet->size == 0)
			abort();
		cme_packet_unref(packet);
	}
	return rc == 0;
}

static void read_file(const uint8_t *data, size_t size, size_t step)
{
	struct cme_flv_reader reader;
	struct cme_flv_file file;
	struct cme_flv_tag tag;
	struct cme_err err;
	bool on = true;
	int rc = 0;

	cme_flv_file_init(&file, TAG_MAX);
	cme_flv_reader_init(&reader, NULL);
	for (size_t at = 0; at < size && rc >= 0; at += step) {
		const uint8_t *piece = data + at;
		size_t len = size - at < step ? size - at : step;

		while ((rc = cme_flv_file_read(&file, &piece, &len, &tag, &err)) == 1) {
			if (tag.len > TAG_MAX)
				abort();
			take_apart(tag.type == CME_FLV_VIDEO, tag.data, tag.len);
			on = on && relay(&reader, &tag);
		}
	}
	cme_flv_reader_fini(&reader);
	cme_flv_file_fini(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 2)
		return 0;
	copy = malloc(size - 1); /* so that a byte too far is seen */
	if (!copy)
		abort();
	memcpy(copy, data + 1, size - 1);
	take_apart(true, copy, size - 1);
	take_apart(false, copy, size - 1);
	split_up(copy, size - 1);
	read_file(copy, size - 1, data[0] + 1u);
	free(copy);
	return 0;
}

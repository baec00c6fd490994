/* SPDX-License-Identifier: MIT */
#include "stream/flv/file.h"

#include <string.h>

#include "stream/bytes.h"

#define FILE_HEADER 9
#define SIGNATURE   "FLV"

void cme_flv_file_init(struct cme_flv_file *file, size_t tag_max)
{
	*file = (struct cme_flv_file){ .tag_max = tag_max };
	cme_buf_init(&file->body, tag_max);
}

void cme_flv_file_fini(struct cme_flv_file *file)
{
	cme_buf_fini(&file->body);
}

/* What a tag's header says; its data are elsewhere. */
static struct cme_flv_tag read_head(const uint8_t head[CME_FLV_TAG_HEADER])
{
	return (struct cme_flv_tag){ .type = head[0] & 0x1f,
				     .len = cme_get_be24(head + 1),
				     .timestamp = cme_get_be24(head + 4) | (uint32_t)head[7] << 24 };
}

static int end_file_header(struct cme_flv_file *file, struct cme_err *err)
{
	uint32_t offset = cme_get_be32(file->head + 5);

	if (memcmp(file->head, SIGNATURE, strlen(SIGNATURE)) != 0)
		return cme_err_set(err, "media.unsupported", "not a stream that can be read");
	file->started = true;
	file->skip = (offset > FILE_HEADER ? offset - FILE_HEADER : 0) + (size_t)CME_FLV_TRAILER;
	return 0;
}

/* A header is whole. */
static int end_head(struct cme_flv_file *file, struct cme_err *err)
{
	struct cme_flv_tag tag = read_head(file->head);

	file->head_len = 0;
	if (!file->started)
		return end_file_header(file, err);
	if (tag.len > file->tag_max)
		return cme_err_set(err, "media.too_large",
				   "an FLV tag of %zu bytes (at most %zu are relayed)", tag.len,
				   file->tag_max);
	cme_buf_reset(&file->body);
	file->in_body = true;
	return 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void advance(const uint8_t **data, size_t *len, size_t n)
{
	*data += n;
	*len -= n;
}

static int read_some_head(struct cme_flv_file *file, const uint8_t **data, size_t *len, struct cme_err *err)
{
	size_t size = file->started ? CME_FLV_TAG_HEADER : FILE_HEADER;
	size_t n = smaller(*len, size - file->head_len);

	memcpy(file->head + file->head_len, *data, n);
	file->head_len += n;
	advance(data, len, n);
	return file->head_len == size ? end_head(file, err) : 0;
}

/* 1: the tag is whole. */
static int read_some_body(struct cme_flv_file *file, const uint8_t **data, size_t *len,
			  struct cme_flv_tag *tag, struct cme_err *err)
{
	size_t n;

	*tag = read_head(file->head);
	n = smaller(*len, tag->len - file->body.len);
	if (cme_buf_append(&file->body, *data, n) != 0)
		return cme_err_set(err, "internal", "out of memory");
	advance(data, len, n);
	if (file->body.len < tag->len)
		return 0;
	tag->data = (const uint8_t *)cme_buf_str(&file->body);
	file->in_body = false;
	file->skip = CME_FLV_TRAILER;
	return 1;
}

int cme_flv_file_read(struct cme_flv_file *file, const uint8_t **data, size_t *len, struct cme_flv_tag *tag,
		      struct cme_err *err)
{
	int rc = 0;

	while (rc == 0 && (*len > 0 || (file->in_body && read_head(file->head).len == 0))) {
		size_t n = smaller(*len, file->skip);

		file->skip -= n;
		advance(data, len, n);
		if (file->skip)
			return 0;
		rc = file->in_body ? read_some_body(file, data, len, tag, err)
				   : read_some_head(file, data, len, err);
	}
	return rc;
}

bool cme_flv_next_tag(const uint8_t **data, size_t *len, struct cme_flv_tag *tag)
{
	if (*len < CME_FLV_TAG_HEADER)
		return false;
	*tag = read_head(*data);
	if (tag->len > *len - CME_FLV_TAG_HEADER)
		return false;
	tag->data = *data + CME_FLV_TAG_HEADER;
	advance(data, len, CME_FLV_TAG_HEADER + tag->len);
	advance(data, len, smaller(*len, CME_FLV_TRAILER));
	return true;
}

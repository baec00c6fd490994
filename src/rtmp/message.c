/* SPDX-License-Identifier: MIT */
#include "rtmp/message.h"

#include <string.h>

#include "rtmp/chunk.h"

void cme_plan_reset(struct cme_plan *plan)
{
	plan->count = 0;
	plan->bytes = 0;
	plan->scratch_len = 0;
}

bool cme_plan_add_bytes(struct cme_plan *plan, const void *data, size_t len)
{
	if (len == 0)
		return true;
	if (plan->count == CME_PLAN_IOV_MAX || plan->bytes >= CME_PLAN_BYTES_MAX)
		return false;
	plan->iov[plan->count++] = (struct iovec){ .iov_base = (void *)data, .iov_len = len };
	plan->bytes += len;
	return true;
}

/* Adds what is left of a piece after *skip bytes, which it reduces. */
static bool add_piece(struct cme_plan *plan, const uint8_t *data, size_t len, size_t *skip)
{
	size_t skipped = *skip < len ? *skip : len;

	*skip -= skipped;
	return cme_plan_add_bytes(plan, data + skipped, len - skipped);
}

/* Header and FLV bytes of the first chunk, or the header of a further one, written into the scratch. */
static bool add_header(struct cme_plan *plan, const struct cme_message *message, bool first, size_t *skip)
{
	struct cme_chunk_message chunk = { .csid = message->csid,
					   .type = message->type,
					   .timestamp = message->timestamp,
					   .stream_id = message->stream_id,
					   .len = message->prefix_len + message->payload_len };
	uint8_t *out = plan->scratch + plan->scratch_len;
	size_t len;

	if (CME_PLAN_SCRATCH_MAX - plan->scratch_len < CME_CHUNK_HEADER_MAX + CME_FLV_PREFIX_MAX)
		return false;
	if (first) {
		len = cme_chunk_header(out, &chunk);
		memcpy(out + len, message->prefix, message->prefix_len);
		len += message->prefix_len;
	} else {
		len = cme_chunk_continue(out, message->csid, message->timestamp);
	}
	plan->scratch_len += len;
	return add_piece(plan, out, len, skip);
}

bool cme_plan_add(struct cme_plan *plan, const struct cme_message *message, size_t chunk_size, size_t skip)
{
	size_t room = chunk_size - message->prefix_len; /* for payload in this chunk */
	size_t at = 0;

	do {
		size_t left = message->payload_len - at;
		size_t slice = left < room ? left : room;

		if (!add_header(plan, message, at == 0, &skip) ||
		    !add_piece(plan, message->payload + at, slice, &skip))
			return false;
		at += slice;
		room = chunk_size;
	} while (at < message->payload_len);
	return true;
}

size_t cme_message_size(const struct cme_message *message, size_t chunk_size)
{
	uint8_t scratch[CME_CHUNK_CONTINUE_MAX];
	size_t body = message->prefix_len + message->payload_len;
	size_t further = body > chunk_size ? (body - 1) / chunk_size : 0;
	size_t each = cme_chunk_continue(scratch, message->csid, message->timestamp);

	return body + (each == 1 ? 12 : CME_CHUNK_HEADER_MAX) + further * each;
}

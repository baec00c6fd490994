/* SPDX-License-Identifier: MIT */
#include "rtmp/flight.h"

#include <stdlib.h>

#include "common/clock.h"
#include "rtmp/chunk.h"
#include "rtmp/metadata.h"

#define METADATA_MAX 65536
#define FLIGHT_MASK  (CME_FLIGHT_MAX - 1)

enum { CSID_AUDIO = 4, CSID_DATA = 5, CSID_VIDEO = 6 };

void cme_flight_init(struct cme_flight *flight)
{
	*flight = (struct cme_flight){ .base_ms = INT64_MIN, .chunk_size = CME_CHUNK_SIZE_FIRST };
}

static struct cme_flight_entry *entry(const struct cme_flight *flight, size_t i)
{
	return (struct cme_flight_entry *)&flight->ring[(flight->head + i) & FLIGHT_MASK];
}

static void drop_head(struct cme_flight *flight)
{
	struct cme_flight_entry *head = entry(flight, 0);

	flight->bytes -= head->message.payload_len;
	cme_packet_unref(head->packet);
	free(head->body);
	flight->head = (flight->head + 1) & FLIGHT_MASK;
	flight->count--;
	flight->sent = 0;
}

void cme_flight_clear(struct cme_flight *flight)
{
	while (flight->count)
		drop_head(flight);
	cme_flv_told_clear(&flight->told);
	cme_flight_init(flight);
}

bool cme_flight_room(const struct cme_flight *flight)
{
	return flight->count + CME_FLIGHT_HEADERS < CME_FLIGHT_MAX && flight->bytes < CME_FLIGHT_BYTES_MAX;
}

static void append(struct cme_flight *flight, const struct cme_flight_entry *new)
{
	*entry(flight, flight->count) = *new;
	entry(flight, flight->count)->message.stream_id = flight->stream_id;
	flight->count++;
	flight->bytes += new->message.payload_len;
}

/* Takes the body over. */
static int append_header(struct cme_flight *flight, struct cme_message message, struct cme_buf *body)
{
	struct cme_flight_entry new = { .message = message, .body = body->data };

	if (body->failed) {
		cme_buf_fini(body);
		return -1;
	}
	if (body->len == 0)
		return 0;
	new.message.payload = (const uint8_t *)body->data;
	new.message.payload_len = body->len;
	append(flight, &new);
	return 0;
}

static struct cme_message message_of(int kind, uint32_t timestamp)
{
	return (struct cme_message){ .type = kind == CME_VIDEO ? CME_RTMP_VIDEO : CME_RTMP_AUDIO,
				     .csid = kind == CME_VIDEO ? CSID_VIDEO : CSID_AUDIO,
				     .timestamp = timestamp };
}

static int append_metadata(struct cme_flight *flight, const struct cme_media *media, uint32_t timestamp)
{
	struct cme_flv_stream video = cme_flv_told_stream(&flight->told, media, CME_VIDEO);
	struct cme_flv_stream audio = cme_flv_told_stream(&flight->told, media, CME_AUDIO);
	struct cme_message message = { .type = CME_RTMP_DATA, .csid = CSID_DATA, .timestamp = timestamp };
	struct cme_buf body;

	cme_buf_init(&body, METADATA_MAX);
	cme_metadata_put(&body, video.codec ? &video : NULL, audio.codec ? &audio : NULL);
	return append_header(flight, message, &body);
}

/* Where headers go. */
struct at {
	struct cme_flight *flight;
	uint32_t timestamp;
};

static int say(void *ctx, int kind, struct cme_buf *body)
{
	struct at *at = ctx;

	return append_header(at->flight, message_of(kind, at->timestamp), body);
}

static int append_headers(struct cme_flight *flight, struct cme_media *media, int kind, uint32_t timestamp)
{
	struct at at = { flight, timestamp };
	bool described = !cme_flv_told_nothing(&flight->told) && cme_flv_told_of(&flight->told, media, kind);

	if (!described && append_metadata(flight, media, timestamp) != 0)
		return -1;
	return cme_flv_tell(&flight->told, media, kind, say, &at);
}

static int append_packet(struct cme_flight *flight, struct cme_packet *packet, uint32_t timestamp)
{
	int kind = packet->stream;
	struct cme_flv_stream stream = cme_flv_told_stream(&flight->told, packet->media, kind);
	struct cme_flv_frame frame = {
		.keyframe = packet->key,
		.composition_ms = (int32_t)(packet->pts_us / CME_MS_US - packet->dts_us / CME_MS_US),
	};
	struct cme_flight_entry new = { .message = message_of(kind, timestamp), .packet = packet };

	new.message.payload = packet->data;
	new.message.payload_len = packet->size;
	new.message.prefix_len = cme_flv_prefix(new.message.prefix, &stream, frame);
	if (new.message.prefix_len == 0)
		return -1;
	append(flight, &new);
	return 0;
}

int cme_flight_add(struct cme_flight *flight, struct cme_packet *packet)
{
	int64_t dts_ms = packet->dts_us / CME_MS_US;
	uint32_t timestamp;
	int rc = 0;

	if (flight->base_ms == INT64_MIN)
		flight->base_ms = dts_ms;
	if (dts_ms < flight->base_ms) {
		cme_packet_unref(packet);
		return 0;
	}
	timestamp = (uint32_t)(dts_ms - flight->base_ms);
	if (packet->media != flight->told.media[packet->stream])
		rc = append_headers(flight, packet->media, packet->stream, timestamp);
	if (rc == 0)
		rc = append_packet(flight, packet, timestamp);
	if (rc != 0)
		cme_packet_unref(packet);
	return rc;
}

static bool inside_message(const struct cme_flight *flight)
{
	return flight->sent > 0;
}

void cme_flight_plan(const struct cme_flight *flight, const struct cme_buf *control, struct cme_plan *plan)
{
	size_t count = inside_message(flight) && control->len ? 1 : flight->count;

	cme_plan_reset(plan);
	if (!inside_message(flight))
		cme_plan_add_bytes(plan, control->data, control->len);
	for (size_t i = 0; i < count; i++)
		if (!cme_plan_add(plan, &entry(flight, i)->message, flight->chunk_size,
				  i == 0 ? flight->sent : 0))
			return;
}

void cme_flight_advance(struct cme_flight *flight, struct cme_buf *control, size_t bytes,
			cme_flight_done *done, void *ctx)
{
	if (!inside_message(flight)) {
		size_t of_control = bytes < control->len ? bytes : control->len;

		cme_buf_consume(control, of_control);
		bytes -= of_control;
	}
	while (bytes > 0 && flight->count) {
		const struct cme_flight_entry *head = entry(flight, 0);
		size_t left = cme_message_size(&head->message, flight->chunk_size) - flight->sent;

		if (bytes < left) {
			flight->sent += bytes;
			return;
		}
		bytes -= left;
		if (head->packet)
			done(ctx, head->packet);
		drop_head(flight);
	}
}

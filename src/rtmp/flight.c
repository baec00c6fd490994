/* SPDX-License-Identifier: MIT */
#include "rtmp/flight.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "rtmp/chunk.h"
#include "rtmp/metadata.h"

#define RECORD_VERSION 1 /* first byte of an avcC or hvcC record; start codes begin with 0 */
#define HEADER_LIMIT   65536
#define FLIGHT_MASK    (CME_FLIGHT_MAX - 1)

enum { CSID_AUDIO = 4, CSID_DATA = 5, CSID_VIDEO = 6 };

static const struct {
	enum AVCodecID id;
	int stream;
	enum cme_flv_codec codec;
} codecs[] = {
	{ AV_CODEC_ID_H264, CME_VIDEO, CME_FLV_H264 },
	{ AV_CODEC_ID_HEVC, CME_VIDEO, CME_FLV_HEVC },
	{ AV_CODEC_ID_AAC, CME_AUDIO, CME_FLV_AAC },
	{ AV_CODEC_ID_MP3, CME_AUDIO, CME_FLV_MP3 },
};

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
	for (int i = 0; i < CME_STREAMS; i++)
		cme_media_unref(flight->media[i]);
	cme_flight_init(flight);
}

bool cme_flight_room(const struct cme_flight *flight)
{
	return flight->count + CME_FLIGHT_HEADERS < CME_FLIGHT_MAX && flight->bytes < CME_FLIGHT_BYTES_MAX;
}

static enum cme_flv_codec find_codec(int stream, enum AVCodecID id)
{
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		if (codecs[i].id == id && codecs[i].stream == stream)
			return codecs[i].codec;
	return CME_FLV_NONE;
}

struct cme_flv_stream cme_flight_stream(const struct cme_media *media, int stream)
{
	const AVCodecParameters *par = media->par[stream];

	if (!par)
		return (struct cme_flv_stream){ .codec = CME_FLV_NONE };
	return (struct cme_flv_stream){ .codec = find_codec(stream, par->codec_id),
					.extradata = par->extradata,
					.extradata_len = (size_t)par->extradata_size,
					.bit_rate = (int)par->bit_rate,
					.width = par->width,
					.height = par->height,
					.sample_rate = par->sample_rate,
					.channels = par->ch_layout.nb_channels };
}

int cme_flight_check(const struct cme_media *media, struct cme_err *err)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		struct cme_flv_stream stream = cme_flight_stream(media, i);

		if (!media->par[i])
			continue;
		if (stream.codec == CME_FLV_NONE)
			return cme_err_set(err, "media.unsupported", "RTMP does not carry %s",
					   avcodec_get_name(media->par[i]->codec_id));
		if (i == CME_VIDEO && (stream.extradata_len < 1 || stream.extradata[0] != RECORD_VERSION))
			return cme_err_set(err, "media.unsupported",
					   "RTMP does not carry %s with start codes",
					   avcodec_get_name(media->par[i]->codec_id));
	}
	return 0;
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

/* The peer has this stream's header already. */
static bool known(const struct cme_flight *flight, const struct cme_media *media, int stream)
{
	const AVCodecParameters *old = flight->media[stream] ? flight->media[stream]->par[stream] : NULL;
	const AVCodecParameters *new = media->par[stream];

	if (!new)
		return true;
	return old && old->codec_id == new->codec_id && old->extradata_size == new->extradata_size &&
	       (old->extradata_size == 0 ||
		memcmp(old->extradata, new->extradata, (size_t)old->extradata_size) == 0);
}

static int append_metadata(struct cme_flight *flight, const struct cme_media *media, uint32_t timestamp)
{
	struct cme_flv_stream stream[CME_STREAMS] = { cme_flight_stream(media, CME_VIDEO),
						      cme_flight_stream(media, CME_AUDIO) };
	struct cme_message message = { .type = CME_RTMP_DATA, .csid = CSID_DATA, .timestamp = timestamp };
	struct cme_buf body;

	cme_buf_init(&body, HEADER_LIMIT);
	cme_metadata_put(&body, stream[CME_VIDEO].codec ? &stream[CME_VIDEO] : NULL,
			 stream[CME_AUDIO].codec ? &stream[CME_AUDIO] : NULL);
	return append_header(flight, message, &body);
}

/* The stream's header, if the peer has another or none. */
static int append_stream(struct cme_flight *flight, struct cme_media *media, int stream, uint32_t timestamp)
{
	struct cme_flv_stream flv = cme_flight_stream(media, stream);
	struct cme_message message = { .type = stream == CME_VIDEO ? CME_RTMP_VIDEO : CME_RTMP_AUDIO,
				       .csid = stream == CME_VIDEO ? CSID_VIDEO : CSID_AUDIO,
				       .timestamp = timestamp };
	bool had = known(flight, media, stream);
	struct cme_buf body;

	cme_media_unref(flight->media[stream]);
	flight->media[stream] = cme_media_ref(media);
	if (had)
		return 0;
	cme_buf_init(&body, HEADER_LIMIT);
	cme_flv_put_header(&body, &flv);
	return append_header(flight, message, &body);
}

/* A connection begins with the headers of both streams. After that each stream's comes before its own
 * packets: where a source changes, the other stream may have packets of the old media yet to come. */
static int append_headers(struct cme_flight *flight, struct cme_media *media, int kind, uint32_t timestamp)
{
	bool first = !flight->media[CME_VIDEO] && !flight->media[CME_AUDIO];
	int rc = first || !known(flight, media, kind) ? append_metadata(flight, media, timestamp) : 0;

	for (int i = 0; i < CME_STREAMS && rc == 0; i++)
		if (first || i == kind)
			rc = append_stream(flight, media, i, timestamp);
	return rc;
}

static int append_packet(struct cme_flight *flight, struct cme_packet *packet, uint32_t timestamp)
{
	int kind = packet->av->stream_index;
	struct cme_flv_stream stream = cme_flight_stream(packet->media, kind);
	struct cme_flight_entry new = {
		.message = { .type = kind == CME_VIDEO ? CME_RTMP_VIDEO : CME_RTMP_AUDIO,
			     .csid = kind == CME_VIDEO ? CSID_VIDEO : CSID_AUDIO,
			     .timestamp = timestamp,
			     .payload = packet->av->data,
			     .payload_len = (size_t)packet->av->size },
		.packet = packet,
	};

	new.message.prefix_len =
		cme_flv_prefix(new.message.prefix, &stream, packet->av->flags & AV_PKT_FLAG_KEY,
			       (int32_t)(packet->av->pts / CME_MS_US - packet->av->dts / CME_MS_US));
	if (new.message.prefix_len == 0)
		return -1;
	append(flight, &new);
	return 0;
}

int cme_flight_add(struct cme_flight *flight, struct cme_packet *packet)
{
	int64_t dts_ms = packet->av->dts / CME_MS_US;
	uint32_t timestamp;
	int rc = 0;

	if (flight->base_ms == INT64_MIN)
		flight->base_ms = dts_ms;
	if (dts_ms < flight->base_ms) {
		cme_packet_unref(packet);
		return 0;
	}
	timestamp = (uint32_t)(dts_ms - flight->base_ms);
	if (packet->media != flight->media[packet->av->stream_index])
		rc = append_headers(flight, packet->media, packet->av->stream_index, timestamp);
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

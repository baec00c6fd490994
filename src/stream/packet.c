/* SPDX-License-Identifier: MIT */
#include "stream/packet.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>
#include <string.h>

#include "stream/nal/sets.h"

#define HEADERS_MAX 65536

static struct cme_packet *alloc(struct cme_media *media)
{
	struct cme_packet *packet = calloc(1, sizeof *packet);

	if (!packet)
		return NULL;
	packet->av = av_packet_alloc();
	if (!packet->av) {
		free(packet);
		return NULL;
	}
	atomic_init(&packet->refs, 1);
	packet->media = cme_media_ref(media);
	return packet;
}

struct cme_packet *cme_packet_new(AVPacket *av, struct cme_media *media, int64_t arrival_us)
{
	struct cme_packet *packet = alloc(media);

	if (!packet || av_packet_make_refcounted(av) < 0) {
		av_packet_unref(av);
		cme_packet_unref(packet);
		return NULL;
	}
	av_packet_move_ref(packet->av, av);
	av_packet_free_side_data(packet->av);
	packet->arrival_us = arrival_us;
	packet->start = media->par[CME_VIDEO] ? packet->av->stream_index == CME_VIDEO &&
							(packet->av->flags & AV_PKT_FLAG_KEY)
					      : true;
	return packet;
}

/* Replaces the payload by parameter sets and payload. A record that cannot be read leaves it alone. */
static int prepend_headers(AVPacket *av, const AVCodecParameters *par)
{
	AVPacket *joined = NULL;
	struct cme_buf units;
	int rc = 0;

	cme_buf_init(&units, HEADERS_MAX);
	if (cme_sets_units(cme_sets_kind(par->codec_id), par->extradata, (size_t)par->extradata_size,
			   &units) != 0)
		goto done;
	rc = -1;
	joined = av_packet_alloc();
	if (!joined || av_new_packet(joined, (int)units.len + av->size) < 0)
		goto done;
	memcpy(joined->data, units.data, units.len);
	memcpy(joined->data + units.len, av->data, (size_t)av->size);
	av_buffer_unref(&av->buf);
	av->buf = joined->buf;
	av->data = joined->data;
	av->size = joined->size;
	joined->buf = NULL;
	rc = 0;
done:
	av_packet_free(&joined);
	cme_buf_fini(&units);
	return rc;
}

struct cme_packet *cme_packet_rebase(struct cme_packet *packet, const struct cme_rebase *to)
{
	struct cme_media *media = to->media ? to->media : packet->media;
	const AVCodecParameters *par = media->par[CME_VIDEO];
	struct cme_packet *copy = alloc(media);

	if (!copy || av_packet_ref(copy->av, packet->av) < 0) {
		cme_packet_unref(copy);
		return NULL;
	}
	copy->av->dts = to->dts_us;
	copy->av->pts = to->pts_us;
	copy->origin = cme_packet_ref(packet);
	copy->arrival_us = packet->arrival_us;
	copy->start = packet->start;
	if (to->headers_in_band && packet->av->stream_index == CME_VIDEO && par &&
	    cme_sets_kind(par->codec_id) && par->extradata_size > 0 && prepend_headers(copy->av, par) != 0) {
		cme_packet_unref(copy);
		return NULL;
	}
	return copy;
}

struct cme_packet *cme_packet_ref(struct cme_packet *packet)
{
	atomic_fetch_add(&packet->refs, 1);
	return packet;
}

void cme_packet_unref(void *opaque)
{
	struct cme_packet *packet = opaque;

	if (!packet || atomic_fetch_sub(&packet->refs, 1) != 1)
		return;
	av_packet_free(&packet->av);
	cme_packet_unref(packet->origin);
	cme_media_unref(packet->media);
	free(packet);
}

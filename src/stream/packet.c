/* SPDX-License-Identifier: MIT */
#include "stream/packet.h"

#include <stdlib.h>
#include <string.h>

#include "stream/nal/sets.h"

#define HEADERS_MAX 65536

struct cme_packet *cme_packet_new(size_t size)
{
	struct cme_packet *packet =
		size <= CME_PACKET_BYTES_MAX + HEADERS_MAX ? malloc(sizeof *packet + size) : NULL;

	if (!packet)
		return NULL;
	memset(packet, 0, sizeof *packet);
	atomic_init(&packet->refs, 1);
	packet->data = packet->payload;
	packet->size = size;
	return packet;
}

void cme_packet_belong(struct cme_packet *packet, struct cme_media *media)
{
	packet->media = cme_media_ref(media);
	packet->start = media->par[CME_VIDEO] ? packet->stream == CME_VIDEO && packet->key : true;
}

/* A packet with the payload of another, shared. */
static struct cme_packet *share(struct cme_packet *packet)
{
	struct cme_packet *copy = cme_packet_new(0);

	if (!copy)
		return NULL;
	copy->origin = cme_packet_ref(packet->origin ? packet->origin : packet);
	copy->data = packet->data;
	copy->size = packet->size;
	return copy;
}

/* A packet with the parameter sets before the payload; a record that cannot be read leaves it alone. */
static struct cme_packet *join(struct cme_packet *packet, const struct cme_params *par)
{
	struct cme_packet *joined = NULL;
	struct cme_buf units;

	cme_buf_init(&units, HEADERS_MAX);
	if (cme_sets_units(cme_sets_kind(par->codec), par->extradata, par->extradata_len, &units) != 0) {
		joined = share(packet);
	} else if ((joined = cme_packet_new(units.len + packet->size))) {
		if (units.len)
			memcpy(joined->payload, units.data, units.len);
		memcpy(joined->payload + units.len, packet->data, packet->size);
	}
	cme_buf_fini(&units);
	return joined;
}

struct cme_packet *cme_packet_rebase(struct cme_packet *packet, const struct cme_rebase *to)
{
	struct cme_media *media = to->media ? to->media : packet->media;
	const struct cme_params *par = media->par[CME_VIDEO];
	bool joins = to->headers_in_band && packet->stream == CME_VIDEO && par && cme_sets_kind(par->codec) &&
		     par->extradata_len > 0;
	struct cme_packet *copy = joins ? join(packet, par) : share(packet);

	if (!copy)
		return NULL;
	copy->media = cme_media_ref(media);
	copy->stream = packet->stream;
	copy->key = packet->key;
	copy->start = packet->start;
	copy->dts_us = to->dts_us;
	copy->pts_us = to->pts_us;
	copy->arrival_us = packet->arrival_us;
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
	cme_packet_unref(packet->origin);
	cme_media_unref(packet->media);
	free(packet);
}

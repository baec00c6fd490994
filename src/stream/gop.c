/* SPDX-License-Identifier: MIT */
#include "stream/gop.h"

#include <stdlib.h>

#define FIRST_CAP 64

void cme_gop_init(struct cme_gop *gop, size_t max_items, size_t max_bytes, void (*drop)(void *packet))
{
	*gop = (struct cme_gop){ .drop = drop, .max_items = max_items, .max_bytes = max_bytes };
}

void cme_gop_clear(struct cme_gop *gop)
{
	for (size_t i = 0; i < gop->count; i++)
		gop->drop(gop->packets[i]);
	gop->count = 0;
	gop->bytes = 0;
}

void cme_gop_fini(struct cme_gop *gop)
{
	cme_gop_clear(gop);
	free(gop->packets);
	gop->packets = NULL;
	gop->cap = 0;
}

static bool grow(struct cme_gop *gop)
{
	size_t cap = gop->cap ? gop->cap * 2 : FIRST_CAP;
	void **packets;

	if (gop->count < gop->cap)
		return true;
	packets = realloc(gop->packets, cap * sizeof *packets);
	if (!packets)
		return false;
	gop->packets = packets;
	gop->cap = cap;
	return true;
}

void cme_gop_push(struct cme_gop *gop, void *packet, size_t bytes, bool start)
{
	if (start)
		cme_gop_clear(gop);
	if (!start && !gop->count) {
		gop->drop(packet);
		return;
	}
	if (gop->count >= gop->max_items || bytes > gop->max_bytes - gop->bytes || !grow(gop)) {
		gop->drop(packet);
		cme_gop_clear(gop);
		return;
	}
	gop->packets[gop->count++] = packet;
	gop->bytes += bytes;
}

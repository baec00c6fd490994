/* SPDX-License-Identifier: MIT */
#include "relay/source/paced.h"

#include "relay/base/sys.h"

/* A stream that does not show for so long has ended, or was never there: the other one goes on. */
static const struct cme_shelf_limits limits = { .ahead_us = 8 * CME_SECOND_US,
						.bytes = (size_t)32 * 1024 * 1024,
						.items = 8192 };

void cme_paced_init(struct cme_paced *paced, struct cme_feed *feed)
{
	*paced = (struct cme_paced){ .feed = feed };
	cme_playlist_init(&paced->times, 1, 0);
	cme_shelf_init(&paced->shelf, limits);
}

void cme_paced_fini(struct cme_paced *paced)
{
	cme_shelf_fini(&paced->shelf);
}

static void put(struct cme_paced *paced, struct cme_packet *packet)
{
	struct cme_shelf_item item = { .packet = packet };

	item.at_us = cme_playlist_map(&paced->times, packet->stream, packet->dts_us);
	if (cme_shelf_put(&paced->shelf, &item) != 0)
		paced->rc = CME_END_MEMORY;
}

struct cme_packet *cme_paced_next(struct cme_paced *paced, int64_t *delay_us, int *rc)
{
	struct cme_shelf_item item;

	*rc = 0;
	if (paced->rc == 0 && !cme_shelf_ordered(&paced->shelf)) {
		struct cme_packet *packet = paced->feed->ops->next(paced->feed, &paced->rc);

		if (packet)
			put(paced, packet);
		if (paced->rc >= 0)
			paced->rc = 0;
	}
	if (!cme_shelf_head(&paced->shelf))
		*rc = paced->rc;
	if (!cme_shelf_head(&paced->shelf) || (paced->rc == 0 && !cme_shelf_ordered(&paced->shelf)))
		return NULL;
	item = cme_shelf_take(&paced->shelf);
	*delay_us = cme_pacer_delay_us(&paced->pacer, item.at_us, cme_now_us());
	return item.packet;
}

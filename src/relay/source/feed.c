/* SPDX-License-Identifier: MIT */
#include "relay/source/feed.h"

#include <stddef.h>

int cme_feed_open(struct cme_feed *feed, struct cme_err *err)
{
	feed->backend = NULL;
	feed->ops = NULL;
	feed->scheme = cme_scheme_find(feed->url);
	if (!feed->scheme || !feed->scheme->source)
		return cme_err_set(err, "invalid.url", "%s", cme_scheme_fault(feed->url, true));
	feed->ops = feed->scheme->source;
	if (feed->ops->open(feed, err) == 0)
		return 0;
	cme_feed_close(feed);
	return -1;
}

void cme_feed_close(struct cme_feed *feed)
{
	if (feed->ops)
		feed->ops->close(feed);
	feed->ops = NULL;
}

/* SPDX-License-Identifier: MIT */
#include "relay/source/feed.h"

#include <stddef.h>

#include "relay/source/flv_reader.h"

int cme_feed_open(struct cme_feed *feed, struct cme_err *err)
{
	feed->backend = NULL;
	feed->reader = NULL;
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

void cme_feed_rest(const struct cme_feed *feed)
{
	if (feed->rest)
		feed->rest(feed->owner);
}

unsigned cme_feed_dropped(struct cme_feed *feed)
{
	return feed->ops->dropped ? feed->ops->dropped(feed) : cme_gather_dropped(&feed->reader->gather);
}

bool cme_feed_foreign(const struct cme_feed *feed)
{
	return feed->ops->foreign ? feed->ops->foreign(feed) : feed->reader->foreign;
}

void cme_feed_promise(const struct cme_feed *feed, struct cme_promise *promise)
{
	if (feed->ops->promise)
		feed->ops->promise(feed, promise);
	else
		cme_flv_reader_promise(feed->reader, promise);
}

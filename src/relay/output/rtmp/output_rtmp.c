/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/output_rtmp.h"

#include <stdlib.h>

#include "relay/output/rtmp/destination.h"
#include "relay/output/rtmp/publisher.h"

struct rtmp_output {
	struct cme_publisher *publisher;
	struct cme_destination *destination;
};

static int start(struct cme_output *out, struct cme_err *err)
{
	struct rtmp_output *rtmp = calloc(1, sizeof *rtmp);
	struct cme_destination *destination = cme_destination_new(out);
	struct cme_publisher *publisher = cme_publisher_acquire(err);

	if (!rtmp || !destination)
		cme_err_set(err, "internal", "out of memory");
	if (rtmp && destination && publisher) {
		*rtmp = (struct rtmp_output){ publisher, destination };
		out->backend = rtmp; /* before the publisher's thread may wake us */
		if (cme_publisher_add(publisher, destination, err) == 0)
			return 0;
	}
	if (publisher)
		cme_publisher_release(publisher);
	if (destination)
		cme_destination_free(destination);
	free(rtmp);
	return -1;
}

static void wake(struct cme_output *out)
{
	const struct rtmp_output *rtmp = out->backend;

	cme_publisher_wake(rtmp->publisher);
}

static void end_by(struct cme_output *out, int64_t at_us)
{
	const struct rtmp_output *rtmp = out->backend;

	cme_destination_end_by(rtmp->destination, at_us);
}

static struct cme_life *life(const struct cme_output *out)
{
	const struct rtmp_output *rtmp = out->backend;

	return cme_publisher_life(rtmp->publisher);
}

static bool done(const struct cme_output *out)
{
	const struct rtmp_output *rtmp = out->backend;

	return cme_destination_done(rtmp->destination);
}

static void join(struct cme_output *out)
{
	struct rtmp_output *rtmp = out->backend;

	cme_publisher_release(rtmp->publisher);
	cme_destination_free(rtmp->destination);
	free(rtmp);
}

static void stat(const struct cme_output *out, struct cme_output_link *link)
{
	const struct rtmp_output *rtmp = out->backend;

	link->unsent_bytes = cme_destination_unsent(rtmp->destination);
}

const struct cme_output_ops cme_output_rtmp = {
	.name = "rtmp",
	.start = start,
	.wake = wake,
	.carry = cme_publisher_carry,
	.end_by = end_by,
	.life = life,
	.done = done,
	.join = join,
	.stat = stat,
};

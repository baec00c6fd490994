/* SPDX-License-Identifier: MIT */
#include "relay/source/flv/flv_live.h"

#include "relay/base/sys.h"

#define SILENCE_S 10

void cme_flv_live_init(struct cme_flv_live *live, const int *track)
{
	*live = (struct cme_flv_live){ 0 };
	cme_flv_file_init(&live->file, CME_FLV_TAG_MAX);
	cme_flv_reader_init(&live->reader, track);
	cme_flv_live_expect(live);
}

void cme_flv_live_fini(struct cme_flv_live *live)
{
	cme_flv_reader_fini(&live->reader);
	cme_flv_file_fini(&live->file);
}

void cme_flv_live_expect(struct cme_flv_live *live)
{
	live->due_us = cme_now_us() + SILENCE_S * CME_SECOND_US;
}

bool cme_flv_live_overdue(struct cme_flv_live *live)
{
	if (cme_now_us() < live->due_us)
		return false;
	cme_err_set(&live->err, "network.timeout", "no media within %d s", SILENCE_S);
	return true;
}

int cme_flv_live_feed(struct cme_flv_live *live, const uint8_t **data, size_t *len)
{
	struct cme_flv_tag tag;
	int rc = cme_flv_file_read(&live->file, data, len, &tag, &live->err);

	if (rc == 1)
		cme_flv_reader_feed(&live->reader, tag.type, tag.timestamp, tag.data, tag.len);
	return rc;
}

int cme_flv_live_end(struct cme_flv_live *live)
{
	int rc = cme_gather_end(&live->reader.gather);

	if (rc == CME_END_PICTURE)
		cme_flv_reader_fault(&live->reader, rc, &live->err);
	return rc;
}

struct cme_packet *cme_flv_live_next(struct cme_flv_live *live, struct cme_feed *feed,
				     int (*take_more)(struct cme_feed *feed), int *rc)
{
	struct cme_packet *packet = cme_flv_reader_next(&live->reader, rc);

	if (!packet && *rc == 0) {
		live->reader.foreign = true; /* until a tag of media comes */
		*rc = take_more(feed);
		if (*rc < 0)
			return NULL;
		packet = cme_flv_reader_next(&live->reader, rc);
	}
	if (*rc < 0)
		cme_flv_reader_fault(&live->reader, *rc, &live->err);
	if (packet || !live->reader.foreign) /* data of other kinds do not break a silence */
		cme_flv_live_expect(live);
	return packet;
}

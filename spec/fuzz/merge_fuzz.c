/* SPDX-License-Identifier: MIT
 *
 * Payloads of any form have a print; and packets of two paths in any order, with any times, among connections
 * that end: each goes out once or is left out once, none is forgotten, and nothing waits longer than it may.
 */
#include "relay/merge/merge.h"
#include "relay/merge/print.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_US   1000000
#define PACKETS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char over[PACKETS_MAX]; /* went out or was left out */

static void end_of(void *packet)
{
	unsigned char *mark = packet;

	if (mark < over || mark >= over + PACKETS_MAX || (*mark)++)
		abort();
}

static void on_send(void *ctx, const struct cme_merge_packet *packet)
{
	(void)ctx;
	end_of(packet->packet);
}

static void on_drop(void *ctx, void *packet)
{
	(void)ctx;
	end_of(packet);
}

static void print_all(const uint8_t *data, size_t size)
{
	static const enum cme_codec ids[] = { CME_CODEC_H264, CME_CODEC_HEVC, CME_CODEC_AV1, CME_CODEC_AAC };
	struct cme_params par = { .codec = ids[data[0] & 3] };
	uint8_t record[32] = { 1 };

	memset(record + 1, data[0] >> 2, sizeof record - 1);
	par.extradata = data[0] & 4 ? record : NULL;
	par.extradata_len = data[0] & 4 ? sizeof record : 0;
	cme_print(&par, data + 1, size - 1);
}

struct fuzz {
	struct cme_merge merge;
	int64_t now_us;
	int64_t dts[CME_MERGE_PATHS];
	size_t put;
};

/* Four bytes: what, how much later, by how much the path's time moves, the payload. */
static void put_packet(struct fuzz *fuzz, const uint8_t *op)
{
	int path = op[0] & 1;
	struct cme_merge_packet packet = { .path = path,
					   .stream = op[0] >> 1 & 1,
					   .arrival = fuzz->now_us,
					   .hash = op[3] & 0x1f,
					   .damaged = (op[3] & 0xc0) == 0xc0,
					   .key = (op[3] & 7) == 0 && !(op[0] >> 1 & 1),
					   .bytes = (size_t)op[3] << 12,
					   .packet = over + fuzz->put++ };

	fuzz->dts[path] += op[0] & 0x20 ? ((int64_t)op[2] - 128) * 1000000 : op[2] * 1000;
	packet.dts = packet.pts = fuzz->dts[path];
	packet.due = fuzz->now_us;
	if (!cme_merge_joined(&fuzz->merge, path) && !cme_merge_joined(&fuzz->merge, !path))
		cme_merge_lead(&fuzz->merge, path);
	cme_merge_put(&fuzz->merge, &packet);
}

static void act(struct fuzz *fuzz, const uint8_t *op)
{
	int64_t until;

	fuzz->now_us += op[1] * 1000;
	until = cme_merge_tick(&fuzz->merge, fuzz->now_us);
	if (until <= fuzz->now_us || (until != INT64_MAX && until > fuzz->now_us + 2 * WINDOW_US))
		abort();
	if (op[0] >= 0xfc)
		cme_merge_close(&fuzz->merge, op[0] & 1, fuzz->now_us);
	else if (op[0] >= 0xf8)
		cme_merge_lead(&fuzz->merge, op[0] & 1);
	else
		put_packet(fuzz, op);
	cme_merge_state(&fuzz->merge, fuzz->now_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_merge_sink sink = { NULL, on_send, on_drop };
	struct fuzz *fuzz;

	if (size < 4)
		return 0;
	print_all(data, size);
	fuzz = calloc(1, sizeof *fuzz);
	if (!fuzz || cme_merge_init(&fuzz->merge, &sink, WINDOW_US) != 0)
		abort();
	memset(over, 0, sizeof over);
	fuzz->now_us = 1000000;
	for (; size >= 4 && fuzz->put < PACKETS_MAX; data += 4, size -= 4)
		act(fuzz, data);
	cme_merge_fini(&fuzz->merge);
	for (size_t i = 0; i < fuzz->put; i++)
		if (!over[i])
			abort();
	free(fuzz);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "pull/pull.h"

#include <libavutil/error.h>
#include <stdlib.h>
#include <unistd.h>

#include "child/enter.h"
#include "common/redact.h"
#include "pull/av/demux.h"
#include "pull/send.h"
#include "pull/tell.h"

/* The longest that a call may take: what it waits for ends sooner, but a name server may not. */
#define OPEN_WATCH_S 45
#define READ_WATCH_S 15
#define COPY_SIZE    65536
#define SHOWN_MAX    256

/* Hands on what came. 0, or a libavformat error code. */
static int pass_on(struct cme_sender *sender, struct cme_teller *teller, struct cme_packet *packet,
		   struct cme_err *err)
{
	int rc;

	cme_tell_streams(teller, packet->media);
	cme_child_watchdog(0); /* the engine takes media when it needs them */
	rc = cme_send_packet(sender, packet, err);
	cme_packet_unref(packet);
	return rc;
}

/* Returns why the reading ended. err is filled when something else than the source is why. */
static int read_packets(struct cme_demux *demux, struct cme_err *err)
{
	struct cme_sender sender;
	struct cme_teller teller = { 0 };
	struct cme_promise promise;
	int rc = 0;

	cme_sender_init(&sender);
	while (rc >= 0) {
		struct cme_packet *packet;

		cme_child_watchdog(READ_WATCH_S);
		packet = cme_demux_next(demux, &rc);
		cme_demux_promise(demux, &promise);
		cme_tell_progress(&teller, &promise, cme_gather_dropped(&demux->reader.gather),
				  !packet && rc >= 0 && !demux->reader.foreign);
		if (packet)
			rc = pass_on(&sender, &teller, packet, err);
	}
	cme_sender_fini(&sender);
	return rc;
}

/* FLV goes on as it came: the engine bounds and reads it itself. */
static int copy_bytes(struct cme_demux *demux, struct cme_err *err)
{
	uint8_t *bytes = malloc(COPY_SIZE);
	int n = bytes ? 1 : AVERROR(ENOMEM);

	while (n > 0) {
		cme_child_watchdog(READ_WATCH_S);
		n = cme_demux_bytes(demux, bytes, COPY_SIZE);
		cme_child_watchdog(0);
		if (n > 0 && cme_send_bytes(bytes, (size_t)n, err) != 0)
			n = AVERROR_EXIT;
	}
	free(bytes);
	return n;
}

void cme_pull_run(const struct cme_order *order)
{
	struct cme_demux demux;
	struct cme_err err = { 0 };
	char shown[SHOWN_MAX];
	int rc;

	cme_demux_init(&demux, order);
	cme_child_watchdog(OPEN_WATCH_S);
	rc = cme_demux_open(&demux);
	if (rc < 0) {
		cme_demux_fault(&demux, rc, true, &err);
	} else {
		cme_tell_open(cme_demux_paced(&demux), demux.flv);
		rc = demux.flv ? copy_bytes(&demux, &err) : read_packets(&demux, &err);
		if (err.code[0] && !order->kind->nameless)
			cme_err_prefix(&err, "read '%s'", cme_redact_url(order->url, shown, sizeof shown));
		else if (!err.code[0])
			cme_demux_fault(&demux, rc, false, &err);
	}
	cme_child_watchdog(READ_WATCH_S);
	cme_demux_fini(&demux);
	cme_tell_end(&err, rc == AVERROR_EOF);
	cme_child_watchdog(0);
}

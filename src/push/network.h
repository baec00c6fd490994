/* SPDX-License-Identifier: MIT
 *
 * Writes to a destination of the network through libavformat. Every call has a deadline: 10 s to connect, 4 s
 * for a packet to leave, 1 s to close. Belongs to the program's one thread.
 */
#ifndef CME_PUSH_NETWORK_H
#define CME_PUSH_NETWORK_H

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>

#include "av/avlog.h"
#include "push/lead.h"
#include "push/task.h"

struct cme_push_network {
	const struct cme_push_task *task;
	struct cme_avlog log;
	AVFormatContext *ctx;
	int index[CME_STREAMS]; /* stream of ctx; -1: none */
	struct cme_lead lead;   /* of the picture */
	int64_t base_us;        /* DTS of the first packet; INT64_MIN: none came */
	int64_t open_us;        /* when the destination took us; 0: not yet */
	int64_t until_us;       /* when the call into libavformat has to end */
	int rc;                 /* libavformat's code of what failed */
	struct cme_err refusal; /* of the URL's options; no code: none */
};

/* 0, or -1 with err. cme_push_network_close after either. */
int cme_push_network_open(struct cme_push_network *network, const struct cme_push_task *task,
			  struct cme_err *err);

/* Takes the packet's content over. 0, or -1 with err. Packets from before the first are left out. */
int cme_push_network_write(struct cme_push_network *network, AVPacket *av, struct cme_err *err);

/* goodbye: what is left is sent, if the peer still reads. */
void cme_push_network_close(struct cme_push_network *network, bool goodbye);

#endif

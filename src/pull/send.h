/* SPDX-License-Identifier: MIT
 *
 * Media on their way to the engine: FLV on the socket that is fd 0 (stream/flv/writer.h). Waits while the
 * engine takes no more: it reads as it needs them. One thread.
 */
#ifndef CME_PULL_SEND_H
#define CME_PULL_SEND_H

#include "common/buf.h"
#include "common/err.h"
#include "stream/flv/writer.h"
#include "stream/packet.h"

struct cme_sender {
	struct cme_flv_writer writer;
	struct cme_buf head; /* what stands before a payload */
};

void cme_sender_init(struct cme_sender *sender);
void cme_sender_fini(struct cme_sender *sender);

/* 0, or a libavformat error code with err: the engine is gone, or FLV has no form for the codec. */
int cme_send_packet(struct cme_sender *sender, const struct cme_packet *packet, struct cme_err *err);

/* The bytes stay as they are. 0, or -1 with err: the engine is gone. */
int cme_send_bytes(uint8_t *data, size_t len, struct cme_err *err);

#endif

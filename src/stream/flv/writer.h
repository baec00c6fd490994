/* SPDX-License-Identifier: MIT
 *
 * Packets -> FLV as a run of bytes (file.h reads it back): the file header, and for each packet the tags
 * that have to stand before it and its own. Codecs are named by four characters. DTS and PTS are exact, by
 * modifiers of which only our own readers know the second, and both wrap at 32 bits of milliseconds. A third
 * one, of our own too, marks what may be damaged.
 *
 * Payloads are not copied: out gets all that stands before one, then come the payload and the trailer.
 * Pure; one thread.
 */
#ifndef CME_STREAM_FLV_WRITER_H
#define CME_STREAM_FLV_WRITER_H

#include "stream/flv/file.h"
#include "stream/flv/told.h"
#include "stream/packet.h"

struct cme_flv_writer {
	struct cme_flv_told told;
	bool started; /* the file header is written */
};

void cme_flv_writer_init(struct cme_flv_writer *writer);
void cme_flv_writer_fini(struct cme_flv_writer *writer);

/* Appends to out what stands before the packet's payload, and fills in what stands behind it. 0, or -1: no
 * memory, or a codec that FLV does not carry (cme_flv_check tells before). */
int cme_flv_writer_put(struct cme_flv_writer *writer, const struct cme_packet *packet, struct cme_buf *out,
		       uint8_t trailer[CME_FLV_TRAILER]);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One RTMP media message as it goes to any number of connections, and the plan of one sendmsg.
 *
 * The payload is shared by all outputs and never copied: a message borrows it. What differs between
 * connections, the timestamp in the chunk headers, is written into the plan with the few bytes that FLV
 * puts before a payload, so a message takes two iovecs, and two more for every further chunk:
 *
 *     scratch            packet              scratch      packet
 *     [header 12][FLV 5] [payload ......... ] [header 1 ] [payload ......... ]
 *     |<------------- chunk size from here ->|            |<- chunk size ... |
 *
 * A plan is a run of bytes, cut anywhere: it may end inside a message (out of room), and the kernel may
 * take a part of it. The chunked form of a message is always the same, so the next plan goes on from a
 * byte count. Pure; one thread per plan.
 */
#ifndef CME_RTMP_MESSAGE_H
#define CME_RTMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "stream/flv/write.h"

#define CME_PLAN_IOV_MAX     256
#define CME_PLAN_BYTES_MAX   ((size_t)256 * 1024) /* more than the kernel takes at once */
#define CME_PLAN_SCRATCH_MAX 4096

struct cme_message {
	uint8_t type; /* enum cme_rtmp_type */
	uint32_t csid;
	uint32_t stream_id;
	uint32_t timestamp; /* of this connection, milliseconds */
	size_t prefix_len;
	uint8_t prefix[CME_FLV_PREFIX_MAX];
	const uint8_t *payload; /* not owned */
	size_t payload_len;
};

struct cme_plan {
	struct iovec iov[CME_PLAN_IOV_MAX];
	int count;
	size_t bytes; /* in all iovecs */
	uint8_t scratch[CME_PLAN_SCRATCH_MAX];
	size_t scratch_len;
};

void cme_plan_reset(struct cme_plan *plan);

/* Adds bytes that stay where they are. false: no room, nothing was added. */
bool cme_plan_add_bytes(struct cme_plan *plan, const void *data, size_t len);

/* Adds the message's chunked form from byte `skip` of it. false: the plan is full, and ends inside it. */
bool cme_plan_add(struct cme_plan *plan, const struct cme_message *message, size_t chunk_size, size_t skip);

/* Bytes of the chunked form. chunk_size is at least CME_CHUNK_SIZE_FIRST. */
size_t cme_message_size(const struct cme_message *message, size_t chunk_size);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Packets that were read ahead, in the order in which they are presented: files and HLS segments hold sound
 * and picture seconds apart (fragments of an MP4, broadcast TS), and reading and playing in one order would
 * have one of them always late. Each stream has a queue of its own; the earlier head of the two comes next.
 *
 *     file     V0 V1 V2 V3 V4 A0 A1 A2 A3 A4        shelf    V0 A0 V1 A1 V2 A2 ...
 *
 * Times are any that do not jump (playlist.h), in microseconds. Pure; the owner locks.
 */
#ifndef CME_RELAY_SOURCE_SHELF_H
#define CME_RELAY_SOURCE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/source/input.h"
#include "stream/packet.h"

struct cme_shelf_item {
	struct cme_packet *packet; /* a reference; NULL: the end, which is put last */
	int64_t at_us;
	struct cme_position where; /* of a list: the entry; its offset and the total are of the beginning */
};

struct cme_shelf_limits {
	int64_t ahead_us; /* all streams that are expected are read ahead by this */
	size_t bytes;
	size_t items; /* of one stream */
};

struct cme_shelf {
	struct cme_shelf_limits limits;
	struct {
		struct cme_shelf_item *items; /* ring of cap entries */
		size_t cap;
		size_t head;
		size_t count;
		bool expected; /* the packet that was put last comes from a source that has this stream */
	} stream[CME_STREAMS];
	size_t bytes;
};

void cme_shelf_init(struct cme_shelf *shelf, struct cme_shelf_limits limits);

/* Drops what is left. */
void cme_shelf_fini(struct cme_shelf *shelf);

/* Nothing more has to be read now. */
bool cme_shelf_full(const struct cme_shelf *shelf);

/* The head is the earliest there will be, as far as anybody can tell: every stream that is expected has a
 * packet, or the shelf is full without. */
bool cme_shelf_ordered(const struct cme_shelf *shelf);

/* Takes the item over. -1: no memory, the packet was dropped. */
int cme_shelf_put(struct cme_shelf *shelf, const struct cme_shelf_item *item);

/* The item that comes next, still the shelf's; NULL: there is none. */
const struct cme_shelf_item *cme_shelf_head(const struct cme_shelf *shelf);

/* The same, now the caller's; only when there is one. */
struct cme_shelf_item cme_shelf_take(struct cme_shelf *shelf);

/* The latest head of a stream: where even the stream that lies ahead has come to. Only when there is one. */
int64_t cme_shelf_latest_us(const struct cme_shelf *shelf);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One line of the edge's control protocol -> what is asked for, checked (docs/internals/edge.md). Pure.
 */
#ifndef CME_EDGE_ORDER_H
#define CME_EDGE_ORDER_H

#include <jansson.h>

#include "control/line.h"
#include "edge/ingest.h"

enum cme_order_op { CME_ORDER_SET, CME_ORDER_STAT, CME_ORDER_ALIVE, CME_ORDER_RELOAD, CME_ORDER_STOP };

struct cme_order {
	json_t *id; /* as it came, for the answer */
	enum cme_order_op op;
	struct cme_ingest_spec spec; /* set */
	bool live;                   /* stat: of keys that are in use */
};

/* 0, or -1 with err ("invalid.json", "invalid.op", "invalid.request", "invalid.spec"); order->id is set in
 * both cases. Call fini after either. */
int cme_order_parse(const char *line, size_t len, struct cme_order *order, struct cme_err *err);
void cme_order_fini(struct cme_order *order);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the edge tells, as JSON: events and `stat` (docs/internals/edge.md). Nothing of a key but its id is
 * in it.
 */
#ifndef CME_EDGE_EDGE_JSON_H
#define CME_EDGE_EDGE_JSON_H

#include <jansson.h>

#include "edge/ingest.h"

/* New references; NULL: no memory. live_only: keys that nobody
 * publishes with, reads or watches are left out. */
json_t *cme_ingest_event_json(const struct cme_ingest_event *event);
json_t *cme_ingest_stat_json(const struct cme_ingest *ingest, bool live_only);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Events as the control protocol and the log have them (docs/control-protocol.md). Pure.
 */
#ifndef CME_RELAY_CONTROL_EVENT_JSON_H
#define CME_RELAY_CONTROL_EVENT_JSON_H

#include <jansson.h>

#include "relay/base/events.h"

/* A new reference; NULL: no memory. */
json_t *cme_event_json(const struct cme_event *event);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The bodies of `stat` and `alive` (docs/control-protocol.md), of snapshots. Pure but for the process's
 * number.
 */
#ifndef CME_RELAY_CONTROL_STAT_JSON_H
#define CME_RELAY_CONTROL_STAT_JSON_H

#include <jansson.h>

#include "relay/base/stat.h"

/* New references; NULL: no memory. */
json_t *cme_stat_json(const struct cme_relay_stat *stat);
json_t *cme_alive_json(const struct cme_alive *alive);
json_t *cme_programme_json(const struct cme_programme_facts *facts); /* null: nothing is known */

#endif

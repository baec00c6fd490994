/* SPDX-License-Identifier: MIT
 *
 * The desired state as the control protocol carries it, checked (docs/control-protocol.md). Pure. URLs in
 * here have secrets: messages name fields, not values.
 */
#ifndef CME_RELAY_CONTROL_SPEC_JSON_H
#define CME_RELAY_CONTROL_SPEC_JSON_H

#include <jansson.h>

#include "common/err.h"
#include "relay/base/spec.h"

/* 0, or -1 with err ("invalid.spec", out of memory "internal") and *spec empty. */
int cme_spec_parse(const json_t *json, struct cme_spec *spec, struct cme_err *err);

/* One output. *out is empty after a failure. `where` is put before the field's name. */
int cme_output_spec_parse(const json_t *json, const char *where, struct cme_output_spec *out,
			  struct cme_err *err);

/* The member stop_at, a time or null, into the fields of *spec. 0, or -1 with err. */
int cme_stop_at_parse(const json_t *json, const char *where, struct cme_spec *spec, struct cme_err *err);

#endif

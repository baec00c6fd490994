/* SPDX-License-Identifier: MIT
 *
 * What this program is told to read: one JSON line, as child/enter.h reads it.
 *
 *     {"url":"https://...","ca_file":"/etc/...","resume":true,"public":true}
 *     {"url":"pipe:0"}      MPEG-TS that follows the line on fd 0, until its end
 */
#ifndef CME_PULL_ORDER_H
#define CME_PULL_ORDER_H

#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"
#include "pull/kind.h"

struct cme_order {
	json_t *told; /* what the texts below live in; has secrets */
	const char *url;
	const char *ca_file;         /* certificates to trust; NULL: the TLS library's own */
	bool public;                 /* from public addresses alone */
	bool resume;                 /* a file over HTTP: go on where the connection broke */
	const struct cme_kind *kind; /* of the URL */
};

/* Takes the reference over. 0, or -1 with err (internal, invalid.url); fini after either. */
int cme_order_init(struct cme_order *order, json_t *told, struct cme_err *err);
void cme_order_fini(struct cme_order *order);

#endif

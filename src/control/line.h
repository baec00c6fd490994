/* SPDX-License-Identifier: MIT
 *
 * The lines of a control socket: a request is a JSON object with an id, which its answer repeats. What a
 * request asks for is its program's business. Pure.
 */
#ifndef CME_CONTROL_LINE_H
#define CME_CONTROL_LINE_H

#include <stddef.h>

#include <jansson.h>

#include "common/err.h"

#define CME_LINE_MAX ((size_t)8 * 1024 * 1024) /* all keys of an edge, in their longest form */

/* The object on a line, a new reference; NULL with err ("invalid.json", "invalid.request",
 * "invalid.too_long"). *id becomes a new reference in both cases: null if there was none or it could not be
 * read. */
json_t *cme_line_parse(const char *line, size_t len, json_t **id, struct cme_err *err);

/* New references. `ok` is taken over; `id` is not. */
json_t *cme_answer_ok(json_t *id, json_t *ok);
json_t *cme_answer_error(json_t *id, const struct cme_err *err);

#endif

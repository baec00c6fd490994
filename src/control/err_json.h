/* SPDX-License-Identifier: MIT
 *
 * What an error was made of, for readers who say it in their own language: the form that cme.codes.unpack
 * takes, {"Code":"engine:no media within %d s","Values":["10"],"Within":[...]}. Any thread.
 */
#ifndef CME_RELAY_ERR_JSON_H
#define CME_RELAY_ERR_JSON_H

#include <jansson.h>

#include "common/err.h"

/* NULL when there is no error, or its parts are not kept. The caller owns it. */
json_t *cme_err_parts_json(const struct cme_err *err);

#endif

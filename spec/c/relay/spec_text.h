/* SPDX-License-Identifier: MIT
 *
 * For tests: desired states written as the control protocol has them.
 */
#ifndef CME_SPEC_RELAY_SPEC_TEXT_H
#define CME_SPEC_RELAY_SPEC_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "relay/control/spec_json.h"

#define IN "\"inputs\":{\"main\":{\"url\":\"rtmp://h/a/k\"}}"
#define OUT                                                                                                  \
	"\"outputs\":[{\"id\":\"1\",\"name\":\"a\",\"url\":\"rtmp://d/a/k1\"},{\"id\":\"2\",\"url\":\"srt:/" \
	"/d:9\"}]"

#define LIST(members) "{\"inputs\":{\"main\":{" members "}}," OUT "}"

static int parse(const char *text, struct cme_spec *spec, struct cme_err *err)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	int rc;

	assert_non_null(json);
	rc = cme_spec_parse(json, spec, err);
	json_decref(json);
	return rc;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Why HTTP failed: what libcurl returned and said -> a libavformat error code, and the facts of the log that
 * av/averr.h makes a sentence of. Only for fetch.c.
 */
#ifndef CME_PULL_HTTP_FAULT_H
#define CME_PULL_HTTP_FAULT_H

#include "pull/http/fetch.h"

/* Of a transfer that is done. A libavformat error code. */
int cme_http_fault(struct cme_fetch *fetch);

/* Fills the refusal. Returns AVERROR_INVALIDDATA. */
int cme_http_refuse_compressed(struct cme_err *refusal);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What this program tells the engine beside the media, JSON lines on fd 1 (child/report.h):
 *
 *     {"open":{"paced":true,"flv":false}}      the source is open
 *     {"streams":[true,false]}                 picture and sound that will come, told before they do
 *     {"promise":["",null],"dropped":2}        what came so far: of each stream "", or why it cannot be read
 *                                              (null: nothing of it came), and packets left out since
 *     {"error":{...},"over":true}              why it ends; over: all was read
 *
 * Each is told before the media that it is about, so whoever reads media and then these has both in order.
 */
#ifndef CME_PULL_TELL_H
#define CME_PULL_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "stream/gather.h"
#include "stream/media.h"

struct cme_teller {
	bool streams; /* were told */
	struct cme_promise promise;
	int64_t told_us; /* when anything was said last */
};

void cme_tell_open(bool paced, bool flv);
void cme_tell_streams(struct cme_teller *teller, const struct cme_media *media);

/* Only what is new; or that the source lives, when media are held back. */
void cme_tell_progress(struct cme_teller *teller, const struct cme_promise *promise, unsigned dropped,
		       bool held);

void cme_tell_end(const struct cme_err *err, bool over);

#endif

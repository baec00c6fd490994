/* SPDX-License-Identifier: MIT
 *
 * What libavformat is given to open one of our URLs, so that it does not take them apart by rules of its
 * own: SRT's passphrase and stream id percent-decoded, which libavformat leaves as they are written (the
 * passphrase) or decodes like a form (the stream id: '+' would be a blank). Pure but for memory; any thread.
 */
#ifndef CME_AV_AV_URL_H
#define CME_AV_AV_URL_H

#include <libavutil/dict.h>

#include "common/err.h"

/* Returns the URL to open, which the caller frees, and adds what belongs to it to the options. NULL with err
 * (internal): no memory. */
char *cme_av_url(const char *url, AVDictionary **options, struct cme_err *err);

#endif

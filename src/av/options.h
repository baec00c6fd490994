/* SPDX-License-Identifier: MIT
 *
 * What the query of a source's URL may ask for, and that of an SRT output's: latency and passphrase of SRT,
 * the transport of RTSP, the interface of UDP. Only what is listed is passed on to libavformat, which knows
 * many more, some of which read files or wait for strangers; another one is refused. The query of an RTSP URL
 * is the camera's, but for names that begin with "rtsp_"; that of other schemes is their server's. Twin of
 * lua/cme/net/stream_options.lua. Pure but for memory.
 */
#ifndef CME_AV_OPTIONS_H
#define CME_AV_OPTIONS_H

#include <libavutil/dict.h>

#include "common/err.h"

/* Takes the options out of a URL, checked and percent-decoded; those of UDP and RTP stay in it, where
 * libavformat reads them. Returns the URL to open, which the caller frees, and adds to the options. NULL with
 * err (invalid.url, which repeats no value; internal). */
char *cme_options_take(const char *url, AVDictionary **options, struct cme_err *err);

#endif

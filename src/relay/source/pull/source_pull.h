/* SPDX-License-Identifier: MIT
 *
 * The kind of source that a process of its own reads (cme-pull): everything but RTMP. The process gets the
 * URL on a socket, on which the media come back as FLV; why it could not read, it says beside that
 * (src/pull/tell.h). Whatever a source does to its reader, here is only an input that went down, with the
 * reason: the reader crashed, hangs or takes too much memory.
 *
 *     source --> cme-pull --> [ FLV on a socket ] --> flv_reader.h --> packets
 *                        +--> [ JSON lines on a pipe ]
 *
 * The process is ended with the feed, and by the kernel when the thread that started it ends.
 */
#ifndef CME_RELAY_SOURCE_PULL_SOURCE_PULL_H
#define CME_RELAY_SOURCE_PULL_SOURCE_PULL_H

#include "relay/source/feed.h"

extern const struct cme_feed_ops cme_source_pull;

#endif

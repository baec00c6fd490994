/* SPDX-License-Identifier: MIT
 *
 * The kind of source that libavformat opens and reads, as packets in the engine's one form (reader.h). Every
 * call ends: 10 s to open, 10 s of silence; the owner's deadline can cancel sooner. What it may open and
 * what comes of it is bounded (intake.h).
 */
#ifndef CME_RELAY_SOURCE_AV_DEMUX_H
#define CME_RELAY_SOURCE_AV_DEMUX_H

#include "relay/source/feed.h"

extern const struct cme_feed_ops cme_source_av;

#endif

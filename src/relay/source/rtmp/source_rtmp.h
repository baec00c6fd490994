/* SPDX-License-Identifier: MIT
 *
 * The kind of source that plays a stream from an RTMP or RTMPS server, with the client half that the
 * publisher has too (rtmp/session.h, rtmp/client/dial.h) and the reader of FLV. The input's thread waits in
 * poll, for the socket, and looks up every 100 ms whether it was cancelled. Every call ends: 10 s to open, 10
 * s without picture and sound; what is held of the server's bytes is bounded by the chunk reader and one
 * buffer.
 */
#ifndef CME_RELAY_SOURCE_RTMP_SOURCE_RTMP_H
#define CME_RELAY_SOURCE_RTMP_SOURCE_RTMP_H

#include "relay/source/feed.h"

extern const struct cme_feed_ops cme_source_rtmp;

#endif

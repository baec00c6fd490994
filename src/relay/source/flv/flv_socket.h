/* SPDX-License-Identifier: MIT
 *
 * The kind of source that is FLV on a unix socket of this machine, "unix:/PATH": the playout of a media cast,
 * the edge. Read without a demuxer, at the pace at which it comes.
 */
#ifndef CME_RELAY_SOURCE_FLV_FLV_SOCKET_H
#define CME_RELAY_SOURCE_FLV_FLV_SOCKET_H

#include "relay/source/feed.h"

extern const struct cme_feed_ops cme_source_flv_socket;

#endif

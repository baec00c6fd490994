/* SPDX-License-Identifier: MIT
 *
 * A source that is an FLV file on this machine, "flv:/PATH": read without a demuxer, as fast as it is asked
 * for (the owner paces). A slate is one, looped as a list of one entry. Regular files alone: nothing else can
 * keep a reader waiting.
 */
#ifndef CME_RELAY_SOURCE_FLV_FLV_FILE_H
#define CME_RELAY_SOURCE_FLV_FLV_FILE_H

#include "relay/source/feed.h"

#define CME_FLV_FILE_PREFIX "flv:"

extern const struct cme_feed_ops cme_source_flv_file;

#endif

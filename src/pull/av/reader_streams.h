/* SPDX-License-Identifier: MIT
 *
 * The streams of a source that is being read (reader.h): which of them are relayed, and their codec
 * configuration, which may come late, change, or be described anew. Only for the reader's files.
 * Where an int is returned: 0, or a libavformat error code.
 */
#ifndef CME_PULL_AV_READER_STREAMS_H
#define CME_PULL_AV_READER_STREAMS_H

#include "pull/av/reader.h"

/* Of what avformat_find_stream_info found. AVERROR_INVALIDDATA: nothing to relay. */
int cme_reader_choose_streams(struct cme_reader *reader);

/* Which of our streams the packet belongs to; -1: none. */
int cme_reader_kind_of(struct cme_reader *reader, const AVPacket *av);

/* The filter from ADTS to raw AAC. */
int cme_reader_open_adts(struct cme_reader *reader, const AVStream *stream);

/* A configuration that the container sends anew with this packet. */
int cme_reader_read_extradata(struct cme_reader *reader, int kind, const AVPacket *av);

/* The source described its streams anew (another EXT-X-MAP): what is read from here on is of that. */
int cme_reader_follow_init(struct cme_reader *reader);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A packet as libavformat gives it -> the engine's one form (reader.h). Only for the reader's files.
 */
#ifndef CME_PULL_AV_READER_FORM_H
#define CME_PULL_AV_READER_FORM_H

#include "pull/av/reader.h"

/* Brings the payload into the one form. 0; AVERROR(EAGAIN): nothing to relay in it; another: failed. */
int cme_reader_convert(struct cme_reader *reader, int kind, AVPacket *av);

/* The same for its times, of which every packet has both then. */
int cme_reader_to_microseconds(struct cme_reader *reader, int kind, AVPacket *av);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The data message that describes a stream to whoever reads it (@setDataFrame onMetaData, "Adobe Flash Video
 * File Format Specification" E.5). Pure; any thread.
 */
#ifndef CME_RTMP_METADATA_H
#define CME_RTMP_METADATA_H

#include "common/buf.h"
#include "stream/flv/write.h"

/* Appends the body; either stream may be NULL. What is not known is left out. */
void cme_metadata_put(struct cme_buf *out, const struct cme_flv_stream *video,
		      const struct cme_flv_stream *audio);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What an SRT caller says of itself, the stream id: a stream key as it is, or the form of SRT Access Control
 * ("SRT Access Control (Stream ID) Guidelines" of libsrt), in which r is the key and m has to be publish:
 *
 *     cme-5b1d...                     #!::r=cme-5b1d...,m=publish
 *
 * Pure.
 */
#ifndef CME_EDGE_SRT_STREAM_ID_H
#define CME_EDGE_SRT_STREAM_ID_H

#include <stddef.h>

#define CME_STREAM_ID_MAX 513 /* as SRT has it, with a NUL */

enum cme_stream_id_verdict {
	CME_STREAM_ID_GOOD,
	CME_STREAM_ID_MALFORMED, /* it has no key, or two, or another form */
	CME_STREAM_ID_PLAY,      /* it wants something else than to publish */
};

/* Finds the key in an id: *key points into it. */
enum cme_stream_id_verdict cme_stream_id_key(const char *id, const char **key, size_t *len);

#endif

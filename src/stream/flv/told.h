/* SPDX-License-Identifier: MIT
 *
 * What the reader of a stream of FLV bodies has been told of its codecs, and what it has to be told before
 * the next frame: the sequence header of each stream and the note that goes with it (media.h). A reader is
 * told of both streams before the first frame of any. After that each stream's words come before its own
 * frames: where a source changes, the other stream may have frames of the old media yet to come. Pure; one
 * thread.
 */
#ifndef CME_STREAM_FLV_TOLD_H
#define CME_STREAM_FLV_TOLD_H

#include "stream/flv/write.h"

struct cme_flv_told {
	struct cme_media *media[CME_STREAMS]; /* of which each stream's words were said; NULL: of none */
	enum cme_flv_dialect dialect;         /* set by the owner before the first frame */
	bool notes[CME_STREAMS]; /* set alike: the stream, if it has a note, is named by four characters, so
				  * that it can be said */
};

/* Takes the body over. 0, or -1: no memory. */
typedef int cme_flv_say(void *ctx, int kind, struct cme_buf *body);

/* Forgets all; the dialect stays. */
void cme_flv_told_clear(struct cme_flv_told *told);

/* Nothing was told yet. */
bool cme_flv_told_nothing(const struct cme_flv_told *told);

/* The reader knows the stream of this kind as it is in the media, or the media has none. */
bool cme_flv_told_of(const struct cme_flv_told *told, const struct cme_media *media, int kind);

/* The stream of a media as this reader takes it. */
struct cme_flv_stream cme_flv_told_stream(const struct cme_flv_told *told, const struct cme_media *media,
					  int kind);

/* Says all that a frame of this kind needs before it. 0, or -1: no memory. */
int cme_flv_tell(struct cme_flv_told *told, struct cme_media *media, int kind, cme_flv_say *say, void *ctx);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a destination takes: what its owner says of it (the option `codecs`), and what its server says in the
 * answer to connect (Enhanced RTMP v2, "Enhancing NetConnection connect Command": fourCcList of v1,
 * videoFourCcInfoMap and audioFourCcInfoMap). Most servers say nothing; a list that is there binds. H.264,
 * AAC and MP3 every server takes, by the numbers of the old format. Pure; any thread.
 */
#ifndef CME_RTMP_CLIENT_OFFER_H
#define CME_RTMP_CLIENT_OFFER_H

#include "common/err.h"
#include "rtmp/amf.h"
#include "stream/flv/told.h"

/* The owner's word. */
enum cme_codecs {
	CME_CODECS_ENHANCED, /* whatever Enhanced RTMP has, unless the server lists what it takes */
	CME_CODECS_ID12,     /* HEVC as codec id 12, as Chinese CDNs take it, and no other new codec */
	CME_CODECS_H264,     /* H.264, AAC and MP3 alone */
};

extern const char *const cme_codecs_names[3]; /* "enhanced", "id12", "h264" */

/* -1: no such name. */
int cme_codecs_find(const char *name);

struct cme_rtmp_offer {
	bool listed[CME_STREAMS];     /* the server lists the codecs of this kind */
	bool takes[CME_CODEC_COUNT];  /* those on its lists */
	char names[CME_STREAMS][128]; /* the lists as text, for people: "hvc1, av01" */
};

/* Takes the lists in an object of the answer to connect. */
void cme_rtmp_offer_read(struct cme_rtmp_offer *offer, const struct cme_amf_value *object);

/* Whether a media can go out, and how: 0 with the dialect and the notes of told set; -1 with err
 * (media.unsupported). offer NULL: the server was not asked yet. */
int cme_rtmp_choose(const struct cme_rtmp_offer *offer, enum cme_codecs codecs, const struct cme_media *media,
		    struct cme_flv_told *told, struct cme_err *err);

#endif

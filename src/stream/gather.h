/* SPDX-License-Identifier: MIT
 *
 * What was gathered of a source by now: the parameters of its picture and its sound, the media that they
 * make, and the packets that came before these were known. Packets go in as they are to be relayed
 * (microseconds, H.264 and HEVC with length prefixes, AAC raw) and come out with the media they belong to. A
 * stream that does not show, or a picture whose configuration does not come, is waited for only so long.
 * Where an int is returned that is no bool: 0, or why it ends (end.h); CME_END_PICTURE: the picture
 * lacks something.
 *
 * Knows no container, and no clock: monotonic microseconds are an argument. Belongs to one input thread.
 */
#ifndef CME_STREAM_GATHER_H
#define CME_STREAM_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/end.h"
#include "stream/nal/sets.h"
#include "stream/packet.h"
#include "stream/params.h"

#define CME_GATHER_PENDING_MAX   512
#define CME_GATHER_PENDING_BYTES ((size_t)16 * 1024 * 1024)

/* Why a picture is not passed on; takes its codec. */
#define CME_PICTURE_UNREADABLE "the picture is %s (send H.264 with its headers)"

/* What a source promised by what came so far. */
struct cme_promise {
	bool made[CME_STREAMS];
	char unreadable[CME_STREAMS][64]; /* what none is passed on of, "HEVC as Enhanced RTMP"; "": all is */
};

struct cme_gather {
	bool open; /* streams show at any time, with their configuration (FLV); else all were found at the
		      start */
	bool told; /* the owner said which streams come, with all that they need */
	bool expected[CME_STREAMS];          /* those */
	struct cme_params *par[CME_STREAMS]; /* as they are to be relayed; NULL until the stream is seen */
	bool came[CME_STREAMS];              /* packets of it; set by the owner */
	struct cme_sets sets;                /* of H.264 and HEVC, as the stream has shown them */
	struct cme_note note[CME_STREAMS];   /* what was said of the streams last */
	struct cme_media *media;             /* NULL until the parameters are known */
	int64_t first_us;                    /* arrival of the first packet held back */
	int64_t unknown_us; /* since when pictures come without parameters; 0: they have them */
	unsigned dropped;   /* packets that cannot go out, since the owner last asked */
	struct {
		struct cme_packet *packet[CME_GATHER_PENDING_MAX];
		size_t head; /* next to hand out */
		size_t count;
		size_t bytes; /* of all that came */
	} pending;
};

void cme_gather_init(struct cme_gather *gather, bool open);
void cme_gather_fini(struct cme_gather *gather);

/* Which streams come, before the first packet: whoever sends them has gathered them already. */
void cme_gather_expect(struct cme_gather *gather, bool video, bool audio);

/* The stream has parameter sets among its pictures, which `sets` keeps. */
bool cme_gather_has_sets(struct cme_gather *gather, int kind);

/* The parameters are complete: a stream that has them can be relayed. NULL: no. */
bool cme_gather_suffice(const struct cme_gather *gather, const struct cme_params *par);

/* Those of the stream are. */
bool cme_gather_known(const struct cme_gather *gather, int kind);

/* What packets of a stream that came lack to be relayed: "H.264 without a sequence header". NULL: nothing. */
const char *cme_gather_lacks(const struct cme_gather *gather, int kind);

/* Another configuration of a stream than before, if it is another: packets from here on belong to another
 * media. Nothing happens without data, and with more than any configuration has. */
int cme_gather_configure(struct cme_gather *gather, int kind, const uint8_t *data, size_t len);

/* What is said of a stream beside its configuration (media.h), if it is other than before: packets from here
 * on belong to another media. A note that is too long is left out. */
int cme_gather_note(struct cme_gather *gather, int kind, const uint8_t *data, size_t len);

/* The record that the parameter sets make by now becomes the picture's configuration, if they make one. */
int cme_gather_change_record(struct cme_gather *gather);

/* Takes the parameter sets that a keyframe brings, and notes the SPS it uses; prefix as in sets.h. */
int cme_gather_follow_sets(struct cme_gather *gather, const uint8_t *data, size_t len, size_t prefix);

/* A packet that was held back and can go out now, the caller's reference. NULL: there is none, or no memory.
 */
struct cme_packet *cme_gather_held(struct cme_gather *gather);
bool cme_gather_holds(const struct cme_gather *gather);

/* *given goes out as *packet, the caller's reference, or is held back, and is NULL then; or it is dropped,
 * and stays the caller's: *packet is then as it was. */
int cme_gather_put(struct cme_gather *gather, struct cme_packet **given, struct cme_packet **packet,
		   int64_t now_us);

/* Pictures have come without parameters for so long that none will follow. */
bool cme_gather_hopeless(struct cme_gather *gather, int64_t now_us);

/* The source ended: no other stream will show. 0: what is held can go out. */
int cme_gather_end(struct cme_gather *gather);

/* The source is read no further: what is held back does not go out; nor does what came `last`, if anything.
 */
void cme_gather_give_up(struct cme_gather *gather, bool last);

/* Packets dropped since the last question. */
unsigned cme_gather_dropped(struct cme_gather *gather);

#endif

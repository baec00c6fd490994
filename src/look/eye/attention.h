/* SPDX-License-Identifier: MIT
 *
 * Which packets of a picture are decoded. A keyframe is decoded alone, unless the next one comes soon enough;
 * and at each look a stretch is decoded in full, where keyframes alone do not tell enough: when they are
 * rare, or when the pictures are compared with those of a source. Pure. Microseconds.
 */
#ifndef CME_LOOK_EYE_ATTENTION_H
#define CME_LOOK_EYE_ATTENTION_H

#include <stdbool.h>
#include <stdint.h>

struct cme_attention {
	/* set once */
	bool full;        /* everything is decoded */
	bool compared;    /* with a source */
	int64_t every_us; /* between two looks */

	bool in_stretch;
	int64_t stretch_dts_us; /* where it began */
	int64_t stretch_at_us;  /* and when, by the clock; 0: there was none */
	bool any;               /* a keyframe was decoded */
	int64_t key_dts_us;     /* the last that was */
};

struct cme_attention_packet {
	bool key; /* decoding can start here */
	int64_t dts_us;
	int64_t arrival_us;
	int64_t gop_us; /* between the last two keyframes; 0: not known */
	bool doubtful;  /* the last picture may be a fault */
};

struct cme_attention_next {
	bool ends;   /* the stretch ended before this packet: what is in the decoder comes out */
	bool decode; /* the packet */
	bool alone;  /* and nothing behind it */
};

/* The stream was opened again, or has another configuration. */
void cme_attention_restart(struct cme_attention *attention);

struct cme_attention_next cme_attention_take(struct cme_attention *attention,
					     const struct cme_attention_packet *packet);

#endif

/* SPDX-License-Identifier: MIT
 *
 * When the slate is on the air: once destinations have been without a picture for `after`, no input could
 * give them one, and the slate fits what their connections were opened with. It ends with the first keyframe
 * of an input that may take over, or when it cannot be played any more: then the broadcast is as it would be
 * without one. What carries this out is relay_slate.c. Pure: the clock is an argument.
 */
#ifndef CME_RELAY_SLATE_H
#define CME_RELAY_SLATE_H

#include <stdbool.h>
#include <stdint.h>

struct cme_slate_view {
	bool on;         /* it is on the air */
	bool playable;   /* it is open, or being opened anew while it is on the air */
	bool fits;       /* the destinations' connections carry its codecs */
	bool input_live; /* an input is on the air, or a failover is about to put it there */
	int64_t now_us;
	int64_t after_us;
	int64_t last_picture_us; /* that was sent; before the first: since when one is waited for */
};

enum cme_slate_act {
	CME_SLATE_STAY,
	CME_SLATE_BEGIN,
	CME_SLATE_END,
};

struct cme_slate_verdict {
	enum cme_slate_act act;
	int64_t check_at_us; /* when to ask again; INT64_MAX: not before something changes */
};

struct cme_slate_verdict cme_slate_decide(const struct cme_slate_view *view);

/* A packet of an input, while the slate is on the air. */
struct cme_slate_packet {
	bool start;    /* decoding can start with it */
	bool picture;  /* its source has a picture */
	bool active;   /* its input is the active one */
	bool failover; /* the other one may take over by itself */
	bool wanted;   /* the programme has a picture */
};

/* The input takes over with this packet. */
bool cme_slate_yields(const struct cme_slate_packet *packet);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A destination's own state, shared by destination.c (the step, failures and stops), destination_open.c (the
 * phases up to RTMP's greeting) and destination_live.c (those with a session). Not for other files. All
 * functions are for whoever has the publisher's steps.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_DESTINATION_STATE_H
#define CME_RELAY_OUTPUT_RTMP_DESTINATION_STATE_H

#include <stdatomic.h>

#include "relay/output/rtmp/destination.h"
#include "rtmp/client/dial.h"
#include "rtmp/client/login.h"
#include "rtmp/flight.h"
#include "rtmp/link.h"
#include "rtmp/progress.h"
#include "rtmp/session.h"
#include "rtmp/url.h"

enum cme_phase {
	CME_PHASE_WAITING, /* for media */
	CME_PHASE_DIALLING,
	CME_PHASE_GREETING,
	CME_PHASE_LIVE,
	CME_PHASE_LEAVING,
	CME_PHASE_CLOSING,
	CME_PHASE_RETRYING,
	CME_PHASE_FENCED, /* there is no lease */
	CME_PHASE_GONE,
	CME_PHASES
};

enum cme_verdict {
	CME_VERDICT_WAIT,   /* for the socket, the queue or the limit */
	CME_VERDICT_NEXT,   /* another phase began: go on there */
	CME_VERDICT_FAILED, /* destination->err says why */
};

struct cme_destination {
	struct cme_output *out;
	_Atomic int64_t end_by_us; /* a stop has to be over then */
	_Atomic bool done;
	_Atomic int64_t unsent; /* what the kernel had at the last look; -1: not connected */

	/* settled before the publisher has it */
	struct cme_rtmp_url url;
	struct cme_err url_err; /* code empty: the URL is good */
	SSL_CTX *tls;           /* of rtmps: client/authorities.h */
	int epoll_fd;
	int wake_fd;

	/* of whoever steps it */
	enum cme_phase phase;
	bool stopping;      /* as last seen */
	int64_t now_us;     /* of this step */
	int64_t limit_us;   /* the phase's; INT64_MAX: none */
	int64_t at_us;      /* when to step at the latest */
	bool ready;         /* the socket has news since the last step */
	bool news;          /* it had when this step began */
	bool blocked;       /* it takes nothing until there are some */
	bool redirected;    /* the server of url is not the one that out->url names */
	bool again;         /* leaving only to come back: the media changed, or the server asked for it */
	unsigned moves;     /* times in a row that a server asked for another connection */
	bool failed;        /* while it was carried: the next step sees to it */
	struct cme_err err; /* why it failed, or the last verdict was CME_VERDICT_FAILED */
	struct cme_login login;
	struct cme_dial dial;
	struct cme_link link;
	struct cme_rtmp_session session;
	struct cme_flight flight;
	struct cme_media *opened; /* what the connection is for */
	int64_t accepted_us;      /* when the peer took the publish; 0: not yet */
	int64_t proven_us;        /* when it has held long enough to count as live; INT64_MAX: it does */
	struct cme_progress progress;
};

/* Begins a phase. */
enum cme_verdict cme_destination_go(struct cme_destination *d, enum cme_phase phase);

/* The phase is past its limit. */
bool cme_destination_overdue(const struct cme_destination *d);

/* Gives the connection up; the queue is kept or emptied. */
void cme_destination_disconnect(struct cme_destination *d, bool keep);

/* The next attempt goes where the server that asked for another connection says. false with d->err: it asks
 * again and again. */
bool cme_destination_move(struct cme_destination *d);

/* The next attempt begins where the URL says. */
void cme_destination_forget_redirect(struct cme_destination *d);

/* destination_open.c */

enum cme_verdict cme_phase_wait_for_media(struct cme_destination *d);
enum cme_verdict cme_phase_dial(struct cme_destination *d);

/* Begins to connect to the server of the URL. */
enum cme_verdict cme_destination_dial(struct cme_destination *d);

/* destination_live.c */

enum cme_verdict cme_phase_greet(struct cme_destination *d);
enum cme_verdict cme_phase_live(struct cme_destination *d);
enum cme_verdict cme_phase_leave(struct cme_destination *d);
enum cme_verdict cme_phase_close(struct cme_destination *d);

#endif

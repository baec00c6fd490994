/* SPDX-License-Identifier: MIT
 *
 * One source: a thread that opens it by the kind of its scheme (feed.h), paces it if it comes faster than
 * real time, and opens it again with backoff when it ends or fails; or that plays a list of files to its end
 * (player.h), while it is told to play. What comes out goes to the sink, on the input's own thread.
 *
 * A source that is silent for 10 s is opened again. cancel returns at once; done turns true when the sink is
 * called no more, and the main thread is woken through the events then.
 */
#ifndef CME_RELAY_SOURCE_INPUT_H
#define CME_RELAY_SOURCE_INPUT_H

#include <stdbool.h>

#include "common/err.h"
#include "relay/base/events.h"
#include "relay/base/spec.h"
#include "relay/source/feed.h"
#include "stream/packet.h"

struct cme_input;

/* Where a list is. */
struct cme_position {
	size_t index;      /* the entry, from 0 */
	int64_t round;     /* rounds that are complete */
	const char *url;   /* of the entry; lives as long as the input; has secrets */
	int64_t offset_us; /* into the entry */
	int64_t played_us; /* of all that was played */
};

/* Called on the input's thread; must not block. */
struct cme_input_sink {
	void *ctx;
	/* A try to open begins. */
	void (*opening)(void *ctx, struct cme_input *input);
	/* Sound or picture came, but no packet yet: the parameters of both streams are not known. */
	void (*alive)(void *ctx, struct cme_input *input);
	/* What the source promised is another than was said last; after `opening` nothing was. */
	void (*promise)(void *ctx, struct cme_input *input, const struct cme_promise *promise);
	/* A packet, a new reference that is the sink's. The first after `opening` means: it is open. */
	void (*packet)(void *ctx, struct cme_input *input, struct cme_packet *packet);
	/* It waits for more now: after packets, and perhaps after none. NULL: the sink need not know. */
	void (*rest)(void *ctx, struct cme_input *input);
	/* So many packets came that cannot go out. */
	void (*dropped)(void *ctx, struct cme_input *input, unsigned count);
	/* The try, or the open source, ended; the next try follows by itself. */
	void (*ended)(void *ctx, struct cme_input *input, const struct cme_err *err);

	/* of a list alone */

	/* There is something to play, which begins with this. */
	void (*ready)(void *ctx, struct cme_input *input, struct cme_media *media);
	/* An entry was left. */
	void (*fault)(void *ctx, struct cme_input *input, const struct cme_err *err);
	/* The next packet comes later by the clock than its time says. */
	void (*late)(void *ctx, struct cme_input *input);
	/* All was played: nothing comes any more. */
	void (*played_out)(void *ctx, struct cme_input *input);
};

/* NULL with err when there is no memory or thread. events outlives the input; the rest is copied. */
struct cme_input *cme_input_start(const struct cme_input_spec *spec, const char *ca_file,
				  const struct cme_input_sink *sink, struct cme_events *events,
				  struct cme_err *err);

/* A list plays only while told so; to another source it means nothing. Does not block, calls no sink. */
void cme_input_play(struct cme_input *input, bool playing);

/* false: the input is no list. */
bool cme_input_position(const struct cme_input *input, struct cme_position *position);

/* For what reads for an input, on its thread: hands a packet, which nobody shares yet, to the sink. */
void cme_input_put(struct cme_input *input, struct cme_packet *packet);

/* The same: it waits now. */
void cme_input_rest(struct cme_input *input);

/* Asks its threads for a sign of life and wakes them: for how long one has given none (life.h). The main
 * thread alone asks. */
int64_t cme_input_ask(struct cme_input *input, int64_t now_us);

/* One of its threads is in name resolution. */
bool cme_input_resolving(const struct cme_input *input);

void cme_input_cancel(struct cme_input *input);
bool cme_input_done(const struct cme_input *input);

/* Joins and frees; only after done. */
void cme_input_free(struct cme_input *input);

#endif

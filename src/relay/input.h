/* SPDX-License-Identifier: MIT
 *
 * One source: a thread that opens it with libavformat, reads it, brings its packets into one form
 * (microseconds, avcC, raw AAC, see reader.h), paces it if it comes faster than real time, and opens it
 * again with backoff when it ends or fails. What comes out goes to the sink, on the input's own thread.
 *
 * Every call into libavformat has a deadline of 10 s: a source that is silent for so long is opened
 * again. cancel returns at once; done turns true when the sink is called no more, and the main thread
 * is woken through the events then.
 */
#ifndef CME_RELAY_INPUT_H
#define CME_RELAY_INPUT_H

#include <stdbool.h>

#include "common/err.h"
#include "relay/events.h"
#include "relay/packet.h"

struct cme_input;

/* Called on the input's thread; must not block. */
struct cme_input_sink {
	void *ctx;
	/* A try to open begins. */
	void (*opening)(void *ctx, struct cme_input *input);
	/* Data came, but no packet yet: the parameters of both streams are not known. */
	void (*alive)(void *ctx, struct cme_input *input);
	/* A packet, a new reference that is the sink's. The first after `opening` means: it is open. */
	void (*packet)(void *ctx, struct cme_input *input, struct cme_packet *packet);
	/* The try, or the open source, ended; the next try follows by itself. */
	void (*ended)(void *ctx, struct cme_input *input, const struct cme_err *err);
};

/* NULL with err when there is no memory or thread. events outlives the input; strings are copied. */
struct cme_input *cme_input_start(const char *url, const char *ca_file, const struct cme_input_sink *sink,
				  struct cme_events *events, struct cme_err *err);
void cme_input_cancel(struct cme_input *input);
bool cme_input_done(const struct cme_input *input);

/* Joins and frees; only after done. */
void cme_input_free(struct cme_input *input);

#endif

/* SPDX-License-Identifier: MIT
 *
 * One destination: the interface that the engine sees, and the state every kind of output shares. A
 * backend (push/output_push.c: a process, kept by a thread) supplies struct cme_output_ops, takes
 * packets from the queue and reports states; it never makes the engine wait. A new protocol is a folder
 * beside push/ and a row in relay/schemes.c (docs/internals/engine.md has the recipe).
 *
 * Locks: out->lock guards all fields below it. The engine may hold its own lock while it pushes, so a
 * backend must not call into the engine with out->lock held, and must not hold it across I/O.
 *
 * Life: new -> push ... -> stop -> (done) -> free. `stop` returns at once; `done` turns true when the
 * backend touches the output no more, and the main thread is woken through the events then.
 */
#ifndef CME_RELAY_OUTPUT_OUTPUT_H
#define CME_RELAY_OUTPUT_OUTPUT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "relay/base/backoff.h"
#include "relay/base/events.h"
#include "relay/base/fence.h"
#include "relay/base/life.h"
#include "relay/base/rate.h"
#include "relay/base/stat.h"
#include "relay/output/delay.h"
#include "relay/output/queue.h"
#include "relay/output/uplink.h"
#include "rtmp/client/offer.h"
#include "stream/packet.h"

struct cme_output;

/* What only a backend can know. */
struct cme_output_link {
	int64_t unsent_bytes; /* in the kernel, not acknowledged by the peer's; -1: not known */
};

struct cme_output_ops {
	const char *name;
	/* Starts the backend; sets out->backend. 0, or -1 with err. */
	int (*start)(struct cme_output *out, struct cme_err *err);
	/* The queue got a packet, or out->stopping changed. Called with out->lock held; must not block. */
	void (*wake)(struct cme_output *out);
	/* Sends what the queues of all outputs of this kind got, on the caller's thread and as far as nothing
	 * has to be waited for. Called without any lock, by any thread; must not block. NULL: it cannot. */
	void (*carry)(void);
	/* Bounds what a stop may still take: everything in flight is to be broken off at this time. */
	void (*end_by)(struct cme_output *out, int64_t at_us);
	/* Of the thread that carries the output. */
	struct cme_life *(*life)(const struct cme_output *out);
	/* The backend is through with the output. */
	bool (*done)(const struct cme_output *out);
	/* Frees out->backend; only after done. */
	void (*join)(struct cme_output *out);
	/* NULL: the backend knows nothing more. Fills in what it does know of the connection. Called with
	 * out->lock held, by any thread; must not block. */
	void (*stat)(const struct cme_output *out, struct cme_output_link *link);
};

struct cme_output_config {
	const char *id;
	const char *name;
	const char *url;
	const char *ca_file;
	enum cme_codecs codecs;               /* that the destination takes */
	bool no_uplink;                       /* the destination is on this machine */
	const struct cme_record_spec *record; /* NULL: it is a destination */
	const struct cme_fence *fence;        /* outlives the output, as events */
	struct cme_events *events;
};

/* Of a recording of one input, the relay's, under its lock. */
struct cme_output_tap {
	struct cme_timeline timeline;
	bool started; /* a keyframe came since the input was opened */
};

struct cme_output {
	const struct cme_output_ops *ops;
	void *backend;                  /* the backend's own */
	char *id;                       /* never changed */
	char *url;                      /* never changed; has secrets */
	char *ca_file;                  /* never changed */
	enum cme_codecs codecs;         /* never changed */
	bool no_uplink;                 /* never changed; the destination is on this machine */
	struct cme_record_spec *record; /* never changed; NULL: it is a destination */
	struct cme_output_tap tap;
	const struct cme_fence *fence; /* NULL: it is no destination, and always open */
	struct cme_events *events;

	pthread_mutex_t lock;
	char *name;
	struct cme_queue queue; /* of struct cme_packet */
	enum cme_output_state state;
	bool stopping; /* send what is queued, say goodbye, end */
	struct cme_backoff backoff;
	double since;         /* unix seconds of the last state change */
	unsigned connects;    /* times it went live */
	struct cme_err error; /* the last one; code empty: none yet */
	double error_at;
	uint64_t bytes;   /* payload sent since start */
	uint64_t packets; /* and packets */
	struct cme_rate rate;
	struct cme_delay delay;        /* receive to write */
	struct cme_uplink_mark uplink; /* main thread only */
	int64_t last_write_us;         /* monotonic; 0: nothing sent yet */
	int64_t last_dts_us;           /* of the last packet sent, on the output timeline */
	char file[CME_STAT_FILE_MAX];  /* of a recording: the one that is written; "": none */
};

/* The engine's side; call these from any thread. */

struct cme_output *cme_output_new(const struct cme_output_ops *ops, const struct cme_output_config *config,
				  struct cme_err *err);

/* Queues a reference of its own to the packet and wakes the thread that sends it. Never blocks. */
void cme_output_push(struct cme_output *out, struct cme_packet *packet);

/* The same, for who calls ops->carry soon: the thread is not woken. */
void cme_output_put(struct cme_output *out, struct cme_packet *packet);

/* Sends what is queued and ends, by then at the latest: a time that has passed means at once. */
void cme_output_stop(struct cme_output *out, int64_t end_by_us);

/* Asks the thread that carries it for a sign of life and wakes it: for how long it has given none (life.h).
 * The main thread alone asks. */
int64_t cme_output_ask(struct cme_output *out, int64_t now_us);

/* It is to look at what may have changed: its fence, or that it is asked. */
void cme_output_wake(struct cme_output *out);

/* That thread is in name resolution. */
bool cme_output_resolving(const struct cme_output *out);

bool cme_output_done(const struct cme_output *out);

/* Only after done. */
void cme_output_free(struct cme_output *out);

void cme_output_rename(struct cme_output *out, const char *name);

/* Fills in all but what it waits for, which the relay knows. */
void cme_output_stat(struct cme_output *out, struct cme_output_stat *stat);

/* Fills in what tells whether it falls behind. The main thread alone asks. */
void cme_output_look(struct cme_output *out, struct cme_uplink_output *seen, int64_t now_us);

/* The backend's side. */

/* It may be written to. Before each write. */
bool cme_output_open(const struct cme_output *out);

/* The fence has opened: another host may have published there just now. */
void cme_output_opened(struct cme_output *out);

/* When its lease ends, as fence.h has it. */
int64_t cme_output_leased_until_ms(const struct cme_output *out);

/* The same as a monotonic time; INT64_MAX: never. */
int64_t cme_output_open_until_us(const struct cme_output *out, int64_t now_us);

/* Records the state and sends an event if it is another one, or brings an error. err may be NULL. */
void cme_output_set_state(struct cme_output *out, enum cme_output_state state, const struct cme_err *err);

/* The peer takes packets: lets the queue flow. The state stays the backend's to set: LIVE only once the
 * connection has held for cme_output_proof_us. */
void cme_output_connected(struct cme_output *out);

/* How long a new connection has to hold before it counts as live. */
int64_t cme_output_proof_us(struct cme_output *out);

/* The connection is gone: hold the queue, emptied unless `keep`. */
void cme_output_disconnected(struct cme_output *out, bool keep);

/* An attempt failed with err, or a connection that the peer had accepted for `lived_us` (0: never): sets the
 * state, BACKOFF or REFUSED, and returns how long to wait before the next attempt. `hung_up`: the peer
 * closed the connection. */
int64_t cme_output_failed(struct cme_output *out, int64_t lived_us, bool hung_up, const struct cme_err *err);

/* Counts a packet that was sent. */
void cme_output_sent(struct cme_output *out, const struct cme_packet *packet);

#endif

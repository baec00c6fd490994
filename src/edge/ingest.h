/* SPDX-License-Identifier: MIT
 *
 * Who may publish, and who may watch, and for how long: connections are let in by the gate, have 5 s to show
 * a key that is good, and then feed that key's channel; or a token, and get what is in a channel (play.h).
 * One encoder publishes with a key: another is refused, or takes over when the first has been silent for a
 * while. An encoder that is silent for longer is sent away. Refusals have words, which go to the encoder and
 * into the event.
 *
 * Keys are given in advance: nobody is asked while an encoder waits. One thread.
 */
#ifndef CME_EDGE_INGEST_H
#define CME_EDGE_INGEST_H

#include "common/clock.h"
#include "common/err.h"
#include "edge/channel/channel.h"
#include "edge/gate.h"
#include "edge/pace.h"
#include "edge/play.h"
#include "edge/publisher.h"
#include "stream/flv/file.h"

#define CME_INGEST_KEYS_MAX    8192
#define CME_INGEST_APP_MAX     64
#define CME_INGEST_SECRET_MAX  1024
#define CME_INGEST_GREETING_US (5 * CME_SECOND_US)  /* for a stranger to show a key */
#define CME_INGEST_SILENCE_US  (10 * CME_SECOND_US) /* that an encoder may be silent */
#define CME_INGEST_LEAVING_US  (3 * CME_SECOND_US)  /* that the rest of one that ended may stay away */
#define CME_INGEST_VIEWER_US   (30 * CME_SECOND_US) /* that a viewer may take nothing, or get nothing */
#define CME_INGEST_WORDS_US    (2 * CME_SECOND_US)  /* to take the last words */

enum cme_ingest_state { CME_INGEST_ADMITTED, CME_INGEST_ENDED, CME_INGEST_REFUSED };

/* What happened to an encoder, or to a viewer. */
struct cme_ingest_event {
	enum cme_ingest_state state;
	bool viewer;
	const char *id;            /* of the key; NULL: a key that is not known */
	const char *protocol;      /* the encoder's */
	const char *address;       /* the encoder's */
	uint64_t bytes;            /* that came, of one that ended; to a viewer: that went */
	const struct cme_err *err; /* why; NULL: it wanted to */
	bool *told;                /* kept for the viewer, from its beginning to its end: edge.c's own */
};

struct cme_ingest_options {
	const char *folder; /* where the sockets are that readers come to */
	struct cme_gate_limits limits;
	int64_t takeover_us; /* a silence after which another encoder may take over */
	void (*report)(void *ctx, const struct cme_ingest_event *event);
	void *ctx;
};

/* What is wanted: which keys of which application. */
struct cme_ingest_spec {
	int64_t revision; /* the caller's own */
	char app[CME_INGEST_APP_MAX];
	char secret[CME_INGEST_SECRET_MAX]; /* of viewers' tokens; "": nobody watches */
	struct cme_key *keys;
	size_t count;
};

struct cme_ingest {
	struct cme_poll *poll;
	struct cme_ingest_options options;
	struct cme_gate gate;
	struct cme_pace pace; /* of TLS */
	int64_t revision;
	char app[CME_INGEST_APP_MAX];
	char secret[CME_INGEST_SECRET_MAX];
	struct cme_keys keys; /* each in its channel */
	struct cme_publisher *publishers;
	uint64_t turned_away; /* connections that the gate did not let in */
	uint64_t refused;     /* encoders, by their key */
};

/* 0 or -1: no memory. */
int cme_ingest_init(struct cme_ingest *ingest, struct cme_poll *poll,
		    const struct cme_ingest_options *options);

/* Ends everything. */
void cme_ingest_fini(struct cme_ingest *ingest);

/* Applies the difference to what is there. An encoder whose key is gone, or ended, is sent away; one whose
 * key only expired goes on. Viewers go when the key ends or is played as something else, and all of them when
 * the secret is another. 0, or -1 with err: nothing was changed. */
int cme_ingest_apply(struct cme_ingest *ingest, const struct cme_ingest_spec *spec, struct cme_err *err);

/* Whether somebody of this address may come, who costs a handshake of TLS; if not, it counts as turned away.
 */
bool cme_ingest_admit_tls(struct cme_ingest *ingest, struct cme_gate_address address);

/* Somebody came, of whom ops, address and gate_address are filled in: a stranger, until its key is good.
 * false: there is no room, and it is not in. */
bool cme_ingest_enter(struct cme_ingest *ingest, struct cme_publisher *publisher);

/* Whether a key is good for who shows it, and free by now; hash NULL: it is none. *key: the one that it is,
 * if it is known. 0, or -1 with err, whose message is what the encoder is told. */
int cme_ingest_judge(const struct cme_publisher *publisher, const uint8_t *hash, struct cme_key **key,
		     struct cme_err *err);

/* It asks to publish with a key: it is admitted, or refused in words. */
void cme_ingest_publish(struct cme_publisher *publisher, const uint8_t *hash);

/* It asks to watch: it is admitted, or refused in words. play NULL: what it asked for is malformed. */
void cme_ingest_watch(struct cme_publisher *publisher, const struct cme_play *play);

/* The engine of another node asks to read: it takes no viewer's place, and nobody is told of it. hash: of
 * what it shows. false: that is the key of no stream, and nothing was done. */
bool cme_ingest_read(struct cme_publisher *publisher, const uint8_t hash[CME_KEY_HASH]);

/* It is refused. key NULL: it is not known. */
void cme_ingest_refuse(struct cme_publisher *publisher, const struct cme_key *key, const struct cme_err *err);

/* Passes on a tag of one that was admitted. Picture and sound are signs of life, data are not. */
void cme_ingest_push(struct cme_publisher *publisher, const struct cme_flv_tag *tag);

/* It publishes or watches no longer, if it did, and is a stranger again. err: why; NULL: it wanted to. */
void cme_ingest_unpublish(struct cme_publisher *publisher, const struct cme_err *err);

/* It ended by itself, and what is left of its media is still to come: until none has come for a while. */
void cme_ingest_leave(struct cme_publisher *publisher);

/* It is gone: hangs up. */
void cme_ingest_remove(struct cme_publisher *publisher);

/* Sends away whose time is over; to be called now and then. */
void cme_ingest_sweep(struct cme_ingest *ingest, int64_t now_us);

#endif

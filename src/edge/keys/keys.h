/* SPDX-License-Identifier: MIT
 *
 * Who may publish: the stream keys that the service gave, each as the SHA-256 of its text, so that what lies
 * here lets nobody push: no key follows from a hash, nor from the secret of viewers' tokens, which is derived
 * from one that the edge never has. SRT's passphrases are here as they are, and are good for nothing without
 * the stream id. An encoder's key is its name and, of its query, the two parameters of a signed
 * address (txSecret, txTime; lua/cme/live_url.lua), wherever and in whichever order they came:
 *
 *     cme-5b1d...?txTime=6745ABCD&txSecret=1F2E...  ->  cme-5b1d...?txSecret=1f2e...&txTime=6745ABCD  ->
 * SHA-256 bare-key                                      ->  bare-key                                      ->
 * SHA-256
 *
 * A key's stream is also read by the engine of another node, which shows a key of its own for that
 * (lua/cme/server/edge/ingest.lua), hashed as it is.
 *
 * A look takes as long with one key as with all, and tells nothing of them by its time (table.h). One thread.
 */
#ifndef CME_EDGE_KEYS_KEYS_H
#define CME_EDGE_KEYS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edge/keys/table.h"

#define CME_KEY_ID_MAX     64   /* with the NUL */
#define CME_KEY_TEXT_MAX   1024 /* bytes of an encoder's key, without its application */
#define CME_KEY_HASHES_MAX 2    /* forms of one key: signed with the main key, and the backup key */
#define CME_KEY_HASH       32
#define CME_KEY_PASSPHRASE 80 /* bytes of SRT's, with the NUL */
#define CME_KEY_PLAY_MAX   64 /* with the NUL */

/* A form of a key is good by one protocol only: SRT's crosses the network in the clear, RTMPS's does not; and
 * that of another node's engine lets read, and not publish. */
enum cme_key_protocol { CME_KEY_RTMP, CME_KEY_SRT, CME_KEY_READ, CME_KEY_PROTOCOLS };

struct cme_key_hashes {
	uint8_t list[CME_KEY_HASHES_MAX][CME_KEY_HASH];
	size_t count; /* 0: nobody comes by this protocol */
};

struct cme_key {
	char id[CME_KEY_ID_MAX];                                  /* the service's name for it */
	struct cme_key_hashes hashes[CME_KEY_PROTOCOLS];          /* CME_KEY_RTMP is of RTMPS, too */
	char passphrases[CME_KEY_HASHES_MAX][CME_KEY_PASSPHRASE]; /* of SRT's hashes; "": it has none */
	double expires; /* unix seconds: connections are made until then; INFINITY: always */
	bool ended;     /* its broadcast is over */
	bool own;       /* the service's own engine publishes with it: it counts for no address */
	char play[CME_KEY_PLAY_MAX]; /* what its stream is played as (play.h); "": nobody plays it */
};

enum cme_key_verdict {
	CME_KEY_GOOD,
	CME_KEY_UNKNOWN,
	CME_KEY_EXPIRED,
	CME_KEY_ENDED,
	CME_KEY_MALFORMED, /* too long, or a parameter comes twice */
};

/* Writes the hash of an encoder's key; query: that of its application, "" for none. false: malformed. */
bool cme_key_hash(const char *text, size_t len, const char *query, uint8_t out[CME_KEY_HASH]);

/* The passphrase of SRT's form that has this hash; "": it has none. */
const char *cme_key_passphrase(const struct cme_key *key, const uint8_t hash[CME_KEY_HASH]);

/* All keys, each of them its owner's. */
struct cme_keys {
	struct cme_key **list;
	size_t count;
	struct cme_table ids;
	struct cme_table hashes[CME_KEY_PROTOCOLS];
	struct cme_table plays;
};

/* Makes room for so many. 0, or -1: no memory. cme_keys_fini after either; a zeroed struct has none. */
int cme_keys_init(struct cme_keys *keys, size_t most);
void cme_keys_fini(struct cme_keys *keys);

/* Adds one, which is found by its id from now on. */
void cme_keys_add(struct cme_keys *keys, struct cme_key *key);

/* All have been added, and are as they stay: they are found by their hashes, and by what they are played as.
 */
void cme_keys_index(struct cme_keys *keys);

/* NULL: there is none. */
struct cme_key *cme_keys_by_id(const struct cme_keys *keys, const char *id);
struct cme_key *cme_keys_by_play(const struct cme_keys *keys, const char *play);

/* Looks a hash up among those of the protocol. *found: the key, where there is one, whatever the verdict. */
enum cme_key_verdict cme_keys_find(const struct cme_keys *keys, enum cme_key_protocol protocol,
				   const uint8_t hash[CME_KEY_HASH], double now, struct cme_key **found);

#endif

/* SPDX-License-Identifier: MIT */
#include "edge/ingest.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

/* What is said of a key that is not good. */
static int set_verdict(enum cme_key_verdict verdict, struct cme_err *err)
{
	switch (verdict) {
	case CME_KEY_EXPIRED:
		return cme_err_set(err, "publish.key_expired", "this key has expired");
	case CME_KEY_ENDED:
		return cme_err_set(err, "publish.key_ended", "the broadcast has ended");
	case CME_KEY_MALFORMED:
		return cme_err_set(err, "publish.key_unknown", "this is no stream key");
	default:
		return cme_err_set(err, "publish.key_unknown", "this key is not known here");
	}
}

int cme_ingest_init(struct cme_ingest *ingest, struct cme_poll *poll,
		    const struct cme_ingest_options *options)
{
	*ingest = (struct cme_ingest){ .poll = poll, .options = *options };
	cme_pace_init(&ingest->pace, options->limits.address);
	return cme_gate_init(&ingest->gate, options->limits);
}

static void report(struct cme_ingest *ingest, enum cme_ingest_state state, struct cme_publisher *publisher,
		   const struct cme_key *key, const struct cme_err *err)
{
	struct cme_ingest_event event = { .state = state,
					  .viewer = publisher->viewer,
					  .id = key ? key->id : NULL,
					  .protocol = publisher->ops->protocol,
					  .address = publisher->address,
					  .bytes = publisher->viewer ? publisher->sent : publisher->received,
					  .err = err,
					  .told = &publisher->told };

	if (publisher->reader && state != CME_INGEST_REFUSED)
		return;
	ingest->options.report(ingest->options.ctx, &event);
}

/* ---- the ways out */

static void end_publishing(struct cme_publisher *publisher, const struct cme_err *err)
{
	struct cme_channel *channel = publisher->channel;

	publisher->channel = NULL;
	channel->publisher = NULL;
	cme_gate_dismiss(&publisher->ingest->gate);
	report(publisher->ingest, CME_INGEST_ENDED, publisher, &channel->key, err);
	cme_channel_end(channel);
}

static void end_watching(struct cme_publisher *publisher, const struct cme_err *err)
{
	struct cme_channel *channel = publisher->watched;

	publisher->watched = NULL;
	if (publisher->reader)
		cme_gate_dismiss(&publisher->ingest->gate);
	else
		cme_gate_dismiss_viewer(&publisher->ingest->gate, publisher->gate_address);
	report(publisher->ingest, CME_INGEST_ENDED, publisher, &channel->key, err);
}

void cme_ingest_unpublish(struct cme_publisher *publisher, const struct cme_err *err)
{
	if (!publisher->channel && !publisher->watched)
		return;
	publisher->limit_us = cme_now_us() + CME_INGEST_GREETING_US;
	if (publisher->channel)
		end_publishing(publisher, err);
	else
		end_watching(publisher, err);
}

void cme_ingest_leave(struct cme_publisher *publisher)
{
	publisher->leaving = true;
	publisher->limit_us = cme_now_us() + CME_INGEST_LEAVING_US;
}

void cme_ingest_remove(struct cme_publisher *publisher)
{
	struct cme_ingest *ingest = publisher->ingest;

	cme_ingest_unpublish(publisher, NULL);
	cme_gate_leave(&ingest->gate, publisher->gate_address, true);
	if (publisher->previous)
		publisher->previous->next = publisher->next;
	else
		ingest->publishers = publisher->next;
	if (publisher->next)
		publisher->next->previous = publisher->previous;
	publisher->ops->close(publisher);
}

/* Sends an encoder away in words, which are the err's. */
static void send_away(struct cme_publisher *publisher, const struct cme_err *err)
{
	cme_ingest_unpublish(publisher, err);
	publisher->limit_us = cme_now_us() + CME_INGEST_WORDS_US;
	publisher->ops->refuse(publisher, err);
}

void cme_ingest_refuse(struct cme_publisher *publisher, const struct cme_key *key, const struct cme_err *err)
{
	struct cme_ingest *ingest = publisher->ingest;

	ingest->refused++;
	report(ingest, CME_INGEST_REFUSED, publisher, key, err);
	send_away(publisher, err);
}

/* ---- the way in */

bool cme_ingest_admit_tls(struct cme_ingest *ingest, struct cme_gate_address address)
{
	bool admitted = cme_pace_enter(&ingest->pace, address, cme_now_us());

	ingest->turned_away += !admitted;
	return admitted;
}

bool cme_ingest_enter(struct cme_ingest *ingest, struct cme_publisher *publisher)
{
	if (!cme_gate_enter(&ingest->gate, publisher->gate_address)) {
		ingest->turned_away++;
		return false;
	}
	publisher->ingest = ingest;
	publisher->limit_us = cme_now_us() + CME_INGEST_GREETING_US;
	publisher->previous = NULL;
	publisher->next = ingest->publishers;
	if (publisher->next)
		publisher->next->previous = publisher;
	ingest->publishers = publisher;
	return true;
}

/* Another encoder has the key, and is not silent. */
static bool is_busy(const struct cme_ingest *ingest, const struct cme_channel *channel)
{
	const struct cme_publisher *other = channel->publisher;

	return other && cme_now_us() - other->media_us < ingest->options.takeover_us;
}

int cme_ingest_judge(const struct cme_publisher *publisher, const uint8_t *hash, struct cme_key **key,
		     struct cme_err *err)
{
	const struct cme_ingest *ingest = publisher->ingest;
	enum cme_key_verdict verdict = CME_KEY_MALFORMED;

	*key = NULL;
	if (hash)
		verdict = cme_keys_find(&ingest->keys, publisher->ops->keys, hash, cme_wall_now(), key);
	if (verdict != CME_KEY_GOOD)
		return set_verdict(verdict, err);
	if (is_busy(ingest, cme_channel_of(*key)))
		return cme_err_set(err, "publish.busy", "another encoder is publishing");
	return 0;
}

static void admit(struct cme_publisher *publisher, struct cme_channel *channel)
{
	struct cme_ingest *ingest = publisher->ingest;
	struct cme_err err;

	if (channel->publisher) {
		cme_err_set(&err, "publish.taken_over", "another encoder took over");
		send_away(channel->publisher, &err);
	}
	cme_gate_admit(&ingest->gate);
	if (channel->key.own)
		cme_gate_own(&ingest->gate, &publisher->gate_address);
	publisher->channel = channel;
	publisher->received = 0;
	publisher->media_us = cme_now_us();
	publisher->limit_us = publisher->media_us + CME_INGEST_SILENCE_US;
	channel->publisher = publisher;
	cme_channel_start(channel, cme_wall_now());
	publisher->ops->admit(publisher);
	report(ingest, CME_INGEST_ADMITTED, publisher, &channel->key, NULL);
}

void cme_ingest_publish(struct cme_publisher *publisher, const uint8_t *hash)
{
	struct cme_key *key;
	struct cme_err err;

	publisher->viewer = publisher->reader = false;
	if (cme_ingest_judge(publisher, hash, &key, &err) != 0)
		cme_ingest_refuse(publisher, key, &err);
	else
		admit(publisher, cme_channel_of(key));
}

/* ---- viewers */

/* What it may watch; NULL with err, whose message is what the viewer is told. */
static struct cme_channel *judge_viewer(struct cme_publisher *publisher, const struct cme_play *play,
					struct cme_err *err)
{
	struct cme_ingest *ingest = publisher->ingest;
	enum cme_play_verdict verdict = CME_PLAY_WRONG;
	struct cme_key *key;

	if (play)
		verdict = cme_play_check(play, ingest->secret, cme_wall_now());
	key = verdict == CME_PLAY_GOOD ? cme_keys_by_play(&ingest->keys, play->name) : NULL;
	if (verdict == CME_PLAY_EXPIRED)
		cme_err_set(err, "play.expired", "this play address has expired");
	else if (verdict == CME_PLAY_WRONG)
		cme_err_set(err, "play.token", "this is no play address of this service");
	else if (!key || key->ended)
		cme_err_set(err, "play.absent", "there is nothing to play");
	else if (!cme_gate_admit_viewer(&ingest->gate, publisher->gate_address))
		cme_err_set(err, "play.full", "too many are watching");
	else
		return cme_channel_of(key);
	return NULL;
}

static void begin_watching(struct cme_publisher *publisher, struct cme_channel *channel)
{
	publisher->watched = channel;
	publisher->sent = 0;
	publisher->limit_us = cme_now_us() + CME_INGEST_VIEWER_US;
	report(publisher->ingest, CME_INGEST_ADMITTED, publisher, &channel->key, NULL);
	publisher->ops->admit(publisher);
}

void cme_ingest_watch(struct cme_publisher *publisher, const struct cme_play *play)
{
	struct cme_channel *channel;
	struct cme_err err;

	publisher->viewer = true;
	publisher->reader = false;
	channel = judge_viewer(publisher, play, &err);
	if (channel)
		begin_watching(publisher, channel);
	else
		cme_ingest_refuse(publisher, NULL, &err);
}

/* ---- engines of other nodes */

/* A stream goes on that was admitted before its key expired. */
bool cme_ingest_read(struct cme_publisher *publisher, const uint8_t hash[CME_KEY_HASH])
{
	struct cme_ingest *ingest = publisher->ingest;
	struct cme_key *key;
	struct cme_err err;

	cme_keys_find(&ingest->keys, CME_KEY_READ, hash, cme_wall_now(), &key);
	if (!key || key->ended)
		return false;
	publisher->viewer = publisher->reader = true;
	if (cme_channel_readers(cme_channel_of(key), CME_READER_REMOTE) >= CME_CHANNEL_READERS_MAX) {
		cme_err_set(&err, "play.full", "too many are watching");
		cme_ingest_refuse(publisher, key, &err);
		return true;
	}
	cme_gate_admit(&ingest->gate);
	cme_gate_own(&ingest->gate, &publisher->gate_address);
	begin_watching(publisher, cme_channel_of(key));
	return true;
}

/* ---- media */

void cme_ingest_push(struct cme_publisher *publisher, const struct cme_flv_tag *tag)
{
	struct cme_frame *frame = cme_frame_new(tag);
	int64_t now_us = cme_now_us();

	if (tag->type != CME_FLV_SCRIPT) {
		publisher->media_us = now_us;
		publisher->limit_us =
			now_us + (publisher->leaving ? CME_INGEST_LEAVING_US : CME_INGEST_SILENCE_US);
	}
	if (frame)
		cme_channel_push(publisher->channel, frame, now_us);
}

/* ---- time */

static void send_away_silent(struct cme_publisher *publisher)
{
	struct cme_err err;

	if (publisher->channel)
		cme_err_set(&err, "network.timeout", "no media within %d s",
			    (int)(CME_INGEST_SILENCE_US / CME_SECOND_US));
	else
		cme_err_set(&err, "network.timeout", "nothing went to the viewer within %d s",
			    (int)(CME_INGEST_VIEWER_US / CME_SECOND_US));
	send_away(publisher, &err);
}

static struct cme_publisher *find_due(const struct cme_ingest *ingest, int64_t now_us)
{
	struct cme_publisher *publisher = ingest->publishers;

	while (publisher && now_us < publisher->limit_us)
		publisher = publisher->next;
	return publisher;
}

/* Each is looked for anew: the end of one may end others, as that of an encoder does its viewers. */
void cme_ingest_sweep(struct cme_ingest *ingest, int64_t now_us)
{
	struct cme_publisher *publisher;

	while ((publisher = find_due(ingest, now_us))) {
		if (!publisher->leaving && (publisher->channel || publisher->watched))
			send_away_silent(publisher);
		else
			cme_ingest_remove(publisher);
	}
}

/* ---- keys */

static void end_broadcast(struct cme_channel *channel)
{
	struct cme_err err;

	if (!channel->publisher)
		return;
	set_verdict(CME_KEY_ENDED, &err);
	send_away(channel->publisher, &err);
}

/* The channel of a key: its own, or a new one. NULL with err. */
static struct cme_channel *open_channel(struct cme_ingest *ingest, const struct cme_key *given,
					struct cme_err *err)
{
	struct cme_key *key = cme_keys_by_id(&ingest->keys, given->id);

	return key ? cme_channel_of(key) : cme_channel_new(ingest->poll, ingest->options.folder, given, err);
}

/* Closes the channels of those keys that are not among the others. */
static void close_all_but(const struct cme_keys *keys, const struct cme_keys *others)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct cme_channel *channel = cme_channel_of(keys->list[i]);

		if (cme_keys_by_id(others, channel->key.id))
			continue;
		end_broadcast(channel);
		cme_channel_free(channel);
	}
}

/* All keys that are wanted, with their channels. 0, or -1 with err, and those made are gone again. */
static int open_all(struct cme_ingest *ingest, const struct cme_ingest_spec *spec, struct cme_keys *next,
		    struct cme_err *err)
{
	if (cme_keys_init(next, spec->count) != 0)
		return cme_err_set(err, "internal", "out of memory");
	for (size_t i = 0; i < spec->count; i++) {
		struct cme_channel *channel = open_channel(ingest, &spec->keys[i], err);

		if (channel) {
			cme_keys_add(next, &channel->key);
			continue;
		}
		close_all_but(next, &ingest->keys);
		return -1;
	}
	return 0;
}

static bool same_hashes(const struct cme_key_hashes *a, const struct cme_key_hashes *b)
{
	return a->count == b->count && memcmp(a->list, b->list, a->count * sizeof a->list[0]) == 0;
}

/* What a key is now; who publishes, watches or reads with what it was no longer does. */
static void change(struct cme_key *key, const struct cme_key *given, bool new_secret)
{
	struct cme_channel *channel = cme_channel_of(key);
	bool played = !given->ended && !new_secret && strcmp(key->play, given->play) == 0;
	bool read = !given->ended && same_hashes(&key->hashes[CME_KEY_READ], &given->hashes[CME_KEY_READ]);

	*key = *given;
	if (key->ended)
		end_broadcast(channel);
	if (!played)
		cme_channel_end_readers(channel, CME_READER_VIEWER);
	if (!read)
		cme_channel_end_readers(channel, CME_READER_REMOTE);
}

int cme_ingest_apply(struct cme_ingest *ingest, const struct cme_ingest_spec *spec, struct cme_err *err)
{
	bool new_secret = strcmp(ingest->secret, spec->secret) != 0;
	struct cme_keys next;

	if (open_all(ingest, spec, &next, err) != 0) {
		cme_keys_fini(&next);
		return -1;
	}
	close_all_but(&ingest->keys, &next);
	for (size_t i = 0; i < spec->count; i++)
		change(next.list[i], &spec->keys[i], new_secret);
	cme_keys_index(&next);
	cme_keys_fini(&ingest->keys);
	ingest->keys = next;
	ingest->revision = spec->revision;
	snprintf(ingest->app, sizeof ingest->app, "%s", spec->app);
	snprintf(ingest->secret, sizeof ingest->secret, "%s", spec->secret);
	return 0;
}

void cme_ingest_fini(struct cme_ingest *ingest)
{
	while (ingest->publishers)
		cme_ingest_remove(ingest->publishers);
	for (size_t i = 0; i < ingest->keys.count; i++)
		cme_channel_free(cme_channel_of(ingest->keys.list[i]));
	cme_keys_fini(&ingest->keys);
	OPENSSL_cleanse(ingest->secret, sizeof ingest->secret);
	cme_gate_fini(&ingest->gate);
}

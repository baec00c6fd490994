/* SPDX-License-Identifier: MIT */
#include "edge/srt/ingest_srt.h"

#include <errno.h>
#include <srt/access_control.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/srt/caller.h"

/* ---- refusals */

/* What SRT has for our refusals; whoever calls sees the number, and libsrt's words for it. */
static const struct {
	const char *code;
	int reject;
} rejects[] = {
	{ "publish.key_unknown", SRT_REJX_NOTFOUND }, { "publish.key_expired", SRT_REJX_FORBIDDEN },
	{ "publish.key_ended", SRT_REJX_FORBIDDEN },  { "publish.busy", SRT_REJX_CONFLICT },
	{ "publish.refused", SRT_REJX_BAD_MODE },
};

static int reject_of(const struct cme_err *err)
{
	for (size_t i = 0; i < sizeof rejects / sizeof rejects[0]; i++)
		if (strcmp(rejects[i].code, err->code) == 0)
			return rejects[i].reject;
	return SRT_REJX_FALLBACK;
}

/* ---- what is decided, from ingest.h */

static void admit(struct cme_publisher *publisher)
{
	cme_caller_begin(cme_caller_of(publisher));
}

/* There are no words for one that is connected; for one that asks there is a number. */
static void refuse(struct cme_publisher *publisher, const struct cme_err *err)
{
	struct cme_caller *caller = cme_caller_of(publisher);

	if (caller->asking)
		cme_door_answer(caller->owner->door, caller->socket, reject_of(err), "");
	cme_ingest_remove(publisher);
}

static void leave_list(struct cme_caller *caller)
{
	struct cme_caller **link = &caller->owner->callers;

	while (*link != caller)
		link = &(*link)->next;
	*link = caller->next;
}

static void hang_up(struct cme_publisher *publisher)
{
	struct cme_caller *caller = cme_caller_of(publisher);

	leave_list(caller);
	cme_door_hang_up(caller->owner->door, caller->socket);
	cme_caller_close(caller);
}

static const struct cme_publisher_ops ops = {
	.protocol = "srt", .keys = CME_KEY_SRT, .admit = admit, .refuse = refuse, .close = hang_up
};

/* ---- what its reader says */

static void media(struct cme_caller *caller, const struct cme_flv_tag *tag)
{
	cme_ingest_push(&caller->base, tag);
}

static void batch(struct cme_caller *caller)
{
	if (caller->base.channel)
		cme_channel_flush(caller->base.channel);
}

static void ended(struct cme_caller *caller, const struct cme_err *err)
{
	cme_ingest_unpublish(&caller->base, err);
	cme_ingest_remove(&caller->base);
}

static const struct cme_caller_calls calls = { .media = media, .batch = batch, .ended = ended };

/* ---- the door's news */

static bool hash_of(const char *stream_id, uint8_t hash[CME_KEY_HASH], struct cme_err *err)
{
	const char *key;
	size_t len;
	enum cme_stream_id_verdict verdict = cme_stream_id_key(stream_id, &key, &len);

	if (verdict == CME_STREAM_ID_PLAY)
		cme_err_set(err, "publish.refused",
			    "the stream id has no m=publish: copy the whole push address");
	return verdict == CME_STREAM_ID_GOOD && cme_key_hash(key, len, "", hash);
}

/* Enters who asks; it is refused, or answered with its passphrase. */
static void judge(struct cme_caller *caller, const char *stream_id)
{
	struct cme_err err = { 0 };
	struct cme_key *key = NULL;
	bool good = hash_of(stream_id, caller->hash, &err);

	if (err.code[0] || cme_ingest_judge(&caller->base, good ? caller->hash : NULL, &key, &err) != 0) {
		cme_ingest_refuse(&caller->base, key, &err);
		return;
	}
	caller->asking = false;
	cme_door_answer(caller->owner->door, caller->socket, 0, cme_key_passphrase(key, caller->hash));
}

static void asked(struct cme_ingest_srt *srt, const struct cme_door_news *news)
{
	const struct sockaddr *address = (const struct sockaddr *)&news->address;
	struct cme_caller *caller = cme_caller_new(srt->ingest->poll, news->socket, &calls);

	if (caller) {
		caller->owner = srt;
		caller->base.ops = &ops;
		caller->base.gate_address = cme_gate_address(address);
		cme_endpoint_show(caller->base.address, address);
	}
	if (!caller || !cme_ingest_enter(srt->ingest, &caller->base)) {
		cme_door_answer(srt->door, news->socket, SRT_REJX_OVERLOAD, "");
		if (caller)
			cme_caller_close(caller);
		return;
	}
	caller->next = srt->callers;
	srt->callers = caller;
	judge(caller, news->stream_id);
}

/* Its key may be another's by now: no process is started for that. */
static void arrived(struct cme_caller *caller)
{
	struct cme_key *key;
	struct cme_err err;

	if (cme_ingest_judge(&caller->base, caller->hash, &key, &err) != 0 ||
	    cme_caller_start(caller, &err) != 0)
		cme_ingest_refuse(&caller->base, key, &err);
	else
		cme_ingest_publish(&caller->base, caller->hash);
}

/* libsrt does not say which of them it was. A key that is gone meanwhile is reason enough. */
static void failed(struct cme_caller *caller)
{
	struct cme_key *key;
	struct cme_err err;

	(void)cme_ingest_judge(&caller->base, caller->hash, &key, &err);
	if (key && cme_key_passphrase(key, caller->hash)[0])
		cme_err_set(
			&err, "publish.passphrase",
			"the passphrase is missing or wrong, or SRT is not in live mode (transtype=live)");
	else if (key)
		cme_err_set(&err, "publish.passphrase",
			    "this key takes no passphrase, and SRT in live mode only (transtype=live)");
	cme_ingest_refuse(&caller->base, key, &err);
}

static void take(struct cme_ingest_srt *srt, const struct cme_door_news *news)
{
	struct cme_caller *caller = srt->callers;

	if (news->what == CME_DOOR_ASKED) {
		asked(srt, news);
		return;
	}
	while (caller && caller->socket != news->socket)
		caller = caller->next;
	if (!caller) /* sent away meanwhile */
		return;
	if (news->what == CME_DOOR_ARRIVED)
		arrived(caller);
	else if (news->what == CME_DOOR_FAILED)
		failed(caller);
	else
		cme_ingest_leave(&caller->base); /* so will its process */
}

static void ready(struct cme_watch *watch, uint32_t events)
{
	struct cme_ingest_srt *srt = (struct cme_ingest_srt *)watch;
	struct cme_door_news news;

	(void)events;
	while (cme_door_next(srt->door, &news))
		take(srt, &news);
}

/* ---- life */

int cme_ingest_srt_open(struct cme_ingest_srt *srt, struct cme_ingest *ingest, const char *const *addresses,
			size_t count, struct cme_err *err)
{
	*srt = (struct cme_ingest_srt){ .watch.ready = ready, .ingest = ingest };
	if (count == 0)
		return 0;
	srt->door = cme_door_open(addresses, count, err);
	if (!srt->door)
		return -1;
	if (cme_poll_watch(ingest->poll, cme_door_fd(srt->door), &srt->watch, EPOLLIN) != 0)
		return cme_err_set(err, "internal", "epoll: %s", strerror(errno));
	return 0;
}

bool cme_ingest_srt_reap(void)
{
	return cme_child_reap() > 0;
}

void cme_ingest_srt_close(struct cme_ingest_srt *srt)
{
	cme_door_close(srt->door);
	srt->door = NULL;
}

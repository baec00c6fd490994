/* SPDX-License-Identifier: MIT */
#include "edge/channel/channel.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/accept.h"
#include "edge/channel/socket_reader.h"

#define BACKLOG       16
#define GOP_ITEMS_MAX 2048 /* half of what a reader's queue holds */
#define GOP_BYTES_MAX (CME_READER_BYTES_MAX / 2)

/* ---- the socket */

static int bind_path(struct cme_channel *channel, struct cme_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t old;
	int rc;

	memcpy(addr.sun_path, channel->path, sizeof addr.sun_path);
	unlink(channel->path); /* of an edge that was killed */
	channel->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (channel->listen_fd < 0)
		return cme_err_set(err, "local.listen", "socket '%s': %s", channel->path, strerror(errno));
	old = umask(0177); /* the socket is 0600 from its first moment */
	rc = bind(channel->listen_fd, (const struct sockaddr *)&addr, sizeof addr);
	umask(old);
	if (rc == 0 && listen(channel->listen_fd, BACKLOG) == 0 &&
	    cme_poll_watch(channel->poll, channel->listen_fd, &channel->watch, EPOLLIN) == 0)
		return 0;
	return cme_err_set(err, "local.listen", "socket '%s': %s", channel->path, strerror(errno));
}

/* ---- readers */

static bool push_all(struct cme_reader *reader, struct cme_frame *const *frames, size_t count)
{
	size_t i = 0;

	while (i < count && cme_reader_push(reader, frames[i]))
		i++;
	return i == count;
}

static void fall_behind(struct cme_reader *reader)
{
	cme_reader_drop(reader);
	reader->behind = true;
	reader->falls++;
}

static void begin(struct cme_channel *channel, struct cme_reader *reader)
{
	if (reader->ops->kind == CME_READER_ENGINE)
		cme_reader_push(reader, channel->file_header);
}

/* What goes before anything else. Without a keyframe to begin with it waits for the next one. */
static void introduce(struct cme_channel *channel, struct cme_reader *reader)
{
	reader->behind = channel->pictures && !channel->gop.count;
	begin(channel, reader);
	push_all(reader, channel->headers, channel->headers_count);
	for (size_t i = 0; i < channel->gop.count; i++)
		if (!cme_reader_push(reader, channel->gop.packets[i]))
			return fall_behind(reader);
}

/* One that is behind goes on where decoding can begin, and may have missed a header. */
static void give(struct cme_channel *channel, struct cme_reader *reader, struct cme_frame *frame)
{
	bool start = frame->use == CME_FRAME_START || !channel->pictures;

	if (reader->ending)
		return;
	if (reader->behind && !start) {
		reader->dropped++;
		return;
	}
	if (reader->behind && !push_all(reader, channel->headers, channel->headers_count))
		return fall_behind(reader);
	reader->behind = false;
	if (!cme_reader_push(reader, frame))
		fall_behind(reader);
}

static void accept_reader(struct cme_watch *watch, uint32_t events)
{
	struct cme_channel *channel = (struct cme_channel *)watch;
	struct cme_reader *reader;
	bool full;
	int fd = cme_accept(channel->listen_fd, NULL, &full);

	(void)events;
	if (full)
		cme_poll_rest(channel->poll, channel->listen_fd, &channel->watch);
	if (fd < 0)
		return;
	if (cme_channel_readers(channel, CME_READER_ENGINE) >= CME_CHANNEL_READERS_MAX) {
		close(fd);
		return;
	}
	reader = cme_socket_reader_new(channel->poll, fd, &channel->readers);
	if (reader)
		cme_channel_join(channel, reader);
}

void cme_channel_join(struct cme_channel *channel, struct cme_reader *reader)
{
	if (!channel->live)
		return;
	introduce(channel, reader);
	reader->ops->flush(reader);
}

void cme_channel_end_readers(struct cme_channel *channel, enum cme_reader_kind kind)
{
	for (struct cme_reader *reader = channel->readers, *next; reader; reader = next) {
		next = reader->next;
		if (reader->ops->kind == kind && !reader->ending)
			reader->ops->close(reader);
	}
}

size_t cme_channel_readers(const struct cme_channel *channel, enum cme_reader_kind kind)
{
	size_t count = 0;

	for (const struct cme_reader *reader = channel->readers; reader; reader = reader->next)
		if (reader->ops->kind == kind)
			count++;
	return count;
}

/* ---- sending */

/* To engines, or to viewers. */
static void flush(struct cme_channel *channel, bool engines)
{
	for (struct cme_reader *reader = channel->readers, *next; reader; reader = next) {
		next = reader->next;
		if ((reader->ops->kind != CME_READER_VIEWER) == engines)
			reader->ops->flush(reader);
	}
}

static void release(struct cme_channel *channel)
{
	cme_poll_stop_delay(channel->poll, &channel->delay);
	cme_hold_release(&channel->hold);
	flush(channel, true);
}

static void end_delay(struct cme_delay *delay)
{
	release((struct cme_channel *)((char *)delay - offsetof(struct cme_channel, delay)));
}

void cme_channel_flush(struct cme_channel *channel)
{
	int64_t until_us = channel->key.own ? 0 : cme_hold_until(&channel->hold);

	flush(channel, false);
	if (!until_us)
		release(channel);
	else if (!channel->delay.at_us)
		cme_poll_delay(channel->poll, &channel->delay, until_us);
}

/* ---- life */

struct cme_channel *cme_channel_new(struct cme_poll *poll, const char *folder, const struct cme_key *key,
				    struct cme_err *err)
{
	struct cme_channel *channel = calloc(1, sizeof *channel);

	if (!channel) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	channel->watch.ready = accept_reader;
	channel->delay.over = end_delay;
	channel->poll = poll;
	channel->key = *key;
	channel->listen_fd = -1;
	cme_gop_init(&channel->gop, GOP_ITEMS_MAX, GOP_BYTES_MAX, cme_frame_unref);
	channel->file_header = cme_frame_file_header();
	if (!channel->file_header)
		cme_err_set(err, "internal", "out of memory");
	else if ((size_t)snprintf(channel->path, sizeof channel->path, "%s/%s.flv", folder, key->id) >=
		 sizeof channel->path)
		cme_err_set(err, "local.listen", "socket '%s/%s.flv': longer than %zu bytes", folder, key->id,
			    sizeof channel->path - 1);
	else if (bind_path(channel, err) == 0)
		return channel;
	cme_channel_free(channel);
	return NULL;
}

static void forget(struct cme_channel *channel)
{
	for (size_t i = 0; i < channel->headers_count; i++)
		cme_frame_unref(channel->headers[i]);
	channel->headers_count = 0;
	channel->pictures = false;
	cme_gop_clear(&channel->gop);
}

static void free_channel(struct cme_watch *watch)
{
	struct cme_channel *channel = (struct cme_channel *)watch;

	OPENSSL_cleanse(&channel->key, sizeof channel->key);
	free(channel);
}

void cme_channel_free(struct cme_channel *channel)
{
	while (channel->readers)
		channel->readers->ops->close(channel->readers);
	cme_poll_stop_delay(channel->poll, &channel->delay);
	forget(channel);
	cme_gop_fini(&channel->gop);
	cme_frame_unref(channel->file_header);
	if (channel->listen_fd >= 0) {
		close(channel->listen_fd);
		unlink(channel->path);
	}
	channel->watch.free = free_channel;
	cme_poll_bury(channel->poll, &channel->watch);
}

struct cme_channel *cme_channel_of(struct cme_key *key)
{
	return (struct cme_channel *)((char *)key - offsetof(struct cme_channel, key));
}

/* ---- the stream */

void cme_channel_start(struct cme_channel *channel, double now)
{
	channel->live = true;
	channel->since = now;
	channel->frames = channel->bytes = 0;
	channel->hold = (struct cme_hold){ 0 };
	for (struct cme_reader *reader = channel->readers; reader; reader = reader->next)
		if (!reader->ending)
			begin(channel, reader);
}

static bool same_body(const struct cme_frame *a, const struct cme_frame *b)
{
	return a->len == b->len && memcmp(a->bytes + CME_FLV_TAG_HEADER, b->bytes + CME_FLV_TAG_HEADER,
					  a->len - CME_FLV_TAG_HEADER) == 0;
}

static void keep_header(struct cme_channel *channel, struct cme_frame *frame)
{
	size_t i = 0;

	while (i < channel->headers_count && channel->headers[i]->slot != frame->slot)
		i++;
	if (i == CME_CHANNEL_HEADERS_MAX)
		return;
	if (i == channel->headers_count) {
		channel->headers_count++;
	} else {
		if (!same_body(channel->headers[i], frame))
			cme_gop_clear(&channel->gop); /* its pictures went with the other one */
		cme_frame_unref(channel->headers[i]);
	}
	channel->headers[i] = cme_frame_ref(frame);
}

/* For who comes later. */
static void keep(struct cme_channel *channel, struct cme_frame *frame)
{
	bool start = frame->use == CME_FRAME_START || !channel->pictures;

	if (frame->use == CME_FRAME_HEADER)
		keep_header(channel, frame);
	else
		cme_gop_push(&channel->gop, cme_frame_ref(frame), frame->len, start);
}

/* Headers come with what they are of. */
static void expect_more(struct cme_channel *channel, const struct cme_frame *frame, int64_t now_us)
{
	enum cme_hold_kind kind = frame->type == CME_FLV_VIDEO ? CME_HOLD_PICTURE : CME_HOLD_SOUND;

	if (frame->use != CME_FRAME_HEADER && frame->type != CME_FLV_SCRIPT)
		cme_hold_add(&channel->hold, kind, frame->timestamp, now_us);
}

void cme_channel_push(struct cme_channel *channel, struct cme_frame *frame, int64_t now_us)
{
	channel->pictures |= frame->type == CME_FLV_VIDEO;
	channel->frames++;
	channel->bytes += frame->len;
	for (struct cme_reader *reader = channel->readers; reader; reader = reader->next)
		give(channel, reader, frame);
	expect_more(channel, frame, now_us);
	keep(channel, frame);
	cme_frame_unref(frame);
}

void cme_channel_end(struct cme_channel *channel)
{
	channel->live = false;
	forget(channel);
	for (struct cme_reader *reader = channel->readers; reader; reader = reader->next)
		reader->ending = true;
	flush(channel, false);
	release(channel);
}

/* SPDX-License-Identifier: MIT */
#include "relay/merge/merge.h"

#include <stdlib.h>
#include <string.h>

#include "relay/merge/weave.h"

#define TRY_US      100000 /* between two tries to align */
#define TRY_LATE_US 500000 /* and when it has not come about for TRY_LONG_US */
#define TRY_LONG_US 3000000
#define SETTLE_US   4000000 /* and twice the window: before it is said that the two are not the same */
#define JUDGED      32      /* so many packets say that a path carries others now */

int cme_merge_init(struct cme_merge *merge, const struct cme_merge_sink *sink, int64_t window_us)
{
	int rc = 0;

	*merge = (struct cme_merge){ .sink = *sink, .window_us = window_us, .waits_until = INT64_MAX };
	for (int i = 0; i < CME_STREAMS; i++)
		rc |= cme_line_init(&merge->line[i]);
	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		merge->path[i].held = malloc(CME_MERGE_HELD_MAX * sizeof *merge->path[i].held);
		rc |= merge->path[i].held ? 0 : -1;
	}
	return rc;
}

/* ---- what is held of a path that is apart */

static struct cme_merge_packet *held_at(struct cme_merge_path *path, size_t i)
{
	return &path->held[(path->held_head + i) % CME_MERGE_HELD_MAX];
}

static struct cme_merge_packet take_held(struct cme_merge_path *path)
{
	struct cme_merge_packet packet = *held_at(path, 0);

	path->held_head = (path->held_head + 1) % CME_MERGE_HELD_MAX;
	path->held_count--;
	path->held_bytes -= packet.bytes;
	return packet;
}

static void drop_oldest(struct cme_merge *merge, struct cme_merge_path *path)
{
	merge->sink.drop(merge->sink.ctx, take_held(path).packet);
}

static void drop_held(struct cme_merge *merge, struct cme_merge_path *path)
{
	while (path->held_count)
		drop_oldest(merge, path);
}

/* Those of one stream, whose time is another from here on. */
static void drop_held_of(struct cme_merge *merge, struct cme_merge_path *path, int stream)
{
	for (size_t left = path->held_count; left; left--) {
		struct cme_merge_packet packet = take_held(path);

		if (packet.stream == stream) {
			merge->sink.drop(merge->sink.ctx, packet.packet);
			continue;
		}
		*held_at(path, path->held_count++) = packet;
		path->held_bytes += packet.bytes;
	}
}

static void hold(struct cme_merge *merge, struct cme_merge_path *path, const struct cme_merge_packet *packet)
{
	while (path->held_count &&
	       (path->held_count == CME_MERGE_HELD_MAX || path->held_bytes > CME_MERGE_HELD_BYTES ||
		packet->arrival - held_at(path, 0)->arrival >
			merge->window_us + merge->window_us / CME_MERGE_JITTER))
		drop_oldest(merge, path);
	*held_at(path, path->held_count++) = *packet;
	path->held_bytes += packet->bytes;
}

/* ---- places */

static void forget(struct cme_merge_path *path)
{
	for (int i = 0; i < CME_STREAMS; i++) {
		cme_prints_clear(&path->prints[i]);
		path->reached[i] = INT64_MIN;
	}
	path->verdicts = path->judged = 0;
}

static void send_all(struct cme_merge *merge)
{
	cme_weave_pump(merge, INT64_MAX);
}

void cme_merge_fini(struct cme_merge *merge)
{
	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		if (merge->path[i].held)
			drop_held(merge, &merge->path[i]);
		free(merge->path[i].held);
	}
	for (int i = 0; i < CME_STREAMS; i++) {
		struct cme_line *line = &merge->line[i];

		for (uint64_t n = line->unsent; line->entries && n < cme_line_end(line); n++)
			merge->sink.drop(merge->sink.ctx, cme_line_at(line, n)->packet);
		cme_line_fini(line);
	}
}

static int anchor_stream(const struct cme_merge_path *path)
{
	return path->prints[CME_VIDEO].count ? CME_VIDEO : CME_AUDIO;
}

static int others(int path)
{
	return !path;
}

bool cme_merge_joined(const struct cme_merge *merge, int path)
{
	return merge->path[path].place == CME_MERGE_JOINED;
}

/* The first print since the last keyframe; NULL: no keyframe came. */
static const struct cme_print *last_key(const struct cme_merge_path *path)
{
	const struct cme_prints *prints = &path->prints[anchor_stream(path)];

	for (size_t i = prints->count; i-- > 0;)
		if (cme_prints_at(prints, i)->key)
			return cme_prints_at(prints, i);
	return NULL;
}

static void note_as_sent(struct cme_line *line, const struct cme_print *print, int path)
{
	struct cme_line_entry entry = { .at = print->dts, .hash = print->hash, .seen = 1u << path };

	if (!cme_line_insert(line, cme_line_end(line), &entry))
		return;
	line->unsent++;
	line->last_sent = print->dts;
}

/* What the owner sent of a path when it made that lead: its packets since the last keyframe. The other brings
 * them, too. */
static void note_sent(struct cme_merge *merge, int path)
{
	const struct cme_prints *prints = merge->path[path].prints;
	const struct cme_print *key = last_key(&merge->path[path]);

	for (int i = 0; key && i < CME_STREAMS; i++)
		for (size_t n = 0; n < prints[i].count; n++)
			if (cme_prints_at(&prints[i], n)->arrival >= key->arrival)
				note_as_sent(&merge->line[i], cme_prints_at(&prints[i], n), path);
}

/* The other one's offset, if it is known, is from the leader's time from here on. */
static void begin(struct cme_merge *merge, int path)
{
	struct cme_merge_path *leader = &merge->path[path], *other = &merge->path[others(path)];

	send_all(merge);
	drop_held(merge, leader);
	if (other->place == CME_MERGE_JOINED)
		other->place = CME_MERGE_APART;
	other->known = other->known && leader->known;
	other->offset -= leader->offset;
	leader->place = CME_MERGE_JOINED;
	leader->known = true;
	leader->offset = leader->shift = 0;
	merge->found = CME_ALIGN_NONE;
	for (int i = 0; i < CME_STREAMS; i++)
		cme_line_clear(&merge->line[i]);
	note_sent(merge, path);
	for (int i = 0; i < CME_STREAMS; i++)
		leader->cursor[i] = cme_line_end(&merge->line[i]);
}

bool cme_merge_lead(struct cme_merge *merge, int path)
{
	merge->leader = path;
	if (cme_merge_joined(merge, path))
		return false;
	begin(merge, path);
	return true;
}

void cme_merge_close(struct cme_merge *merge, int path, int64_t now_us)
{
	struct cme_merge_path *closed = &merge->path[path];

	if (closed->place == CME_MERGE_CLOSED)
		return;
	closed->place = CME_MERGE_CLOSED;
	drop_held(merge, closed);
	forget(closed);
	closed->first_arrival = closed->last_arrival = 0;
	merge->found = CME_ALIGN_NONE;
	merge->parted = false;
	cme_weave_pump(merge, now_us);
}

/* ---- joining */

/* The path's clock against the programme's: what comes later by it was due as early. */
static void set_clock(struct cme_merge_path *path, const struct cme_merge_path *member)
{
	int stream = anchor_stream(path);

	for (size_t i = 0; i < path->held_count; i++) {
		const struct cme_merge_packet *held = held_at(path, i);

		if (held->stream == stream)
			path->lag[stream] = held->due - held->dts - path->offset;
	}
	path->shift = path->lag[stream] - (member->lag[stream] - member->shift);
}

static void join(struct cme_merge *merge, int number, int64_t offset_us, int64_t now_us)
{
	struct cme_merge_path *path = &merge->path[number], *member = &merge->path[others(number)];

	path->place = CME_MERGE_JOINED;
	path->known = true;
	path->offset = member->offset + offset_us;
	path->verdicts = path->judged = 0;
	set_clock(path, member);
	for (int i = 0; i < CME_STREAMS; i++)
		path->cursor[i] = merge->line[i].first;
	while (path->held_count) {
		struct cme_merge_packet packet = take_held(path);

		cme_weave_place(merge, &packet);
	}
	merge->parted = false;
	cme_weave_pump(merge, now_us);
}

static bool is_time_to_try(const struct cme_merge *merge, int64_t now_us)
{
	const struct cme_merge_path *a = &merge->path[0], *b = &merge->path[1];
	int64_t both_us = a->first_arrival > b->first_arrival ? a->first_arrival : b->first_arrival;
	int64_t rest_us = now_us - both_us > TRY_LONG_US ? TRY_LATE_US : TRY_US;

	return a->last_arrival && b->last_arrival &&
	       (a->place == CME_MERGE_JOINED) != (b->place == CME_MERGE_JOINED) &&
	       now_us - merge->tried_us >= rest_us;
}

static void try_to_align(struct cme_merge *merge, int64_t now_us)
{
	int number = merge->path[0].place == CME_MERGE_JOINED;
	struct cme_merge_path *path = &merge->path[number], *member = &merge->path[others(number)];
	struct cme_align_question question = { .member = member->prints,
					       .path = path->prints,
					       .now_us = now_us,
					       .window_us = merge->window_us,
					       .has_before = path->known,
					       .before_us = path->offset - member->offset };
	struct cme_alignment alignment;

	if (!is_time_to_try(merge, now_us))
		return;
	merge->tried_us = now_us;
	alignment = cme_align(&question);
	merge->found = alignment.found;
	if (alignment.found == CME_ALIGN_FAR)
		merge->distance_us = number == 1 ? alignment.distance_us : -alignment.distance_us;
	if (alignment.found == CME_ALIGN_SAME)
		join(merge, number, alignment.offset_us, now_us);
}

/* ---- parting */

static bool diverged(const struct cme_merge_path *path)
{
	return path->judged >= JUDGED && (unsigned)__builtin_popcountll(path->verdicts) * 2 > path->judged;
}

/* It carries other packets now. */
static void part(struct cme_merge *merge, int number)
{
	struct cme_merge_path *path = &merge->path[number];

	path->place = CME_MERGE_APART;
	path->verdicts = path->judged = 0;
}

/* One of the two went on with other packets, and nothing says which: the leader stays. */
static void check_divergence(struct cme_merge *merge)
{
	int leaves = others(merge->leader);

	if (!cme_merge_joined(merge, 0) || !cme_merge_joined(merge, 1) ||
	    (!diverged(&merge->path[0]) && !diverged(&merge->path[1])))
		return;
	part(merge, leaves);
	forget(&merge->path[leaves]);
	cme_weave_disown(merge, leaves);
	begin(merge, merge->leader);
	merge->parted = true;
}

static bool jumped(const struct cme_merge_path *path, const struct cme_merge_packet *packet)
{
	const struct cme_prints *prints = &path->prints[packet->stream];
	const struct cme_print *last;

	if (!prints->count)
		return false;
	last = cme_prints_at(prints, prints->count - 1);
	return cme_timeline_jumps(packet->dts - last->dts, packet->arrival - last->arrival);
}

/* Its time goes on elsewhere. A path that feeds the programme alone goes on doing so. */
static void follow_jump(struct cme_merge *merge, const struct cme_merge_packet *packet)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	bool joined = path->place == CME_MERGE_JOINED;

	cme_prints_clear(&path->prints[packet->stream]);
	path->reached[packet->stream] = INT64_MIN;
	drop_held_of(merge, path, packet->stream);
	if (joined && cme_merge_joined(merge, others(packet->path))) {
		part(merge, packet->path);
		cme_weave_pump(merge, packet->arrival);
	} else if (joined) {
		send_all(merge);
		cme_line_clear(&merge->line[packet->stream]);
		path->cursor[packet->stream] = cme_line_end(&merge->line[packet->stream]);
	}
}

/* ---- packets */

static void open_path(struct cme_merge_path *path, int64_t now_us)
{
	if (path->place == CME_MERGE_CLOSED)
		path->place = CME_MERGE_APART;
	if (!path->first_arrival)
		path->first_arrival = now_us;
	path->last_arrival = now_us;
}

void cme_merge_put(struct cme_merge *merge, const struct cme_merge_packet *packet)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	struct cme_print print = {
		.dts = packet->dts, .arrival = packet->arrival, .hash = packet->hash, .key = packet->key
	};

	open_path(path, packet->arrival);
	if (jumped(path, packet))
		follow_jump(merge, packet);
	cme_prints_add(&path->prints[packet->stream], &print);
	if (path->place != CME_MERGE_JOINED) {
		hold(merge, path, packet);
	} else {
		cme_weave_place(merge, packet);
		cme_weave_pump(merge, packet->arrival);
		check_divergence(merge);
	}
	try_to_align(merge, packet->arrival);
}

int64_t cme_merge_tick(struct cme_merge *merge, int64_t now_us)
{
	if (merge->waits_until <= now_us)
		cme_weave_pump(merge, now_us);
	return merge->waits_until;
}

/* ---- what is told */

/* There was time enough for an answer. */
static bool settled(const struct cme_merge *merge, int64_t now_us)
{
	for (int i = 0; i < CME_MERGE_PATHS; i++)
		if (now_us - merge->path[i].first_arrival < 2 * merge->window_us + SETTLE_US)
			return false;
	return true;
}

static bool has_two_keys(const struct cme_merge_path *path)
{
	const struct cme_prints *prints = &path->prints[anchor_stream(path)];
	size_t keys = 0;

	for (size_t i = 0; i < prints->count; i++)
		keys += cme_prints_at(prints, i)->key;
	return keys >= 2;
}

enum cme_merge_state cme_merge_state(const struct cme_merge *merge, int64_t now_us)
{
	if (!merge->path[0].last_arrival || !merge->path[1].last_arrival)
		return CME_MERGE_ALONE;
	if (cme_merge_joined(merge, 0) && cme_merge_joined(merge, 1))
		return CME_MERGE_ALIGNED;
	if (!settled(merge, now_us))
		return merge->parted ? CME_MERGE_DIFFERENT : CME_MERGE_ALIGNING;
	if (merge->found == CME_ALIGN_FAR)
		return CME_MERGE_FAR;
	if (merge->found == CME_ALIGN_REPEATS)
		return CME_MERGE_REPEATS;
	return has_two_keys(&merge->path[0]) && has_two_keys(&merge->path[1]) ? CME_MERGE_DIFFERENT
									      : CME_MERGE_ALIGNING;
}

int64_t cme_merge_distance_us(const struct cme_merge *merge)
{
	if (cme_merge_joined(merge, 0) && cme_merge_joined(merge, 1))
		return merge->path[1].shift - merge->path[0].shift;
	return merge->found == CME_ALIGN_FAR ? merge->distance_us : 0;
}

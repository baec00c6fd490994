/* SPDX-License-Identifier: MIT */
#include "relay/merge/weave.h"

#define NEAR_LEAST_US 1500  /* RTMP counts milliseconds */
#define NEAR_MOST_US  10000 /* servers keep the distances of an encoder's packets better than that */

/* How far the times of one packet may lie apart: less than half of what lies between two. */
static int64_t tolerance(int64_t step_us)
{
	int64_t part = step_us * 9 / 20;

	if (part < NEAR_LEAST_US)
		return NEAR_LEAST_US;
	return part < NEAR_MOST_US ? part : NEAR_MOST_US;
}

static int64_t near_us(const struct cme_merge *merge, int path, int stream)
{
	return tolerance(merge->path[path].prints[stream].step);
}

/* ---- into the line */

/* What of the line lies at a packet's time: the entry that is this packet, and one with another payload; the
 * line's end: there is none. Those before the cursor are others, for a path keeps its order. */
struct found {
	uint64_t same;
	uint64_t rival;
};

static struct found look_for(const struct cme_merge *merge, const struct cme_merge_packet *packet, int64_t at)
{
	const struct cme_line *line = &merge->line[packet->stream];
	uint64_t i = merge->path[packet->path].cursor[packet->stream], end = cme_line_end(line);
	int64_t near = near_us(merge, packet->path, packet->stream);
	struct found found = { end, end };

	for (; i < end && cme_line_at(line, i)->at <= at + near; i++) {
		const struct cme_line_entry *entry = cme_line_at(line, i);

		if (entry->at < at - near)
			continue;
		if (entry->hash == packet->hash) {
			found.same = i;
			break;
		}
		found.rival = i;
	}
	return found;
}

/* Where a packet that nobody brought belongs. */
static uint64_t find_place(const struct cme_merge *merge, const struct cme_merge_packet *packet, int64_t at)
{
	const struct cme_line *line = &merge->line[packet->stream];
	uint64_t i = merge->path[packet->path].cursor[packet->stream], end = cme_line_end(line);

	while (i < end && cme_line_at(line, i)->at <= at)
		i++;
	return i;
}

static void note(struct cme_merge_path *path, bool bad)
{
	path->verdicts = path->verdicts << 1 | bad;
	path->judged += path->judged < 64;
}

static void leave_out(struct cme_merge *merge, const struct cme_merge_packet *packet)
{
	merge->sink.drop(merge->sink.ctx, packet->packet);
}

static struct cme_line_entry entry_of(const struct cme_merge_path *path,
				      const struct cme_merge_packet *packet, int64_t at)
{
	return (struct cme_line_entry){ .at = at,
					.pts = packet->pts + path->offset,
					.due = packet->due - path->shift,
					.since = packet->arrival,
					.hash = packet->hash,
					.seen = 1u << packet->path,
					.path = packet->path,
					.bytes = packet->bytes,
					.key = packet->key,
					.damaged = packet->damaged,
					.packet = packet->packet };
}

/* Another path's cursor that stands behind the new entry moves with what it stands at. */
static void insert(struct cme_merge *merge, const struct cme_merge_packet *packet, uint64_t number,
		   int64_t at)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	struct cme_line *line = &merge->line[packet->stream];
	struct cme_line_entry entry = entry_of(path, packet, at);

	if (!cme_line_insert(line, number, &entry)) {
		leave_out(merge, packet);
		return;
	}
	for (int i = 0; i < CME_MERGE_PATHS; i++)
		if (merge->path[i].cursor[packet->stream] > number)
			merge->path[i].cursor[packet->stream]++;
	path->cursor[packet->stream] = number + 1;
}

/* Nobody brought it yet. */
static void place_new(struct cme_merge *merge, const struct cme_merge_packet *packet, int64_t at, bool rival)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	struct cme_line *line = &merge->line[packet->stream];
	bool behind = path->cursor[packet->stream] < cme_line_end(line);
	uint64_t number = find_place(merge, packet, at);
	bool late = number < line->unsent;

	if (behind && !late && !rival)
		note(path, false);
	if (late && line->count && at < cme_line_at(line, line->first)->at) {
		leave_out(merge, packet); /* from before what anybody remembers */
	} else if (late || rival) {
		note(path, true);
		path->count.late++;
		path->cursor[packet->stream] = number;
		leave_out(merge, packet);
	} else {
		insert(merge, packet, number, at);
	}
}

/* Of the packet and the entry at its time one is damaged: which tells nothing of what the paths carry. The
 * whole one goes out, if the other has not gone. */
static void choose_whole(struct cme_merge *merge, const struct cme_merge_packet *packet, uint64_t rival,
			 int64_t at)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	struct cme_line *line = &merge->line[packet->stream];
	struct cme_line_entry *entry = cme_line_at(line, rival);
	unsigned seen = entry->seen | 1u << packet->path;

	path->cursor[packet->stream] = rival + 1;
	if (packet->damaged || !entry->packet) {
		path->count.late += !packet->damaged;
		leave_out(merge, packet);
	} else {
		merge->sink.drop(merge->sink.ctx, entry->packet);
		line->waiting += packet->bytes - entry->bytes;
		*entry = entry_of(path, packet, at);
	}
	entry->seen = seen;
}

void cme_weave_place(struct cme_merge *merge, const struct cme_merge_packet *packet)
{
	struct cme_merge_path *path = &merge->path[packet->path];
	struct cme_line *line = &merge->line[packet->stream];
	int64_t at = packet->dts + path->offset;
	struct found found;

	if (path->cursor[packet->stream] < line->first)
		path->cursor[packet->stream] = line->first;
	path->reached[packet->stream] = at;
	path->lag[packet->stream] = packet->due - at;
	found = look_for(merge, packet, at);
	if (found.same != cme_line_end(line)) {
		cme_line_at(line, found.same)->seen |= 1u << packet->path;
		path->cursor[packet->stream] = found.same + 1;
		path->count.doubled++;
		note(path, false);
		leave_out(merge, packet);
	} else if (found.rival != cme_line_end(line) &&
		   (packet->damaged || cme_line_at(line, found.rival)->damaged)) {
		choose_whole(merge, packet, found.rival, at);
	} else {
		place_new(merge, packet, at, found.rival != cme_line_end(line));
	}
}

/* ---- out of it */

/* The next to be sent of a stream; NULL: all was. */
static struct cme_line_entry *head_of(struct cme_merge *merge, int stream)
{
	struct cme_line *line = &merge->line[stream];

	return line->unsent < cme_line_end(line) ? cme_line_at(line, line->unsent) : NULL;
}

/* Nothing is missing between it and the one before, nor in it. */
static bool follows(const struct cme_merge *merge, int stream, const struct cme_line_entry *entry)
{
	int64_t step = merge->path[entry->path].prints[stream].step;
	int64_t last = merge->line[stream].last_sent;

	return !entry->damaged && (last == INT64_MIN || step == 0 || entry->at - last <= step * 7 / 4);
}

/* When the path that brought something else last is waited for no more; INT64_MIN: it is not at all. */
static int64_t waits_for(const struct cme_merge *merge, int path, int stream,
			 const struct cme_line_entry *entry)
{
	const struct cme_merge_path *other = &merge->path[path];
	int64_t longest_us = merge->window_us + merge->window_us / CME_MERGE_JITTER;
	int64_t silent_us = other->last_arrival + longest_us;
	int64_t until = entry->since + longest_us;

	if (other->place != CME_MERGE_JOINED || entry->seen >> path & 1 || !other->prints[stream].count ||
	    other->reached[stream] >= entry->at - near_us(merge, path, stream))
		return INT64_MIN;
	return until < silent_us ? until : silent_us;
}

/* What one path brings beside gaps that the other does not fill. */
static bool too_much_waits(const struct cme_merge *merge)
{
	return merge->line[CME_VIDEO].waiting + merge->line[CME_AUDIO].waiting > CME_MERGE_HELD_BYTES;
}

static bool may_go(struct cme_merge *merge, int stream, const struct cme_line_entry *entry, int64_t now_us)
{
	int64_t until = INT64_MIN;

	if (follows(merge, stream, entry) || too_much_waits(merge))
		return true;
	for (int i = 0; i < CME_MERGE_PATHS; i++) {
		int64_t path_until = waits_for(merge, i, stream, entry);

		until = path_until > until ? path_until : until;
	}
	if (until <= now_us)
		return true;
	merge->waits_until = until;
	return false;
}

static void send(struct cme_merge *merge, int stream, struct cme_line_entry *entry)
{
	struct cme_merge_path *path = &merge->path[entry->path];
	struct cme_merge_packet packet = { .path = entry->path,
					   .stream = stream,
					   .dts = entry->at,
					   .pts = entry->pts,
					   .due = entry->due,
					   .arrival = entry->since - path->shift,
					   .hash = entry->hash,
					   .key = entry->key,
					   .damaged = entry->damaged,
					   .waited = entry->waited,
					   .bytes = entry->bytes,
					   .packet = entry->packet };

	entry->packet = NULL;
	merge->line[stream].waiting -= entry->bytes;
	merge->line[stream].unsent++;
	merge->line[stream].last_sent = entry->at;
	path->count.taken++;
	merge->sink.send(merge->sink.ctx, &packet);
}

/* The stream whose next packet is the earliest; -1: none has any. */
static int earliest(struct cme_merge *merge)
{
	const struct cme_line_entry *video = head_of(merge, CME_VIDEO), *audio = head_of(merge, CME_AUDIO);

	if (!video)
		return audio ? CME_AUDIO : -1;
	return audio && audio->at < video->at ? CME_AUDIO : CME_VIDEO;
}

void cme_weave_pump(struct cme_merge *merge, int64_t now_us)
{
	int stream;

	merge->waits_until = INT64_MAX;
	while ((stream = earliest(merge)) >= 0) {
		struct cme_line_entry *head = head_of(merge, stream);

		if (!may_go(merge, stream, head, now_us)) {
			head->waited = true;
			return;
		}
		send(merge, stream, head);
	}
}

static void remove_entry(struct cme_merge *merge, int stream, uint64_t number)
{
	struct cme_line *line = &merge->line[stream];

	merge->sink.drop(merge->sink.ctx, cme_line_at(line, number)->packet);
	cme_line_remove(line, number);
	for (int i = 0; i < CME_MERGE_PATHS; i++)
		if (merge->path[i].cursor[stream] > number)
			merge->path[i].cursor[stream]--;
}

void cme_weave_disown(struct cme_merge *merge, int path)
{
	for (int stream = 0; stream < CME_STREAMS; stream++)
		for (uint64_t i = cme_line_end(&merge->line[stream]); i-- > merge->line[stream].unsent;)
			if (cme_line_at(&merge->line[stream], i)->seen == 1u << path)
				remove_entry(merge, stream, i);
}

/* SPDX-License-Identifier: MIT */
#include "relay/merge/align.h"

#define KEYS      8        /* the last ones of the path that are looked for */
#define OFFSETS   48       /* that are tried */
#define ENOUGH    12       /* packets that bear an offset out */
#define SHARE     3        /* so many bear it out for each that does not */
#define TELLING   3        /* payloads that came once, at least */
#define LOOKS     24       /* at most so many are looked at for that */
#define YOUNG_US  10000000 /* a connection whose time began later was given it by its server */
#define RTMP_WRAP ((int64_t)4294967296 * 1000)
#define TS_WRAP   ((int64_t)8589934592 * 100 / 9)

struct offset {
	int64_t offset_us;
	int64_t distance_us; /* as the keyframe told that */
};

struct offsets {
	struct offset list[OFFSETS];
	size_t count;
};

struct evidence {
	size_t matched; /* over both streams */
	size_t telling;
	int64_t off_us; /* what the pairs lie beside the offset, summed up */
	bool refuted;
};

static bool near(int64_t a, int64_t b)
{
	return a - b <= CME_ALIGN_JITTER_US && b - a <= CME_ALIGN_JITTER_US;
}

bool cme_align_same_time(int64_t a_us, int64_t b_us)
{
	static const int64_t wraps[] = { 0,       RTMP_WRAP, -RTMP_WRAP, RTMP_WRAP / 2, -RTMP_WRAP / 2,
					 TS_WRAP, -TS_WRAP };

	for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++)
		if (near(a_us, b_us + wraps[i]))
			return true;
	return false;
}

/* A path whose picture has not begun cannot stand in for one that has it. */
static int anchor_stream(const struct cme_align_question *question)
{
	return question->member[CME_VIDEO].count ? CME_VIDEO : CME_AUDIO;
}

/* ---- which offsets there could be */

static size_t occurrences(const struct cme_prints *prints, uint64_t hash)
{
	size_t count = 0;

	for (size_t i = 0; i < prints->count; i++)
		count += cme_prints_at(prints, i)->hash == hash;
	return count;
}

static void add_offset(struct offsets *offsets, struct offset new)
{
	for (size_t i = 0; i < offsets->count; i++)
		if (near(offsets->list[i].offset_us, new.offset_us))
			return;
	if (offsets->count < OFFSETS)
		offsets->list[offsets->count++] = new;
}

static bool within(int64_t distance_us, int64_t window_us)
{
	return distance_us <= window_us && distance_us >= -window_us;
}

static void add_pairs_of(struct offsets *offsets, const struct cme_prints *member,
			 const struct cme_print *key, int64_t window_us)
{
	for (size_t i = member->count; i-- > 0;) {
		const struct cme_print *other = cme_prints_at(member, i);
		int64_t distance_us = key->arrival - other->arrival;

		if (other->hash == key->hash && within(distance_us, window_us))
			add_offset(offsets, (struct offset){ other->dts - key->dts, distance_us });
	}
}

/* Of sound without a picture, what came once stands for a keyframe. */
static bool is_anchor(const struct cme_prints *prints, const struct cme_print *print, int stream)
{
	return stream == CME_VIDEO ? print->key : occurrences(prints, print->hash) == 1;
}

static void find_offsets(const struct cme_align_question *question, int64_t window_us,
			 struct offsets *offsets)
{
	int stream = anchor_stream(question);
	const struct cme_prints *path = &question->path[stream];
	size_t keys = 0;

	for (size_t i = path->count; i-- > 0 && keys < KEYS;) {
		const struct cme_print *print = cme_prints_at(path, i);

		if (!is_anchor(path, print, stream))
			continue;
		keys++;
		add_pairs_of(offsets, &question->member[stream], print, window_us);
	}
}

/* ---- whether the packets around bear one out */

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Every packet that could be the path's has come: what lies within the window of it. */
static bool all_came(const struct cme_align_question *question, const struct cme_prints *member,
		     const struct cme_print *print)
{
	return print->arrival - cme_prints_at(member, 0)->arrival >= question->window_us &&
	       question->now_us - print->arrival >= question->window_us;
}

/* The member's packets at that time; *at is moved up to the first of them. */
static const struct cme_print *partner(const struct cme_prints *member, size_t *at, int64_t dts,
				       uint64_t hash)
{
	while (*at < member->count && cme_prints_at(member, *at)->dts < dts - CME_ALIGN_JITTER_US)
		++*at;
	for (size_t i = *at; i < member->count; i++) {
		const struct cme_print *print = cme_prints_at(member, i);

		if (print->dts > dts + CME_ALIGN_JITTER_US)
			break;
		if (print->hash == hash)
			return print;
	}
	return NULL;
}

static size_t count_between(const struct cme_prints *prints, int64_t from, int64_t to)
{
	size_t count = 0;

	for (size_t i = 0; i < prints->count; i++) {
		int64_t dts = cme_prints_at(prints, i)->dts;

		count += dts >= from && dts <= to;
	}
	return count;
}

/* The packets of both that lie within the time that both have. */
static size_t count_common(const struct cme_prints *member, const struct cme_prints *path, int64_t offset_us)
{
	int64_t from = max64(cme_prints_at(member, 0)->dts, cme_prints_at(path, 0)->dts + offset_us);
	int64_t to = min64(cme_prints_at(member, member->count - 1)->dts,
			   cme_prints_at(path, path->count - 1)->dts + offset_us);

	return count_between(member, from, to) + count_between(path, from - offset_us, to - offset_us);
}

static void weigh_stream(const struct cme_align_question *question, int stream, int64_t offset_us,
			 struct evidence *evidence)
{
	const struct cme_prints *member = &question->member[stream], *path = &question->path[stream];
	size_t at = 0, common, matched = 0, looks = 0;

	if (!member->count || !path->count)
		return;
	for (size_t i = 0; i < path->count; i++) {
		const struct cme_print *print = cme_prints_at(path, i), *other;

		other = partner(member, &at, print->dts + offset_us, print->hash);
		if (!other)
			continue;
		matched++;
		evidence->off_us += other->dts - print->dts - offset_us;
		if (looks < LOOKS && all_came(question, member, print) && ++looks)
			evidence->telling += occurrences(member, print->hash) == 1;
	}
	common = count_common(member, path, offset_us);
	evidence->matched += matched;
	/* of each pair two were counted; a few at the ends may lack their partners */
	if (common > 2 * matched + 4 && (common - 2 * matched) * SHARE > 2 * matched)
		evidence->refuted = true;
}

static struct evidence weigh(const struct cme_align_question *question, int64_t offset_us)
{
	struct evidence evidence = { 0 };

	for (int i = 0; i < CME_STREAMS; i++)
		weigh_stream(question, i, offset_us, &evidence);
	evidence.refuted = evidence.refuted || evidence.matched < ENOUGH;
	return evidence;
}

/* ---- which one it is */

/* The path had it before, or its server keeps the encoder's time as the member's does. */
static bool expected(const struct cme_align_question *question, int64_t offset_us)
{
	int stream = anchor_stream(question);
	bool old = question->path[stream].began > YOUNG_US && question->member[stream].began > YOUNG_US;

	return (old && cme_align_same_time(offset_us, 0)) ||
	       (question->has_before && cme_align_same_time(offset_us, question->before_us));
}

static struct cme_alignment judge(const struct cme_align_question *question, const struct offset *offset)
{
	struct evidence evidence = weigh(question, offset->offset_us);
	struct cme_alignment this = { .offset_us = offset->offset_us, .distance_us = offset->distance_us };

	if (evidence.refuted)
		return this;
	this.offset_us += evidence.off_us / (int64_t)evidence.matched;
	if (!within(offset->distance_us, question->window_us))
		this.found = CME_ALIGN_FAR;
	else if (expected(question, offset->offset_us) || evidence.telling >= TELLING)
		this.found = CME_ALIGN_SAME;
	else
		this.found = CME_ALIGN_REPEATS;
	return this;
}

static struct cme_alignment best_within(const struct cme_align_question *question, int64_t window_us)
{
	struct cme_alignment best = { .found = CME_ALIGN_NONE };
	struct offsets offsets = { .count = 0 };

	find_offsets(question, window_us, &offsets);
	for (size_t i = 0; i < offsets.count && best.found != CME_ALIGN_SAME; i++) {
		struct cme_alignment this = judge(question, &offsets.list[i]);

		if (this.found > best.found)
			best = this;
	}
	return best;
}

struct cme_alignment cme_align(const struct cme_align_question *question)
{
	struct cme_alignment best = best_within(question, question->window_us);

	return best.found == CME_ALIGN_NONE ? best_within(question, CME_PRINTS_US) : best;
}

/* SPDX-License-Identifier: MIT
 *
 * An encoder and two ways from it, in numbers, for the tests of src/relay/merge: what it sends, what a way
 * does to the times and delays of that, what is lost on it, and when its connection is cut.
 */
#ifndef CME_SPEC_RELAY_MERGE_ENCODER_H
#define CME_SPEC_RELAY_MERGE_ENCODER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "relay/merge/merge.h"

#define S_US        1000000LL
#define RTMP_WRAP   (4294967296LL * 1000)
#define PACKETS_MAX 8192

enum picture { MOVING, SKIPPING, STILL, PICTURES };
enum clock { KEPT, REBASED, OTHER, CLOCKS }; /* the encoder's time; from zero at each connection; any */

struct sent {
	int stream;
	int64_t dts; /* the encoder's, from zero */
	uint64_t hash;
	bool key;
	size_t number; /* of its stream */
	int brought;   /* by so many ways while both were joined */
	int whole;     /* the same, undamaged */
	bool spoilt;   /* what went out is damaged */
};

struct encoder {
	uint64_t random;
	struct sent *sent; /* by dts */
	size_t count;
	int64_t began; /* its time at zero */
	size_t gop;    /* pictures; 0: any */
};

struct way {
	int64_t delay;
	int64_t jitter;
	double loss;
	double damage; /* of what is not lost */
	enum clock clock;
	bool cached; /* a new connection begins with the keyframe before */
	/* the connection */
	bool up;
	int64_t up_at; /* when it is opened again */
	int64_t shift; /* its time - the encoder's */
	bool keyed;    /* pictures flow */
	size_t next;
	int64_t arrival; /* of the last */
};

static inline uint64_t roll(struct encoder *encoder)
{
	uint64_t x = encoder->random += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static inline int64_t pick(struct encoder *encoder, int64_t from, int64_t to)
{
	return from + (int64_t)(roll(encoder) % (uint64_t)(to - from + 1));
}

/* What a picture's payload is: a still slide repeats with every second GOP, as x264's do. */
static inline uint64_t picture_hash(struct encoder *encoder, enum picture picture, size_t number, size_t gop)
{
	if (picture == STILL)
		return 1000 + number % (2 * gop);
	if (picture == SKIPPING && number % gop != 0)
		return number % 3 ? 77 : 78;
	return roll(encoder);
}

static inline void put_sent(struct encoder *encoder, const struct sent *sent)
{
	if (encoder->count < PACKETS_MAX)
		encoder->sent[encoder->count++] = *sent;
}

/* `seconds` of picture and, if `silence` >= 0, sound; silence 1: digital. */
static inline void encode(struct encoder *encoder, enum picture picture, int silence, int64_t seconds)
{
	static const int64_t fps[] = { 24000, 25000, 29970, 30000, 50000, 59940 };
	static const int64_t rate[] = { 48000, 44100 };
	int64_t rate_v = fps[pick(encoder, 0, 5)], rate_a = rate[pick(encoder, 0, 1)];
	size_t gop = encoder->gop ? encoder->gop : (size_t)pick(encoder, 12, 75), v = 0, a = 0;
	size_t gops_offset = (size_t)pick(encoder, 0, 1);

	while (true) {
		int64_t at_v = (int64_t)v * S_US * 1000 / rate_v, at_a = (int64_t)a * 1024 * S_US / rate_a;
		bool video = silence < 0 || at_v <= at_a;
		struct sent sent = { .stream = video ? CME_VIDEO : CME_AUDIO,
				     .dts = video ? at_v : at_a,
				     .number = video ? v : a };

		if (sent.dts > seconds * S_US)
			return;
		sent.key = video && v % gop == 0;
		if (video)
			sent.hash = picture_hash(encoder, picture, v + gops_offset * gop, gop);
		else
			sent.hash = silence ? 5 : roll(encoder);
		put_sent(encoder, &sent);
		*(video ? &v : &a) += 1;
	}
}

/* The time that a packet has on the way: in whole milliseconds, as in RTMP. */
static inline int64_t time_on(const struct way *way, const struct encoder *encoder, const struct sent *sent)
{
	int64_t at = encoder->began + sent->dts + way->shift;

	return at >= 0 ? (at + 500) / 1000 * 1000 : at;
}

/* Opens a connection at this moment: what the server sends first. */
static inline void connect_way(struct way *way, struct encoder *encoder, int64_t now)
{
	size_t first = way->next;

	while (first < encoder->count && encoder->sent[first].dts + way->delay < now)
		first++;
	while (way->cached && first > 0 && !(encoder->sent[first].key && encoder->sent[first].dts < now))
		first--;
	way->next = first;
	way->up = true;
	way->keyed = false;
	way->arrival = now;
	if (first == encoder->count)
		return;
	way->shift = 0;
	if (way->clock == REBASED)
		way->shift = -(encoder->began + encoder->sent[first].dts);
	if (way->clock == OTHER)
		way->shift = pick(encoder, 0, 95000) * S_US - encoder->began;
	if (way->clock == KEPT && encoder->began + encoder->sent[first].dts >= RTMP_WRAP)
		way->shift = -RTMP_WRAP;
}

/* The next packet of the way, and when it comes; NULL: no more. */
static inline const struct sent *next_on(struct way *way, struct encoder *encoder, int64_t *arrival)
{
	while (way->next < encoder->count) {
		const struct sent *sent = &encoder->sent[way->next];

		if (sent->stream == CME_AUDIO || sent->key || way->keyed) {
			*arrival = sent->dts + way->delay;
			*arrival = *arrival > way->arrival ? *arrival : way->arrival;
			return sent;
		}
		way->next++;
	}
	return NULL;
}

#endif

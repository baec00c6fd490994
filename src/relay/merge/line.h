/* SPDX-License-Identifier: MIT
 *
 * One stream of the programme that several connections bring: its last packets in their order, sent ones as
 * prints, and those that are not sent yet with their packets. An entry has a number that grows by one; an
 * entry that is put between others moves the numbers of those after it. Pure; no lock. Microseconds.
 */
#ifndef CME_RELAY_MERGE_LINE_H
#define CME_RELAY_MERGE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CME_LINE_MAX 2048

struct cme_line_entry {
	int64_t at;    /* dts on the programme's time */
	int64_t pts;   /* the same of presentation */
	int64_t due;   /* monotonic, on the programme's clock: when it was due */
	int64_t since; /* monotonic, when it came */
	uint64_t hash;
	unsigned seen; /* paths that brought it, a bit each */
	int path;      /* the first of them */
	void *packet;  /* NULL: it was sent */
	size_t bytes;
	bool key; /* a keyframe */
	bool damaged;
	bool waited; /* it could not be sent at once */
};

struct cme_line {
	struct cme_line_entry *entries; /* CME_LINE_MAX of them */
	size_t count;
	uint64_t first;    /* number of entries[0] */
	uint64_t unsent;   /* number of the first that was not sent; end: all were */
	size_t waiting;    /* bytes of those that were not sent */
	int64_t last_sent; /* `at` of the last that was sent; INT64_MIN: none */
};

/* 0, or -1: no memory. */
int cme_line_init(struct cme_line *line);
void cme_line_fini(struct cme_line *line);

/* Forgets everything; there must be nothing unsent. Numbers go on. */
void cme_line_clear(struct cme_line *line);

/* The number after the last. */
uint64_t cme_line_end(const struct cme_line *line);

/* first <= number < end */
struct cme_line_entry *cme_line_at(const struct cme_line *line, uint64_t number);

/* Puts an entry in that place, unsent <= number <= end. The oldest that were sent make room. false: there is
 * none, which is only when CME_LINE_MAX are not sent. */
bool cme_line_insert(struct cme_line *line, uint64_t number, const struct cme_line_entry *entry);

/* Takes one out that was not sent. */
void cme_line_remove(struct cme_line *line, uint64_t number);

#endif

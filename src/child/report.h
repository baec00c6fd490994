/* SPDX-License-Identifier: MIT
 *
 * What a child process says of itself, a JSON object a line on its fd 1, and how its parent reads that:
 *
 *     {"KIND":..}
 *     {"error":{"code":..,"message":..,"phrases":[{"format":..,"values":[..]},..]},..}
 *
 * The phrases of an error are those of a struct cme_err, so that the parent says the same sentence in every
 * language. A child may have been taken over by what it reads: no line is trusted in its length or its
 * members, only so many are read at a time, and of formats only so many are kept.
 */
#ifndef CME_CHILD_REPORT_H
#define CME_CHILD_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define CME_REPORT_LINE_MAX 8192

/* That a parent takes at a time, before it looks after anything else: more than a pipe holds of cme-pull's,
 * which come before the media that they are about. */
#define CME_REPORT_LINES_MAX 4096

/* The child's side. Takes the reference over. Waits while the parent does not read, at most as long as the
 * watchdog lets it (enter.h). */
void cme_report(json_t *line);

/* {"error":...} of err; the caller adds what else there is to say. NULL: no memory. */
json_t *cme_report_error(const struct cme_err *err);

/* The parent's side. */
struct cme_report_reader {
	char text[CME_REPORT_LINE_MAX];
	size_t len;
	bool ended; /* the child has closed its end, or says what is no line */
};

void cme_report_reader_init(struct cme_report_reader *reader);

/* The next line that fd (non-blocking) has, the caller's reference. NULL: none now, or for good when
 * reader->ended. Lines that are no JSON object end the reading. */
json_t *cme_report_read(struct cme_report_reader *reader, int fd);

/* Gives `take` one line after the other while there are any, at most so many: a child that was taken over may
 * never come to an end. */
void cme_report_hear(struct cme_report_reader *reader, int fd, int most,
		     void (*take)(void *ctx, const json_t *line), void *ctx);

/* A line is in memory: it is there for cme_report_read, though nothing is left on fd. */
bool cme_report_waits(const struct cme_report_reader *reader);

/* Fills err with what a line's "error" says. false: it has none, or none of that form. */
bool cme_report_to_err(const json_t *line, struct cme_err *err);

#endif

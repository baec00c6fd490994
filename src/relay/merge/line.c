/* SPDX-License-Identifier: MIT */
#include "relay/merge/line.h"

#include <stdlib.h>
#include <string.h>

#define ROOM (CME_LINE_MAX / 4) /* that is made at a time */

int cme_line_init(struct cme_line *line)
{
	*line = (struct cme_line){ .last_sent = INT64_MIN };
	line->entries = malloc(CME_LINE_MAX * sizeof *line->entries);
	return line->entries ? 0 : -1;
}

void cme_line_fini(struct cme_line *line)
{
	free(line->entries);
	*line = (struct cme_line){ 0 };
}

void cme_line_clear(struct cme_line *line)
{
	line->first = line->unsent = cme_line_end(line);
	line->count = 0;
	line->last_sent = INT64_MIN;
}

uint64_t cme_line_end(const struct cme_line *line)
{
	return line->first + line->count;
}

struct cme_line_entry *cme_line_at(const struct cme_line *line, uint64_t number)
{
	return &line->entries[number - line->first];
}

/* Of those that were sent. */
static void make_room(struct cme_line *line)
{
	size_t sent = (size_t)(line->unsent - line->first);
	size_t away = sent < ROOM ? sent : ROOM;

	if (line->count < CME_LINE_MAX)
		return;
	line->count -= away;
	line->first += away;
	memmove(line->entries, line->entries + away, line->count * sizeof *line->entries);
}

bool cme_line_insert(struct cme_line *line, uint64_t number, const struct cme_line_entry *entry)
{
	size_t after;

	make_room(line);
	if (line->count == CME_LINE_MAX)
		return false;
	after = (size_t)(cme_line_end(line) - number);
	memmove(cme_line_at(line, number) + 1, cme_line_at(line, number), after * sizeof *entry);
	*cme_line_at(line, number) = *entry;
	line->waiting += entry->bytes;
	line->count++;
	return true;
}

void cme_line_remove(struct cme_line *line, uint64_t number)
{
	size_t after = (size_t)(cme_line_end(line) - number) - 1;

	line->waiting -= cme_line_at(line, number)->bytes;
	memmove(cme_line_at(line, number), cme_line_at(line, number) + 1, after * sizeof *line->entries);
	line->count--;
}

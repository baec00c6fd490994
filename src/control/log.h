/* SPDX-License-Identifier: MIT
 *
 * A program's log: JSON lines on stderr, `{"time", "level", "message" | "event", ...}`. Callers pass
 * text that is already redacted; this file adds the time, writes each line with one write(2) and
 * throttles each output, input and key by itself (throttle.h): lines beyond that are counted, and the next
 * one of the same that passes says how many were left out. Any thread may call; a pipe that nobody reads
 * loses lines, it never holds the caller.
 */
#ifndef CME_CONTROL_LOG_H
#define CME_CONTROL_LOG_H

#include <jansson.h>

enum cme_log_level { CME_LOG_INFO, CME_LOG_WARN, CME_LOG_ERROR };

void cme_log(enum cme_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Logs an event object as it is, with "level" (and "time" if it has none) added. Keeps no reference. */
void cme_log_event(enum cme_log_level level, json_t *event);

#endif

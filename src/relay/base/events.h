/* SPDX-License-Identifier: MIT
 *
 * Events on their way from the engine's threads to the main thread, which logs them and sends them to
 * the control connections (control/event_json.h). Bounded: past CME_EVENTS_MAX the oldest is lost, and an
 * event that says how many comes out in the place of those. Any thread pushes; only the main thread pops.
 * The lock inside is a leaf: nothing else is taken under it.
 */
#ifndef CME_RELAY_BASE_EVENTS_H
#define CME_RELAY_BASE_EVENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "relay/base/spec.h"
#include "relay/base/stat.h"

#define CME_EVENTS_MAX (4 * CME_SPEC_OUTPUTS_MAX) /* all outputs may change at once, twice over */

enum cme_event_kind {
	CME_EVENT_INPUT,         /* an input's state, or a fault that leaves it as it is */
	CME_EVENT_OUTPUT,        /* an output's state */
	CME_EVENT_SWITCHED,      /* another input is on the air */
	CME_EVENT_MERGE,         /* how main and backup lie to each other */
	CME_EVENT_UPLINK,        /* several outputs fall behind together, or do so no more */
	CME_EVENT_SWITCH_FAILED, /* one that was asked for did not come about */
	CME_EVENT_SLATE,         /* it is on the air, or no more */
	CME_EVENT_PROGRAMME,     /* what destinations get is of another kind */
	CME_EVENT_RECORDING,     /* a recording's file is begun; of `recorded` the id and the file */
	CME_EVENT_RECORDED,      /* a recording's file is finished */
	CME_EVENT_STOPPED,       /* the engine ends */
	CME_EVENT_LOST,          /* so many events before the next one */
};

struct cme_event {
	enum cme_event_kind kind;
	double time;        /* unix seconds; push sets it */
	struct cme_err err; /* of an input, an output, a merge or a failed switch; code empty: none */
	union {
		struct {
			int endpoint;
			enum cme_source_state state;
		} input;
		struct {
			char id[CME_SPEC_TEXT_MAX + 1];
			enum cme_output_state state;
		} output;
		struct {
			int from, to;
			const char *reason; /* "request", "failover", "failback", "merge" */
			int64_t gap_ms;     /* between the last packet of the old and the first of the new */
		} switched;
		struct {
			bool on;
			int64_t gap_ms; /* as of a switch */
		} slate;
		struct {
			char id[CME_SPEC_TEXT_MAX + 1];
			char file[CME_STAT_FILE_MAX];
			bool interrupted; /* by the end of its process: the rest is not known */
			int64_t bytes;
			double seconds;
			double started_at; /* unix seconds */
		} recorded;
		struct cme_programme_facts programme;
		struct {
			enum cme_merged state;
			int64_t distance_us; /* how much later the backup's packets come; of ALIGNED */
		} merge;
		struct {
			bool full;
			double kbps; /* that goes out */
		} uplink;
		int failed_to;
		const char *stop_reason;
		unsigned lost;
	};
};

struct cme_events {
	pthread_mutex_t lock;
	struct cme_event *ring[CME_EVENTS_MAX];
	size_t head;
	size_t count;
	unsigned lost; /* before the oldest; not told yet */
	int fd;        /* eventfd, readable when something waits for the main thread */
};

/* 0, or -1 with errno. */
int cme_events_init(struct cme_events *events);
void cme_events_fini(struct cme_events *events);

/* Copies the event, sets its time and wakes the main thread. Without memory the event counts as lost. */
void cme_events_push(struct cme_events *events, const struct cme_event *event);

/* The oldest event; false: there is none. */
bool cme_events_pop(struct cme_events *events, struct cme_event *event);

/* Makes the main thread's poll return. */
void cme_events_wake(struct cme_events *events);

/* The main thread has woken: makes fd unreadable until the next wake. */
void cme_events_rearm(struct cme_events *events);

#endif

/* SPDX-License-Identifier: MIT */
#include "http/pool.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "http/watch.h"

#define SPARE_MAX   64   /* handles kept for reuse */
#define IDLE_MIN    64   /* idle connections kept, or as many as were ever busy at once */
#define STREAMS_MAX 1000 /* requests on one HTTP/2 connection, if the server allows as many */
#define NUDGE_MS    500  /* between looks at a transfer whose wake-up libcurl may have lost */

struct list {
	struct cme_http_transfer *head, *tail;
	size_t count;
};

struct cme_http_pool {
	CURLM *multi;
	struct cme_http_watch watch;      /* of its sockets and its timer */
	struct list active;               /* in the multi handle, in order of submission */
	struct list done;                 /* out of it, in order of ending */
	struct list ended;                /* out of it: streams that are not read to their end yet */
	struct list spare;                /* reset, for reuse */
	struct cme_http_transfer *leader; /* active; others to its host are held until it is connected */
	size_t held;                      /* active transfers not given to libcurl yet */
	size_t idle_max;                  /* idle connections that libcurl may keep */
	int64_t last_id;
	int64_t next_due_ms;           /* no active transfer's due time is earlier; may itself be earlier */
	struct cme_http_shared shared; /* of all transfers */
	unsigned generation;           /* of the process that made the pool */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_result;
static unsigned generation; /* forks between the first pool's process and this one */

static bool has_bundle; /* libcurl's default CA file is there */

static void count_fork(void)
{
	generation++;
}

static void init_global(void)
{
	const curl_version_info_data *build = curl_version_info(CURLVERSION_NOW);

	has_bundle = build->cainfo && access(build->cainfo, R_OK) == 0;
	global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
	if (pthread_atfork(NULL, NULL, count_fork) != 0)
		global_result = CURLE_OUT_OF_MEMORY;
}

static void list_push(struct list *list, struct cme_http_transfer *transfer)
{
	transfer->next = NULL;
	transfer->prev = list->tail;
	if (list->tail)
		list->tail->next = transfer;
	else
		list->head = transfer;
	list->tail = transfer;
	list->count++;
}

static void list_remove(struct list *list, struct cme_http_transfer *transfer)
{
	if (transfer->prev)
		transfer->prev->next = transfer->next;
	else
		list->head = transfer->next;
	if (transfer->next)
		transfer->next->prev = transfer->prev;
	else
		list->tail = transfer->prev;
	list->count--;
}

static void list_free(struct list *list)
{
	while (list->head) {
		struct cme_http_transfer *transfer = list->head;

		list_remove(list, transfer);
		cme_http_transfer_free(transfer);
	}
}

/* By itself libcurl keeps four idle connections for each transfer it has at that moment. Transfers that end
 * together leave few, so it would close connections that the next requests need. */
static void keep_connections(struct cme_http_pool *pool)
{
	while (pool->idle_max < pool->active.count)
		pool->idle_max *= 2;
	curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)pool->idle_max);
}

/* The multi handle and what watches it. */
static int start_multi(struct cme_http_pool *pool, long max_connections)
{
	pool->multi = curl_multi_init();
	if (!pool->multi)
		return -1;
	if (cme_http_watch_init(&pool->watch, pool->multi) != 0) {
		curl_multi_cleanup(pool->multi);
		return -1;
	}
	curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(pool->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, max_connections);
	return 0;
}

struct cme_http_pool *cme_http_pool_new(long max_connections, size_t max_memory, struct cme_err *err)
{
	struct cme_http_pool *pool;

	pthread_once(&once, init_global);
	pool = global_result == CURLE_OK ? calloc(1, sizeof *pool) : NULL;
	if (!pool || start_multi(pool, max_connections) != 0) {
		free(pool);
		cme_err_set(err, "network.protocol", "http pool: libcurl could not be started");
		return NULL;
	}
	pool->idle_max = IDLE_MIN;
	keep_connections(pool);
	pool->shared.limit = max_memory;
	pool->shared.bundle = has_bundle;
	pool->next_due_ms = CME_HTTP_NEVER;
	pool->generation = generation;
	return pool;
}

bool cme_http_pool_is_ours(const struct cme_http_pool *pool)
{
	return pool->generation == generation;
}

void cme_http_pool_free(struct cme_http_pool *pool)
{
	/* In a child, cleaning up would say goodbye on the parent's connections: the memory is left alone. */
	if (!pool || !cme_http_pool_is_ours(pool))
		return;
	for (struct cme_http_transfer *transfer = pool->active.head; transfer; transfer = transfer->next)
		curl_multi_remove_handle(pool->multi, transfer->easy);
	list_free(&pool->active);
	list_free(&pool->done);
	list_free(&pool->ended);
	list_free(&pool->spare);
	curl_multi_cleanup(pool->multi);
	cme_http_watch_fini(&pool->watch);
	free(pool);
}

static void take_back(struct cme_http_pool *pool, struct cme_http_transfer *transfer)
{
	curl_multi_remove_handle(pool->multi, transfer->easy);
	if (pool->leader == transfer)
		pool->leader = NULL;
}

/* Moves an active transfer to the done list. */
static void finish(struct cme_http_pool *pool, struct cme_http_transfer *transfer, CURLcode result)
{
	take_back(pool, transfer);
	list_remove(&pool->active, transfer);
	if (transfer->held) {
		transfer->held = false;
		pool->held--;
	}
	transfer->resume_ms = 0;
	cme_http_transfer_end(transfer, result);
	transfer->parts.ended = true;
	cme_http_parts_came(transfer);
	list_push(transfer->parts.answered ? &pool->ended : &pool->done, transfer);
}

static void start(struct cme_http_pool *pool, struct cme_http_transfer *transfer)
{
	if (curl_multi_add_handle(pool->multi, transfer->easy) != CURLM_OK)
		finish(pool, transfer, CURLE_OUT_OF_MEMORY);
}

/* Is a connection in the making that others may share? */
static bool has_leader(const struct cme_http_pool *pool)
{
	return pool->leader && cme_http_transfer_leads(pool->leader, pool->leader);
}

/* Starts a transfer, or holds it while another to the same host has no connection yet. libcurl waits for
 * a connection in the making only before the first one (PIPEWAIT): when a server retires a shared
 * connection, every request that comes next would open one of its own. */
static void start_or_hold(struct cme_http_pool *pool, struct cme_http_transfer *transfer)
{
	if (pool->leader && cme_http_transfer_leads(pool->leader, transfer)) {
		transfer->held = true;
		pool->held++;
		return;
	}
	if (!has_leader(pool))
		pool->leader = transfer;
	start(pool, transfer);
}

/* Starts what was held once its leader is connected or gone. Returns whether anything was. */
static bool release(struct cme_http_pool *pool)
{
	struct cme_http_transfer *transfer, *next;

	if (!pool->held || has_leader(pool))
		return false;
	pool->leader = NULL;
	pool->held = 0;
	for (transfer = pool->active.head; transfer; transfer = next) {
		next = transfer->next;
		if (transfer->held) {
			transfer->held = false;
			start(pool, transfer);
		}
	}
	return true;
}

static struct cme_http_transfer *take_spare(struct cme_http_pool *pool)
{
	/* The newest: its TLS sessions are the freshest. */
	struct cme_http_transfer *transfer = pool->spare.tail;

	if (!transfer)
		return cme_http_transfer_new(&pool->shared);
	list_remove(&pool->spare, transfer);
	return transfer;
}

static void note_time(struct cme_http_pool *pool, int64_t due_ms)
{
	if (due_ms && due_ms < pool->next_due_ms)
		pool->next_due_ms = due_ms;
}

/* When the pool has to look at it: at its deadline, when its pause is over, or to have libcurl look at it. */
static void note_due(struct cme_http_pool *pool, const struct cme_http_transfer *transfer)
{
	note_time(pool, transfer->deadline_ms);
	note_time(pool, transfer->resume_ms);
	note_time(pool, transfer->nudge_ms);
}

/* The same for all transfers, so that the list is walked once for them. */
static int64_t next_nudge(int64_t now)
{
	return (now / NUDGE_MS + 1) * NUDGE_MS;
}

/* Has libcurl read and write for a transfer, whatever its socket says. libcurl (7.88) reads what comes on a
 * shared HTTP/2 connection for all of its transfers, and does not always wake the one that it read for: when
 * a server answers before a request's body has gone, that transfer would wait until its deadline. A change of
 * its pauses is what has libcurl look again; a transfer that has no connection takes none. */
static void nudge(struct cme_http_pool *pool, struct cme_http_transfer *transfer, int64_t now)
{
	curl_easy_pause(transfer->easy, CURLPAUSE_SEND);
	curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
	cme_http_watch_run(&pool->watch); /* now: the look is the connection's, and goes to who comes first */
	transfer->nudge_ms = next_nudge(now);
}

int64_t cme_http_pool_submit(struct cme_http_pool *pool, const struct cme_http_request *request)
{
	struct cme_http_transfer *transfer = take_spare(pool);
	int64_t id, now = cme_now_ms();

	if (!transfer)
		return -1;
	transfer->id = ++pool->last_id;
	if (cme_http_transfer_open(transfer, request) != 0) {
		list_push(&pool->done, transfer);
		return transfer->id;
	}
	transfer->deadline_ms = now + request->timeout_ms;
	transfer->nudge_ms = transfer->shares ? next_nudge(now) : 0;
	note_due(pool, transfer);
	list_push(&pool->active, transfer);
	if (pool->active.count > pool->idle_max)
		keep_connections(pool);
	id = transfer->id;
	start_or_hold(pool, transfer);
	return id;
}

/* Does what is due of one active transfer. */
static void look_at(struct cme_http_pool *pool, struct cme_http_transfer *transfer, int64_t now)
{
	if (transfer->deadline_ms <= now) {
		finish(pool, transfer, CURLE_OPERATION_TIMEDOUT);
		return;
	}
	if (transfer->resume_ms && transfer->resume_ms <= now) {
		transfer->resume_ms = 0;
		start_or_hold(pool, transfer);
	}
	if (transfer->nudge_ms && transfer->nudge_ms <= now)
		nudge(pool, transfer, now);
	note_due(pool, transfer);
}

/* libcurl keeps no time for a transfer that waits for a connection, or pauses, so the pool does for all. The
 * list is walked only when the earliest due time has passed. */
static void look_at_due(struct cme_http_pool *pool)
{
	int64_t now = cme_now_ms();
	struct cme_http_transfer *transfer, *next;

	if (now < pool->next_due_ms)
		return;
	pool->next_due_ms = CME_HTTP_NEVER;
	for (transfer = pool->active.head; transfer; transfer = next) {
		next = transfer->next;
		look_at(pool, transfer, now);
	}
}

/* Ends a transfer that libcurl is done with, or starts it again when no server can have acted on it. */
static void settle(struct cme_http_pool *pool, struct cme_http_transfer *transfer, CURLcode result)
{
	int64_t now = cme_now_ms(), pause_ms;

	if (transfer->deadline_ms <= now || !cme_http_transfer_again(transfer, result)) {
		finish(pool, transfer, result);
		return;
	}
	take_back(pool, transfer);
	pause_ms = cme_http_resend_pause_ms(&transfer->resend);
	if (pause_ms == 0) {
		start_or_hold(pool, transfer);
		return;
	}
	transfer->resume_ms = now + pause_ms;
	note_due(pool, transfer);
}

/* Takes from libcurl what it is done with. */
static void collect(struct cme_http_pool *pool)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->multi, &left))) {
		struct cme_http_transfer *transfer = NULL;
		CURLcode result = message->data.result;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		settle(pool, transfer, result);
	}
}

size_t cme_http_pool_run(struct cme_http_pool *pool)
{
	do {
		/* A failure within is shortage of memory; what it leaves behind ends at its deadline. */
		cme_http_watch_run(&pool->watch);
		collect(pool);
	} while (release(pool));
	look_at_due(pool);
	collect(pool); /* what a nudge has ended */
	return pool->active.count;
}

int cme_http_pool_fd(const struct cme_http_pool *pool)
{
	return pool->watch.epoll;
}

int64_t cme_http_pool_timeout_ms(const struct cme_http_pool *pool)
{
	int64_t due_ms = pool->watch.due_ms, left_ms;

	if (pool->done.head || pool->shared.news || (pool->held && !has_leader(pool)))
		return 0;
	if (pool->active.head && pool->next_due_ms < due_ms)
		due_ms = pool->next_due_ms;
	if (due_ms == CME_HTTP_NEVER)
		return -1;
	left_ms = due_ms - cme_now_ms();
	return left_ms > 0 ? left_ms : 0;
}

bool cme_http_pool_poll(struct cme_http_pool *pool, int timeout_ms)
{
	int64_t own_ms = cme_http_pool_timeout_ms(pool);
	bool due = own_ms >= 0 && own_ms <= timeout_ms;

	return cme_http_watch_wait(&pool->watch, due ? (int)own_ms : timeout_ms) || due;
}

const struct cme_http_transfer *cme_http_pool_next(const struct cme_http_pool *pool)
{
	return pool->done.head;
}

/* Keeps a transfer that is in no list for another request. */
static void spare(struct cme_http_pool *pool, struct cme_http_transfer *transfer)
{
	if (pool->spare.count >= SPARE_MAX) {
		cme_http_transfer_free(transfer);
		return;
	}
	cme_http_transfer_reset(transfer);
	list_push(&pool->spare, transfer);
}

void cme_http_pool_drop(struct cme_http_pool *pool)
{
	struct cme_http_transfer *transfer = pool->done.head;

	if (!transfer)
		return;
	list_remove(&pool->done, transfer);
	spare(pool, transfer);
}

const struct cme_http_transfer *cme_http_pool_news(const struct cme_http_pool *pool)
{
	return pool->shared.news;
}

void cme_http_pool_heard(struct cme_http_pool *pool)
{
	struct cme_http_transfer *transfer = pool->shared.news;

	if (!transfer)
		return;
	cme_http_parts_forget(transfer);
	transfer->parts.told = true;
}

static struct cme_http_transfer *find(const struct list *list, int64_t id)
{
	struct cme_http_transfer *transfer = list->head;

	while (transfer && transfer->id != id)
		transfer = transfer->next;
	return transfer;
}

struct cme_http_transfer *cme_http_pool_stream(struct cme_http_pool *pool, int64_t id)
{
	struct cme_http_transfer *transfer = find(&pool->active, id);

	if (!transfer)
		transfer = find(&pool->ended, id);
	return transfer && transfer->parts.told ? transfer : NULL;
}

void cme_http_pool_leave(struct cme_http_pool *pool, struct cme_http_transfer *transfer)
{
	cme_http_parts_forget(transfer);
	if (!transfer->parts.ended)
		finish(pool, transfer, CURLE_ABORTED_BY_CALLBACK);
	cme_http_parts_forget(transfer);
	list_remove(&pool->ended, transfer);
	spare(pool, transfer);
}

bool cme_http_pool_cancel(struct cme_http_pool *pool, int64_t id)
{
	struct cme_http_transfer *transfer = cme_http_pool_stream(pool, id);

	if (transfer) {
		cme_http_pool_leave(pool, transfer);
		return true;
	}
	transfer = find(&pool->active, id);
	if (!transfer)
		return false;
	cme_http_parts_forget(transfer);
	transfer->parts.answered = false;
	finish(pool, transfer, CURLE_ABORTED_BY_CALLBACK);
	return true;
}

size_t cme_http_pool_active(const struct cme_http_pool *pool)
{
	return pool->active.count;
}

/* SPDX-License-Identifier: MIT
 *
 * HTTP transfers in flight over one libcurl multi handle: connections are kept, and shared where the
 * server offers HTTP/2. The pool sends again only what no server can have acted on (resend.h), follows no
 * redirect, reads no environment. It does not block but in cme_http_pool_poll; a loop of the caller's waits
 * for its descriptor or its timeout instead.
 *
 *     submit -> [active] -- run, or its deadline, or cancel --> [done] -- next, drop --> [spare]
 *
 * A stream (parts.h) is handed out when its head has come, is read while it is active, and is dropped when it
 * was read to its end or is left. One that fails before its head ends as every other:
 *
 * Every submitted transfer ends exactly once in the done list, in the order of ending. Results are in
 * struct cme_http_transfer and belong to the pool until they are dropped. One thread at a time. After
 * a fork the child may only close the pool, which then leaves the parent's connections untouched.
 */
#ifndef CME_HTTP_POOL_H
#define CME_HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "http/request.h"
#include "http/transfer.h"

struct cme_http_pool;

/* max_connections: connections to one host, 0 for no cap. max_memory: bytes that requests and
 * responses may take together, from submit to drop. Returns NULL with err set. */
struct cme_http_pool *cme_http_pool_new(long max_connections, size_t max_memory, struct cme_err *err);

/* Ends what is in flight and frees all. pool may be NULL. */
void cme_http_pool_free(struct cme_http_pool *pool);

/* False in a child of the process that made the pool. */
bool cme_http_pool_is_ours(const struct cme_http_pool *pool);

/* Copies the request, which must have passed the checks of request.h, and returns its id (> 0), or -1
 * when memory is short. Does no I/O: a failure that is known at once waits in the done list. */
int64_t cme_http_pool_submit(struct cme_http_pool *pool, const struct cme_http_request *request);

/* The descriptor to wait for: readable when there is something to run. It stays the same. */
int cme_http_pool_fd(const struct cme_http_pool *pool);

/* Milliseconds after which there is something to run or to take even if the descriptor stays silent: 0 for
 * now, -1 for never. Every other function of the pool may change it. */
int64_t cme_http_pool_timeout_ms(const struct cme_http_pool *pool);

/* Does what can be done without waiting. Returns how many transfers are still active. */
size_t cme_http_pool_run(struct cme_http_pool *pool);

/* Waits, as a loop would, until there is something to run or to take, a signal arrives, or timeout_ms is
 * over. Returns whether there is something. */
bool cme_http_pool_poll(struct cme_http_pool *pool, int timeout_ms);

/* The transfer that ended first of those not yet dropped, or NULL. */
const struct cme_http_transfer *cme_http_pool_next(const struct cme_http_pool *pool);

/* Forgets what cme_http_pool_next returned and keeps its handle for another request. */
void cme_http_pool_drop(struct cme_http_pool *pool);

/* The stream that has something to tell and has told nothing longest, or NULL: the head of its answer when
 * that was not told yet, else that there is something to read. */
const struct cme_http_transfer *cme_http_pool_news(const struct cme_http_pool *pool);

/* Forgets what cme_http_pool_news returned; its stream lives on. */
void cme_http_pool_heard(struct cme_http_pool *pool);

/* The stream of that id whose head was told and that was not left, or NULL. What is there of it is its
 * `body`, for cme_http_transfer_take; when nothing is there, its `parts.ended` and `err` tell why. */
struct cme_http_transfer *cme_http_pool_stream(struct cme_http_pool *pool, int64_t id);

/* Ends a stream, whatever is left of it, and keeps its handle for another request. */
void cme_http_pool_leave(struct cme_http_pool *pool, struct cme_http_transfer *transfer);

/* Ends an active transfer as network.cancelled, or leaves a stream. Returns false when there is none of that
 * id.
 */
bool cme_http_pool_cancel(struct cme_http_pool *pool, int64_t id);

/* Transfers in flight. */
size_t cme_http_pool_active(const struct cme_http_pool *pool);

#endif

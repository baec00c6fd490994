/* SPDX-License-Identifier: MIT
 *
 * What libmicrohttpd calls, in this order, for a connection:
 *
 *    accept, connection(started), { uri, access (header), access (body)*, access (end), completed }*,
 *    connection(closed)
 *
 * "access (end)" parks the request: the connection is suspended, and access is called once more after
 * it was resumed with a reply. All of it runs inside MHD_run or MHD_stop_daemon.
 *
 * What libmicrohttpd 0.9.75 refuses at the end of the header (no Host, a Content-Length that is no number or
 * too big) it answers with its head written twice, and no callback comes in between. So Host is asked for
 * here; a bad Content-Length stays the library's: the client gets a 400 whose text begins with that head.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#include "common/clock.h"
#include "httpd/state.h"
#include "httpd/strict.h"

void cme_httpd_conn_phase(struct cme_httpd_conn *conn, enum cme_httpd_phase phase, uint64_t bytes)
{
	conn->phase = phase;
	conn->since_ms = conn->moved_ms = cme_now_ms();
	conn->bytes = bytes;
	if (phase == CME_HTTPD_PHASE_IDLE)
		conn->moved = cme_httpd_conn_moved(conn);
}

static struct cme_httpd_conn_list *bucket_of(struct cme_httpd_server *server,
					     const struct cme_httpd_origin *origin)
{
	return &server->origins[cme_httpd_origin_bucket(origin)];
}

/* Whether an origin has all the connections that one may have. Programs of this machine may be a proxy for
 * everybody, and are trusted as far as the machine is. */
static bool used_up(struct cme_httpd_server *server, const struct sockaddr *address)
{
	const struct cme_httpd_conn *conn;
	struct cme_httpd_origin origin;
	unsigned count = 0;

	cme_httpd_origin_of(address, &origin);
	if (server->limits.max_per_origin == 0 || origin.loopback)
		return false;
	LIST_FOREACH(conn, bucket_of(server, &origin), same)
	count += cme_httpd_origin_equal(&conn->origin, &origin);
	return count >= server->limits.max_per_origin;
}

/* The caps are enforced here: at its own limit libmicrohttpd stops accepting, and clients would hang in the
 * kernel's queue instead of learning that there is no room. */
enum MHD_Result cme_httpd_on_accept(void *cls, const struct sockaddr *address, socklen_t len)
{
	struct cme_httpd_server *server = cls;

	(void)len;
	if (server->closing || server->open >= server->limits.max_connections)
		return MHD_NO;
	return used_up(server, address) ? MHD_NO : MHD_YES;
}

static void started(struct cme_httpd_server *server, struct MHD_Connection *mhd, void **context)
{
	struct cme_httpd_conn *conn = calloc(1, sizeof *conn);
	const union MHD_ConnectionInfo *info;

	server->open++;
	*context = conn;
	if (!conn)
		return; /* on_access then ends every request of this connection */
	conn->server = server;
	conn->mhd = mhd;
	conn->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	conn->tls = info ? info->tls_session : NULL;
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		cme_httpd_origin_of(info->client_addr, &conn->origin);
	cme_httpd_conn_phase(conn, CME_HTTPD_PHASE_HEAD, 0);
	LIST_INSERT_HEAD(&server->conns, conn, link);
	LIST_INSERT_HEAD(bucket_of(server, &conn->origin), conn, same);
	cme_httpd_handshake_start(conn);
	/* Without it a hang-up is found at the next timeout. */
	cme_httpd_conn_watch(conn, EPOLL_CTL_ADD);
}

void cme_httpd_on_connection(void *cls, struct MHD_Connection *mhd, void **context,
			     enum MHD_ConnectionNotificationCode what)
{
	struct cme_httpd_server *server = cls;
	struct cme_httpd_conn *conn = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		started(server, mhd, context);
		return;
	}
	server->open--;
	*context = NULL;
	if (!conn)
		return;
	cme_httpd_handshake_leave(conn);
	LIST_REMOVE(conn, link);
	LIST_REMOVE(conn, same);
	epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
	free(conn);
}

void *cme_httpd_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct cme_httpd_conn *conn = info ? info->socket_context : NULL;

	(void)cls;
	if (!conn)
		return NULL;
	if (conn->phase == CME_HTTPD_PHASE_IDLE)
		cme_httpd_conn_phase(conn, CME_HTTPD_PHASE_HEAD, 0);
	conn->request = cme_httpd_request_new(conn, uri);
	return conn->request;
}

/* Queries are verified as they were sent, so nothing is ever unescaped. */
size_t cme_httpd_on_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
	(void)cls;
	(void)mhd;
	return strlen(text);
}

void cme_httpd_on_completed(void *cls, struct MHD_Connection *mhd, void **context,
			    enum MHD_RequestTerminationCode why)
{
	struct cme_httpd_request *request = *context;

	(void)cls;
	(void)mhd;
	(void)why;
	*context = NULL;
	if (!request)
		return;
	request->conn->request = NULL;
	cme_httpd_conn_phase(request->conn, CME_HTTPD_PHASE_IDLE, 0);
	request->conn = NULL;
	cme_httpd_request_unref(request);
}

static enum MHD_Result queue_line(struct cme_httpd_request *request, unsigned status, const char *text)
{
	struct MHD_Response *response = cme_httpd_response_line(text);
	enum MHD_Result ok = MHD_NO;

	request->state = CME_HTTPD_REQUEST_ANSWERED;
	if (!response)
		return MHD_NO;
	cme_httpd_conn_phase(request->conn, CME_HTTPD_PHASE_REPLY, strlen(text));
	ok = MHD_queue_response(request->conn->mhd, status, response);
	MHD_destroy_response(response);
	return ok;
}

static enum MHD_Result queue_reply(struct cme_httpd_request *request)
{
	enum MHD_Result ok;

	if (!request->reply)
		return MHD_NO;
	cme_httpd_conn_phase(request->conn, CME_HTTPD_PHASE_REPLY, request->reply_len);
	ok = MHD_queue_response(request->conn->mhd, request->status, request->reply);
	MHD_destroy_response(request->reply);
	request->reply = NULL;
	return ok;
}

static enum MHD_Result park(struct cme_httpd_request *request)
{
	struct cme_httpd_server *server = request->server;

	if (server->closing)
		return queue_line(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is closing\n");
	if (request->overloaded)
		return queue_line(request, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "the server holds too many request bodies, try again later\n");
	request->state = CME_HTTPD_REQUEST_PARKED;
	request->refs++;
	cme_httpd_conn_phase(request->conn, CME_HTTPD_PHASE_PARKED, 0);
	STAILQ_INSERT_TAIL(&server->queue, request, waiting);
	MHD_suspend_connection(request->conn->mhd);
	return MHD_YES;
}

/* What copies a head. */
struct head_copy {
	struct cme_httpd_message *message;
	struct cme_httpd_seam seam;
};

/* libmicrohttpd 1.0 refuses them itself, and may lay its memory out in another way. */
#define LOOKS_FOR_SEAMS (MHD_VERSION < 0x01000000)

#define LINE_END 2        /* bytes of CRLF */
#define BLANKS   SIZE_MAX /* as many as there are */

static enum MHD_Result copy_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
				   const char *value, size_t value_len)
{
	struct head_copy *copy = cls;

	(void)kind;
	if (!value)
		value = "", value_len = 0;
	cme_httpd_seam_part(&copy->seam, name, name_len, LINE_END);
	cme_httpd_seam_part(&copy->seam, value, value_len, BLANKS);
	return cme_httpd_message_add_header(copy->message, name, name_len, value, value_len) == 0 ? MHD_YES
												  : MHD_NO;
}

/* 0 when the header is copied; else the status that refuses it, *why with it. */
static unsigned copy_head(struct cme_httpd_request *request, const char *method, const char *version,
			  const char **why)
{
	struct MHD_Connection *mhd = request->conn->mhd;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct head_copy copy = { .message = &request->message };

	*why = "the request's header is too large\n";
	if (info && info->header_size > request->server->limits.max_header)
		return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
	cme_httpd_seam_part(&copy.seam, method, strlen(method), 0);
	cme_httpd_seam_part(&copy.seam, request->target, request->target_len, BLANKS);
	cme_httpd_seam_part(&copy.seam, version, strlen(version), 1);
	cme_httpd_message_set_method(&request->message, method);
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, copy_header, &copy);
	if (request->message.text.failed)
		return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
	if (info)
		cme_httpd_seam_part(&copy.seam, method + info->header_size, 0, 2 * LINE_END);
	*why = "the request's header has a NUL or a folded line in it\n";
	return LOOKS_FOR_SEAMS && copy.seam.torn ? MHD_HTTP_BAD_REQUEST : 0;
}

static bool expects_continue(const struct cme_httpd_message *message)
{
	size_t cursor = 0;
	const char *expect = cme_httpd_message_find(message, "Expect", &cursor);

	return expect && strcasecmp(expect, "100-continue") == 0;
}

/* The header is whole: decides on the body. */
static enum MHD_Result on_head(struct cme_httpd_request *request, const char *method, const char *version)
{
	const struct cme_httpd_server *server = request->server;
	const struct cme_httpd_limits *limits = &server->limits;
	const char *fault;
	unsigned refused;
	uint64_t declared;

	request->state = CME_HTTPD_REQUEST_RECEIVING;
	cme_httpd_conn_phase(request->conn, CME_HTTPD_PHASE_BODY, 0);
	refused = copy_head(request, method, version, &fault);
	if (refused)
		return queue_line(request, refused, fault);
	fault = cme_httpd_head_fault(&request->message, version);
	if (fault)
		return queue_line(request, MHD_HTTP_BAD_REQUEST, fault);
	declared = cme_httpd_message_declared(&request->message);
	switch (cme_httpd_body_plan(limits, declared, limits->max_buffered - server->buffered,
				    expects_continue(&request->message))) {
	case CME_HTTPD_BODY_KEEP:
		return MHD_YES;
	case CME_HTTPD_BODY_DRAIN:
	case CME_HTTPD_BODY_REFUSE:
		break;
	}
	request->too_large = declared > limits->max_body;
	request->overloaded = !request->too_large;
	if (declared <= cme_httpd_body_drain_limit(limits) && !expects_continue(&request->message))
		return MHD_YES;
	return park(request);
}

/* Takes in or drops a piece of the body. MHD_NO cuts the connection. */
static enum MHD_Result on_body(struct cme_httpd_request *request, const char *data, size_t len)
{
	struct cme_httpd_server *server = request->server;

	request->received += len;
	request->conn->bytes += len;
	if (request->received > cme_httpd_body_drain_limit(&server->limits))
		return MHD_NO;
	if (request->too_large || request->overloaded)
		return MHD_YES;
	request->too_large = request->received > server->limits.max_body;
	request->overloaded = !request->too_large && len > server->limits.max_buffered - server->buffered;
	if (!request->too_large && !request->overloaded && cme_buf_append(&request->body, data, len) == 0) {
		server->buffered += len;
		return MHD_YES;
	}
	request->overloaded = !request->too_large;
	cme_httpd_request_drop_body(request);
	return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd fixes the eight parameters. */
enum MHD_Result cme_httpd_on_access(void *cls, struct MHD_Connection *mhd, const char *url,
				    const char *method, const char *version, const char *data, size_t *size,
				    void **context)
{
	struct cme_httpd_request *request = *context;
	size_t len = *size;

	(void)cls;
	(void)mhd;
	(void)url;
	if (!request)
		return MHD_NO;
	*size = 0;
	switch (request->state) {
	case CME_HTTPD_REQUEST_NEW:
		return on_head(request, method, version);
	case CME_HTTPD_REQUEST_RECEIVING:
		return len ? on_body(request, data, len) : park(request);
	case CME_HTTPD_REQUEST_PARKED:
		return MHD_YES;
	case CME_HTTPD_REQUEST_ANSWERED:
		break;
	}
	return queue_reply(request);
}

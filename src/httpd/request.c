/* SPDX-License-Identifier: MIT */
#include "httpd/request.h"

#include <gnutls/crypto.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "httpd/state.h"

struct cme_httpd_request *cme_httpd_request_new(struct cme_httpd_conn *conn, const char *uri)
{
	struct cme_httpd_server *server = conn->server;
	struct cme_httpd_request *request = calloc(1, sizeof *request);
	const union MHD_ConnectionInfo *info;

	if (!request)
		return NULL;
	request->refs = 1;
	request->server = server;
	request->conn = conn;
	/* Every header costs two NULs beyond its own bytes, of which ": " and CRLF are four. */
	cme_httpd_message_init(&request->message, server->limits.max_header + 64);
	cme_buf_init(&request->body, server->limits.max_body);
	info = MHD_get_connection_info(conn->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		cme_httpd_address_text(info->client_addr, request->peer);
	LIST_INSERT_HEAD(&server->requests, request, alive);
	request->target = uri;
	request->target_len = strlen(uri);
	/* A target past the limit leaves the message failed: the header's end answers that with 431. */
	cme_httpd_message_set_uri(&request->message, uri);
	return request;
}

void cme_httpd_request_drop_body(struct cme_httpd_request *request)
{
	if (request->server)
		request->server->buffered -= request->body.len;
	cme_buf_fini(&request->body);
}

void cme_httpd_request_unref(struct cme_httpd_request *request)
{
	if (--request->refs > 0)
		return;
	cme_httpd_request_drop_body(request);
	if (request->server)
		LIST_REMOVE(request, alive);
	if (request->reply)
		MHD_destroy_response(request->reply);
	cme_httpd_message_fini(&request->message);
	free(request);
}

const struct cme_httpd_message *cme_httpd_request_message(const struct cme_httpd_request *request)
{
	return &request->message;
}

const struct cme_buf *cme_httpd_request_body(const struct cme_httpd_request *request)
{
	return &request->body;
}

int cme_httpd_request_digest(const struct cme_httpd_request *request, char hex[CME_HTTPD_DIGEST_SIZE],
			     struct cme_err *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[(CME_HTTPD_DIGEST_SIZE - 1) / 2];
	int rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, cme_buf_str(&request->body), request->body.len, digest);

	if (rc != 0)
		return cme_err_set(err, "server.failed", "hash '%s': SHA-256 cannot be taken (%s)",
				   request->peer, gnutls_strerror(rc));
	for (size_t i = 0; i < sizeof digest; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * sizeof digest] = '\0';
	return 0;
}

bool cme_httpd_request_exceeds(const struct cme_httpd_request *request, char byte, size_t most)
{
	const char *at = cme_buf_str(&request->body), *end = at + request->body.len;

	while ((at = memchr(at, byte, (size_t)(end - at)))) {
		at++;
		if (most-- == 0)
			return true;
	}
	return false;
}

bool cme_httpd_request_too_large(const struct cme_httpd_request *request)
{
	return request->too_large;
}

const char *cme_httpd_request_peer(const struct cme_httpd_request *request)
{
	return request->peer;
}

bool cme_httpd_request_answered(const struct cme_httpd_request *request)
{
	return request->answered;
}

/* libmicrohttpd does not watch a suspended connection, so a client that reset it is noticed here. One
 * that only closed its sending half may still read, and gets its answer. */
static bool client_gone(const struct cme_httpd_request *request)
{
	struct pollfd poller;

	if (!request->conn)
		return true;
	poller = (struct pollfd){ .fd = request->conn->fd };
	return poll(&poller, 1, 0) == 1 && (poller.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static struct MHD_Response *response_new(const struct cme_httpd_reply *reply, bool last)
{
	struct MHD_Response *response;
	enum MHD_Result ok = MHD_YES;

	/* The library takes void * for its other modes; with MUST_COPY it only reads. */
	response =
		MHD_create_response_from_buffer(reply->body_len, (void *)reply->body, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return NULL;
	for (size_t i = 0; i < reply->header_count && ok == MHD_YES; i++)
		ok = MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
	if (last && ok == MHD_YES)
		ok = MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (ok == MHD_YES)
		return response;
	MHD_destroy_response(response);
	return NULL;
}

struct MHD_Response *cme_httpd_response_line(const char *text)
{
	const struct cme_httpd_header type = { MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain" };
	const struct cme_httpd_reply reply = {
		.headers = &type,
		.header_count = 1,
		.body = text,
		.body_len = strlen(text),
	};

	return response_new(&reply, true);
}

/* Wakes the connection; its access handler then finds the reply and queues it, or ends it without one. */
static void resume(struct cme_httpd_request *request, struct MHD_Response *response, unsigned status,
		   size_t len)
{
	request->state = CME_HTTPD_REQUEST_ANSWERED;
	request->reply = response;
	request->status = status;
	request->reply_len = len;
	if (!request->conn)
		return;
	MHD_resume_connection(request->conn->mhd);
	cme_httpd_server_wake(request->server);
}

static int respond_to_nobody(struct cme_httpd_request *request, struct cme_err *err)
{
	const char *reason = request->server ? "connection closed" : "server closed";

	request->answered = true;
	cme_httpd_request_drop_body(request);
	if (request->state == CME_HTTPD_REQUEST_PARKED)
		resume(request, NULL, 0, 0);
	return cme_err_set(err, "server.client_gone", "respond '%s': the client is gone (%s)", request->peer,
			   reason);
}

int cme_httpd_request_respond(struct cme_httpd_request *request, const struct cme_httpd_reply *reply,
			      struct cme_err *err)
{
	struct MHD_Response *response;

	if (request->state != CME_HTTPD_REQUEST_PARKED || client_gone(request))
		return respond_to_nobody(request, err);
	response = response_new(reply, request->too_large);
	if (!response)
		return cme_err_set(err, "server.memory", "respond '%s': out of memory", request->peer);
	request->answered = true;
	cme_httpd_request_drop_body(request);
	resume(request, response, reply->status, reply->body_len);
	return 0;
}

void cme_httpd_request_fail(struct cme_httpd_request *request, unsigned status, const char *text)
{
	resume(request, cme_httpd_response_line(text), status, strlen(text));
}

void cme_httpd_request_drop(struct cme_httpd_request *request)
{
	if (request->state == CME_HTTPD_REQUEST_PARKED)
		cme_httpd_request_fail(request, MHD_HTTP_INTERNAL_SERVER_ERROR,
				       "the request was not answered\n");
	cme_httpd_request_unref(request);
}

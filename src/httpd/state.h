/* SPDX-License-Identifier: MIT
 *
 * The structures that server.c, connection.c and request.c share; private to this folder.
 *
 * A request has at most two owners: its connection (from the request line until libmicrohttpd reports
 * it completed) and its holder (the queue, then the application). Each owns one reference. The server
 * owns no reference but knows every living request, so that closing it can cut them loose.
 */
#ifndef CME_HTTPD_STATE_H
#define CME_HTTPD_STATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "httpd/limits.h"
#include "httpd/listen.h"
#include "httpd/message.h"
#include "httpd/origin.h"
#include "httpd/request.h"
#include "httpd/server.h"

enum cme_httpd_request_state {
	CME_HTTPD_REQUEST_NEW,       /* request line seen */
	CME_HTTPD_REQUEST_RECEIVING, /* header whole, body arriving */
	CME_HTTPD_REQUEST_PARKED,    /* queued or with the application; its connection is suspended */
	CME_HTTPD_REQUEST_ANSWERED, /* answered, by the application or for it, or without anybody to answer */
};

struct cme_httpd_request {
	int refs; /* owners left; freed at 0 */
	enum cme_httpd_request_state state;
	struct cme_httpd_server *server; /* NULL once the server is closed */
	struct cme_httpd_conn *conn;     /* NULL once the connection is done with it */
	struct cme_httpd_message message;
	struct cme_buf body; /* counted in server->buffered while it holds bytes */
	const char
		*target; /* libmicrohttpd's, of use until the header's end; as long as the client wrote it */
	size_t target_len;          /* of target */
	uint64_t received;          /* body bytes that arrived, dropped ones included */
	bool too_large;             /* the body passed max_body and was dropped */
	bool overloaded;            /* max_buffered was used up, the body was dropped */
	bool answered;              /* the application has answered */
	struct MHD_Response *reply; /* ours until it is queued; NULL before the answer and after */
	unsigned status;            /* of reply */
	size_t reply_len;           /* body bytes of reply */
	char peer[CME_HTTPD_ADDRESS_MAX];
	LIST_ENTRY(cme_httpd_request) alive;     /* in server->requests */
	STAILQ_ENTRY(cme_httpd_request) waiting; /* in server->queue until next() takes it */
};

/* A connection, from accept to close. */
struct cme_httpd_conn {
	struct cme_httpd_server *server;
	struct MHD_Connection *mhd;
	gnutls_session_t tls; /* libmicrohttpd's; NULL: plain */
	bool waiting;         /* suspended until its socket has news for the handshake */
	int fd;               /* libmicrohttpd's; only ever shut down or polled here */
	struct cme_httpd_origin origin;
	enum cme_httpd_phase phase;
	int64_t since_ms;                  /* monotonic start of the phase */
	int64_t moved_ms;                  /* monotonic; when a byte of it was last seen to have moved */
	uint64_t moved;                    /* bytes that the kernel had moved then, see reaper.c */
	uint64_t bytes;                    /* of body in this phase, as cme_httpd_phase_late wants it */
	bool hung_up;                      /* the client will send nothing more */
	bool cut;                          /* shut down by us; libmicrohttpd is about to close it */
	struct cme_httpd_request *request; /* the one being received or answered, or NULL */
	LIST_ENTRY(cme_httpd_conn) link;   /* in server->conns */
	LIST_ENTRY(cme_httpd_conn) same;   /* in its bucket of server->origins */
	LIST_ENTRY(cme_httpd_conn) shake;  /* in server->handshakes while in that phase */
};

LIST_HEAD(cme_httpd_conn_list, cme_httpd_conn);

/* One address. */
struct cme_httpd_listener {
	struct MHD_Daemon *daemon;
	int fd; /* closed by libmicrohttpd with the daemon; -1 once quiet */
};

struct cme_httpd_server {
	struct cme_httpd_listener listeners[CME_HTTPD_LISTENERS_MAX];
	int listener_count;
	struct cme_httpd_identity *identity; /* for TLS; NULL: none */
	int epoll_fd; /* ours: libmicrohttpd's epoll descriptors, wake_fd, hang-ups of connections */
	int wake_fd;  /* eventfd; libmicrohttpd does not wake an outside loop for a resumed connection */
	bool resumed; /* a connection was resumed since the last run; wake_fd is readable */
	struct cme_httpd_limits limits;
	size_t buffered;     /* body bytes held by all requests */
	unsigned open;       /* connections */
	bool closing;        /* no new connection, no new parked request */
	bool stopping;       /* about to be freed: nothing may be suspended any more */
	int64_t sweep_at_ms; /* monotonic; when late connections are looked for next */
	struct cme_httpd_conn_list conns;
	struct cme_httpd_conn_list handshakes;
	struct cme_httpd_conn_list origins[CME_HTTPD_ORIGIN_BUCKETS]; /* the same, by where they are from */
	LIST_HEAD(, cme_httpd_request) requests;
	STAILQ_HEAD(, cme_httpd_request) queue;
};

/* request.c */
struct cme_httpd_request *cme_httpd_request_new(struct cme_httpd_conn *conn, const char *uri);
void cme_httpd_request_unref(struct cme_httpd_request *request);
void cme_httpd_request_drop_body(struct cme_httpd_request *request);
/* Answers a parked request with a line of our own. */
void cme_httpd_request_fail(struct cme_httpd_request *request, unsigned status, const char *text);
/* A response of one line of text that ends the connection; NULL when out of memory. */
struct MHD_Response *cme_httpd_response_line(const char *text);

/* server.c: makes the server's descriptor readable, so that the loop calls run. */
void cme_httpd_server_wake(struct cme_httpd_server *server);

/* handshake.c: what a daemon with TLS needs; whose handshakes MHD_run is about to do, NULL after it. */
struct MHD_OptionItem *cme_httpd_handshake_options(void);
void cme_httpd_handshake_serve(struct cme_httpd_server *server);
/* Begin it, if the connection is one of TLS; leave it, done or not. */
void cme_httpd_handshake_start(struct cme_httpd_conn *conn);
void cme_httpd_handshake_leave(struct cme_httpd_conn *conn);
/* After libmicrohttpd ran: those that are not done wait for their sockets. One goes on. */
void cme_httpd_handshake_wait(struct cme_httpd_server *server);
void cme_httpd_handshake_go_on(struct cme_httpd_conn *conn);

/* reaper.c: end half-closed connections, and at times the late ones. After libmicrohttpd ran. */
void cme_httpd_reap_hung_up(struct cme_httpd_server *server);
void cme_httpd_reap_late(struct cme_httpd_server *server);

/* reaper.c: what the kernel has received from a client or, of an answer, has had acknowledged; bytes. */
uint64_t cme_httpd_conn_moved(const struct cme_httpd_conn *conn);

/* reaper.c: what this connection's socket is watched for, beside libmicrohttpd; op as epoll_ctl has it. */
void cme_httpd_conn_watch(struct cme_httpd_conn *conn, int op);

/* connection.c: the callbacks of libmicrohttpd; cls is the server. */
void cme_httpd_conn_phase(struct cme_httpd_conn *conn, enum cme_httpd_phase phase, uint64_t bytes);
enum MHD_Result cme_httpd_on_accept(void *cls, const struct sockaddr *address, socklen_t len);
void cme_httpd_on_connection(void *cls, struct MHD_Connection *mhd, void **context,
			     enum MHD_ConnectionNotificationCode what);
void *cme_httpd_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result cme_httpd_on_access(void *cls, struct MHD_Connection *mhd, const char *url,
				    const char *method, const char *version, const char *data, size_t *size,
				    void **context);
void cme_httpd_on_completed(void *cls, struct MHD_Connection *mhd, void **context,
			    enum MHD_RequestTerminationCode why);
size_t cme_httpd_on_unescape(void *cls, struct MHD_Connection *mhd, char *text);

#endif

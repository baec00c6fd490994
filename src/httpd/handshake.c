/* SPDX-License-Identifier: MIT
 *
 * TLS handshakes, where libmicrohttpd 0.9.75 leaves two things to wish for. It takes a handshake that waits
 * for its client for one that can go on, and asks to be run again at once until it is over: one client with
 * half a hello would cost a core. So such connections are suspended until their socket has news. And GnuTLS'
 * callbacks lead to no server; since all of them come from inside MHD_run, it is the one that runs in this
 * thread.
 */
#include <stddef.h>
#include <sys/epoll.h>

#include "httpd/state.h"

static _Thread_local struct cme_httpd_server *serving;

/* MHD_OptionItem takes no const. */
static char PRIORITIES[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

/* NOLINTNEXTLINE(readability-function-size): GnuTLS fixes the eight parameters. */
static int show_identity(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
			 gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp,
			 unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
	(void)session;
	(void)info;
	*ocsp = NULL;
	*ocsp_count = 0;
	*flags = GNUTLS_CERT_RETR_DEINIT_ALL;
	return serving ? cme_httpd_identity_copy(serving->identity, chain, count, key) : -1;
}

struct MHD_OptionItem *cme_httpd_handshake_options(void)
{
	static struct MHD_OptionItem options[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)show_identity },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};

	return options;
}

void cme_httpd_handshake_serve(struct cme_httpd_server *server)
{
	serving = server;
}

/* The client's Finished is the last message, or the last that has to be waited for. */
static int on_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
		       const gnutls_datum_t *message)
{
	struct cme_httpd_conn *conn;

	(void)type;
	(void)when;
	(void)message;
	if (!incoming || !serving)
		return 0;
	LIST_FOREACH(conn, &serving->handshakes, shake)
	if (conn->tls == session)
		break;
	if (!conn)
		return 0;
	cme_httpd_handshake_leave(conn);
	cme_httpd_conn_watch(conn, EPOLL_CTL_MOD);
	return 0;
}

void cme_httpd_handshake_start(struct cme_httpd_conn *conn)
{
	if (!conn->tls)
		return;
	cme_httpd_conn_phase(conn, CME_HTTPD_PHASE_HANDSHAKE, 0);
	LIST_INSERT_HEAD(&conn->server->handshakes, conn, shake);
	gnutls_handshake_set_hook_function(conn->tls, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
					   on_finished);
}

void cme_httpd_handshake_leave(struct cme_httpd_conn *conn)
{
	if (conn->phase != CME_HTTPD_PHASE_HANDSHAKE)
		return;
	LIST_REMOVE(conn, shake);
	cme_httpd_conn_phase(conn, CME_HTTPD_PHASE_HEAD, 0);
}

void cme_httpd_handshake_wait(struct cme_httpd_server *server)
{
	struct cme_httpd_conn *conn;

	LIST_FOREACH(conn, &server->handshakes, shake)
	{
		if (conn->waiting)
			continue;
		conn->waiting = true;
		MHD_suspend_connection(conn->mhd);
	}
}

void cme_httpd_handshake_go_on(struct cme_httpd_conn *conn)
{
	if (!conn->waiting)
		return;
	conn->waiting = false;
	MHD_resume_connection(conn->mhd);
	cme_httpd_server_wake(conn->server);
}

/* SPDX-License-Identifier: MIT
 *
 * The server's end of TLS, with a client of OpenSSL's own at the other end.
 */
#include "rtmp/link_tls.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../relay/output/rtmp/authority.h"

#define STEPS   100 /* that a handshake takes at most */
#define UPDATES 50

static struct stage {
	struct authority authority;
	SSL_CTX *contexts[2];
	struct cme_link link;
	SSL *client;
	int fd; /* the client's */
} stage;

/* One file has both, which is allowed. */
static void write_key(void)
{
	FILE *file = fopen(stage.authority.path, "a");

	PEM_write_PrivateKey(file, SSL_CTX_get0_privatekey(stage.authority.server), NULL, NULL, 0, NULL,
			     NULL);
	fclose(file);
}

static int open_stage(void **state)
{
	struct cme_err err;
	int fds[2], rc = 0;

	(void)state;
	make_authority(&stage.authority);
	write_key();
	stage.contexts[0] = cme_link_tls_server_context(stage.authority.path, stage.authority.path, &err);
	stage.contexts[1] = SSL_CTX_new(TLS_client_method());
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	cme_link_init(&stage.link);
	stage.link.fd = fds[0];
	stage.fd = fds[1];
	assert_int_equal(cme_link_serve_tls(&stage.link, stage.contexts[0], &err), 0);
	stage.client = SSL_new(stage.contexts[1]);
	SSL_set_fd(stage.client, stage.fd);
	SSL_set_connect_state(stage.client);
	for (int i = 0; i < STEPS && !(rc == 1 && SSL_is_init_finished(stage.client)); i++) {
		SSL_do_handshake(stage.client);
		rc = cme_link_handshake(&stage.link, &err);
	}
	assert_int_equal(rc, 1);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	SSL_free(stage.client);
	close(stage.fd);
	cme_link_close(&stage.link);
	for (int i = 0; i < 2; i++)
		SSL_CTX_free(stage.contexts[i]);
	SSL_CTX_free(stage.authority.server);
	unlink(stage.authority.path);
	return 0;
}

static int waiting(void)
{
	int bytes = 0;

	ioctl(stage.link.fd, FIONREAD, &bytes);
	return bytes;
}

/* A client may send other records than data for as long as it likes: others have their turn after each. */
static void looks_at_one_record_in_a_read(void **state)
{
	struct cme_err err;
	uint8_t byte = 0;
	int reads = 1;

	(void)state;
	for (int i = 0; i < UPDATES; i++) {
		assert_int_equal(SSL_key_update(stage.client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(stage.client), 1);
	}
	assert_int_equal(SSL_write(stage.client, "x", 1), 1);
	assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), 0);
	assert_true(waiting() > 0);
	for (; waiting() > 0; reads++)
		assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), reads == UPDATES);
	assert_int_equal(byte, 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(looks_at_one_record_in_a_read,
									    open_stage, close_stage) };

	return cmocka_run_group_tests_name("link_tls", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Either end of TLS, with OpenSSL's own at the other end.
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
	SSL_CTX *contexts[2]; /* of the link, of its peer */
	struct cme_link link;
	SSL *peer;
	int fd; /* the peer's */
} stage;

/* One file has both, which is allowed. */
static void write_key(void)
{
	FILE *file = fopen(stage.authority.path, "a");

	PEM_write_PrivateKey(file, SSL_CTX_get0_privatekey(stage.authority.server), NULL, NULL, 0, NULL,
			     NULL);
	fclose(file);
}

static void open_link(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	cme_link_init(&stage.link);
	stage.link.fd = fds[0];
	stage.fd = fds[1];
	stage.peer = SSL_new(stage.contexts[1]);
	SSL_set_fd(stage.peer, stage.fd);
}

static void shake_hands(void)
{
	struct cme_err err;
	int rc = 0;

	for (int i = 0; i < STEPS && !(rc == 1 && SSL_is_init_finished(stage.peer)); i++) {
		SSL_do_handshake(stage.peer);
		rc = cme_link_handshake(&stage.link, &err);
	}
	assert_int_equal(rc, 1);
}

static int open_server(void **state)
{
	struct cme_err err;

	(void)state;
	make_authority(&stage.authority);
	write_key();
	stage.contexts[0] = cme_link_tls_server_context(stage.authority.path, stage.authority.path, &err);
	stage.contexts[1] = SSL_CTX_new(TLS_client_method());
	open_link();
	assert_int_equal(cme_link_serve_tls(&stage.link, stage.contexts[0], &err), 0);
	SSL_set_connect_state(stage.peer);
	shake_hands();
	return 0;
}

static int open_client(void **state)
{
	struct cme_err err;

	(void)state;
	make_authority(&stage.authority);
	stage.contexts[0] = cme_link_tls_context(stage.authority.path, &err);
	stage.contexts[1] = stage.authority.server;
	SSL_CTX_up_ref(stage.authority.server);
	open_link();
	assert_int_equal(cme_link_secure(&stage.link, stage.contexts[0], "127.0.0.1", &err), 0);
	SSL_set_accept_state(stage.peer);
	return 0;
}

static int close_stage(void **state)
{
	(void)state;
	SSL_free(stage.peer);
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

/* A peer may send other records than data for as long as it likes: others have their turn after each. */
static void looks_at_one_record_in_a_read(void **state)
{
	struct cme_err err;
	uint8_t byte = 0;
	int reads = 1;

	(void)state;
	for (int i = 0; i < UPDATES; i++) {
		assert_int_equal(SSL_key_update(stage.peer, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(stage.peer), 1);
	}
	assert_int_equal(SSL_write(stage.peer, "x", 1), 1);
	assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), 0);
	assert_true(waiting() > 0 && stage.link.more);
	for (; waiting() > 0; reads++)
		assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), reads == UPDATES);
	assert_int_equal(byte, 'x');
	assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), 0);
	assert_false(stage.link.more);
}

static void a_client_does_so_too(void **state)
{
	struct cme_err err;
	uint8_t byte;

	shake_hands();
	do /* its tickets */
		assert_int_equal(cme_link_read(&stage.link, &byte, 1, &err), 0);
	while (stage.link.more);
	looks_at_one_record_in_a_read(state);
}

/* In TLS 1.2 a client passes over them, and they are not even encrypted. */
static void a_handshake_ends_its_step_however_many_requests_for_one_come(void **state)
{
	static const char request[] = { 22, 3, 3, 0, 4, 0, 0, 0, 0 };
	char requests[sizeof request * UPDATES];
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < UPDATES; i++)
		memcpy(requests + i * sizeof request, request, sizeof request);
	assert_int_equal(cme_link_handshake(&stage.link, &err), 0);
	assert_false(stage.link.more);
	assert_int_equal(write(stage.fd, requests, sizeof requests), sizeof requests);
	assert_int_equal(cme_link_handshake(&stage.link, &err), 0);
	assert_true(waiting() > 0 && stage.link.more);
	while (stage.link.more)
		assert_int_equal(cme_link_handshake(&stage.link, &err), 0);
	assert_int_equal(waiting(), 0);
	shake_hands(); /* goes on as if there had been none */
}

#define STAGED(test, open) cmocka_unit_test_setup_teardown(test, open, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(looks_at_one_record_in_a_read, open_server),
		STAGED(a_client_does_so_too, open_client),
		STAGED(a_handshake_ends_its_step_however_many_requests_for_one_come, open_client),
	};

	return cmocka_run_group_tests_name("link_tls", tests, NULL, NULL);
}

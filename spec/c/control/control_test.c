/* SPDX-License-Identifier: MIT
 *
 * The control socket by itself: lock, mode, lines in pieces, a line without end, a reader that is slow.
 */
#include "control/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "control/line.h"

static char folder[] = "/tmp/cme-control-XXXXXX";
static char path[64];

struct seen {
	struct cme_buf lines; /* "1:text;" for each */
	size_t longest;
};

static void on_line(void *ctx, uint64_t connection, const char *line, size_t len)
{
	struct seen *seen = ctx;
	char text[128];

	if (len > seen->longest)
		seen->longest = len;
	if (len >= 100)
		return;
	snprintf(text, sizeof text, "%d:%.*s;", (int)connection, (int)len, line);
	cme_buf_puts(&seen->lines, text);
}

/* Serves until nothing is ready any more; one round at least, as the engine's loop does. */
static void serve(struct cme_control *control, struct seen *seen)
{
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];
	bool work = true;

	while (work) {
		size_t n = cme_control_poll(control, fds);

		work = poll(fds, n, 0) > 0;
		cme_control_serve(control, fds, n, on_line, seen);
	}
}

static int dial(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static struct cme_control *open_control(void)
{
	struct cme_err err;
	struct cme_control *control = cme_control_open(path, &err);

	assert_non_null(control);
	return control;
}

static void is_private_and_alone(void **state)
{
	struct cme_control *control = open_control();
	struct cme_err err;
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_null(cme_control_open(path, &err));
	assert_string_equal(err.code, "control.running");
	cme_control_close(control);
	assert_int_not_equal(stat(path, &st), 0);
}

static void takes_over_a_stale_socket_but_no_file(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct cme_err err;
	FILE *file;

	(void)state;
	strcpy(addr.sun_path, path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
	close(fd);
	cme_control_close(open_control());
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_null(cme_control_open(path, &err));
	assert_string_equal(err.code, "control.bind");
	assert_int_equal(unlink(path), 0);
}

static void reads_lines_however_they_are_cut(void **state)
{
	struct cme_control *control = open_control();
	struct seen seen = { 0 };
	int a = dial(), b;

	(void)state;
	cme_buf_init(&seen.lines, 10000);
	serve(control, &seen);
	say(a, "one\n\ntwo\nthr");
	serve(control, &seen);
	b = dial();
	serve(control, &seen);
	say(b, "else\n");
	serve(control, &seen);
	say(a, "ee\n");
	serve(control, &seen);
	assert_string_equal(cme_buf_str(&seen.lines), "1:one;1:two;2:else;1:three;");
	close(a);
	close(b);
	serve(control, &seen);
	cme_buf_fini(&seen.lines);
	cme_control_close(control);
}

static void hangs_up_on_a_line_without_end(void **state)
{
	struct cme_control *control = open_control();
	struct seen seen = { 0 };
	char block[4096], byte;
	int fd = dial();

	(void)state;
	memset(block, 'x', sizeof block);
	serve(control, &seen);
	for (size_t sent = 0; sent < CME_LINE_MAX + 200000; sent += sizeof block) {
		if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0)
			break;
		serve(control, &seen);
	}
	assert_true(seen.longest > CME_LINE_MAX);
	assert_true(seen.longest < 2 * CME_LINE_MAX);
	while (recv(fd, &byte, 1, MSG_DONTWAIT) > 0)
		;
	assert_int_not_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	close(fd);
	cme_control_close(control);
}

static void drops_who_does_not_read_and_keeps_who_does(void **state)
{
	struct cme_control *control = open_control();
	struct seen seen = { 0 };
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];
	json_t *event = json_pack("{s:o}", "event", json_stringn("", 0));
	int slow = dial(), quick = dial();
	char bytes[65536], *filler = calloc(1, 100001);

	(void)state;
	memset(filler, 'x', 100000);
	json_object_set_new(event, "filler", json_string(filler));
	serve(control, &seen);
	for (int i = 0; i < 100; i++) {
		cme_control_broadcast(control, event);
		while (recv(quick, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
			serve(control, &seen);
	}
	serve(control, &seen);
	assert_int_equal(cme_control_poll(control, fds), 2); /* the listener and the quick one */
	json_decref(event);
	free(filler);
	close(slow);
	close(quick);
	cme_control_close(control);
}

/* A connection that there is no descriptor for keeps nobody busy. */
static void rests_while_no_descriptors_are_left(void **state)
{
	struct cme_control *control = open_control();
	struct pollfd fds[CME_CONTROL_CONNECTIONS_MAX + 1];
	struct seen seen = { 0 };
	struct rlimit before, none;
	int fd = dial(), next = dup(fd), rounds = 0;

	(void)state;
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &none);
	while (cme_control_poll(control, fds) == 1 && fds[0].events && rounds++ < 1000) {
		poll(fds, 1, 0);
		cme_control_serve(control, fds, 1, on_line, &seen);
	}
	setrlimit(RLIMIT_NOFILE, &before);
	assert_true(rounds < 1000);
	while (cme_control_poll(control, fds) == 1) {
		poll(fds, 1, 1);
		cme_control_serve(control, fds, 1, on_line, &seen);
	}
	close(fd);
	cme_control_close(control);
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s/s", mkdtemp(folder));
	return 0;
}

static int remove_folder(void **state)
{
	char lock[72];

	(void)state;
	snprintf(lock, sizeof lock, "%s.lock", path);
	unlink(lock);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_private_and_alone),
		cmocka_unit_test(takes_over_a_stale_socket_but_no_file),
		cmocka_unit_test(reads_lines_however_they_are_cut),
		cmocka_unit_test(hangs_up_on_a_line_without_end),
		cmocka_unit_test(drops_who_does_not_read_and_keeps_who_does),
		cmocka_unit_test(rests_while_no_descriptors_are_left),
	};

	return cmocka_run_group_tests_name("control", tests, make_folder, remove_folder);
}

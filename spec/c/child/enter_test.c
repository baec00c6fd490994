/* SPDX-License-Identifier: MIT
 *
 * The line that a child is told, from one end of the socket to the other.
 */
#include "child/enter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child/spawn.h"

#define BUFFER   196608 /* of the engine's outputs */
#define HEX_LEN  131072 /* a configuration of 64 KB */
#define REST_LEN 32768

static struct cme_child child;

/* Our own input is the child's end, as the child has it. */
static int setup(void **state)
{
	const int buffer = BUFFER;
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
	child = (struct cme_child){ .fd = fds[0], .report_fd = -1 };
	if (dup2(fds[1], STDIN_FILENO) < 0)
		return -1;
	return close(fds[1]);
}

static int teardown(void **state)
{
	(void)state;
	cme_child_close(&child); /* the other end goes with the next test's, or with us */
	return 0;
}

static json_t *text_of(size_t len)
{
	char *text = malloc(len);
	json_t *json;

	assert_non_null(text);
	memset(text, 'a', len);
	json = json_stringn(text, len);
	free(text);
	return json;
}

static int tell(size_t hex, size_t rest)
{
	json_t *json = json_pack("{s:o,s:o,s:o}", "video", text_of(hex), "audio", text_of(hex), "url",
				 text_of(rest));
	char *line = json_dumps(json, JSON_COMPACT);
	struct cme_err err;
	int rc = cme_child_tell(&child, line, &err);

	free(line);
	json_decref(json);
	return rc;
}

static void the_longest_configurations_are_told(void **state)
{
	struct cme_err err;
	json_t *told;

	(void)state;
	assert_int_equal(tell(HEX_LEN, REST_LEN), 0);
	told = cme_child_told(&err);
	assert_non_null(told);
	assert_int_equal(json_string_length(json_object_get(told, "audio")), HEX_LEN);
	assert_int_equal(json_string_length(json_object_get(told, "url")), REST_LEN);
	json_decref(told);
}

static void what_stands_behind_the_line_stays_there(void **state)
{
	struct cme_err err;
	char media[3];

	(void)state;
	assert_int_equal(tell(2, 2), 0);
	assert_int_equal(send(child.fd, "FLV", 3, 0), 3);
	json_decref(cme_child_told(&err));
	assert_int_equal(read(STDIN_FILENO, media, sizeof media), 3);
	assert_memory_equal(media, "FLV", 3);
}

static void half_a_line_is_none(void **state)
{
	struct cme_err err;

	(void)state;
	assert_int_equal(send(child.fd, "{}", 2, 0), 2);
	cme_child_hang_up(&child);
	assert_null(cme_child_told(&err));
	assert_string_equal(err.code, "internal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_longest_configurations_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_stands_behind_the_line_stays_there, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_line_is_none, setup, teardown),
	};

	return cmocka_run_group_tests_name("enter", tests, NULL, NULL);
}

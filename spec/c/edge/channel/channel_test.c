/* SPDX-License-Identifier: MIT */
#include "edge/channel/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "common/clock.h"

static struct cme_channel *open_channel(struct cme_poll *poll)
{
	struct cme_key key = { .id = "p-main" };
	struct cme_channel *channel;
	struct cme_err err = { 0 };

	assert_int_equal(cme_poll_open(poll), 0);
	channel = cme_channel_new(poll, folder, &key, &err);
	assert_non_null(channel);
	return channel;
}

/* A reader that the channel knows of. */
static int join(struct cme_poll *poll, const struct cme_channel *channel)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, channel->path, sizeof addr.sun_path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
	cme_poll_run(poll, 1000);
	return fd;
}

/* It came now. */
static void push_at(struct cme_channel *channel, uint8_t type, uint32_t timestamp, const char *body,
		    int64_t now_us)
{
	struct cme_flv_tag tag = {
		.type = type, .timestamp = timestamp, .data = (const uint8_t *)body, .len = strlen(body)
	};
	struct cme_frame *frame = cme_frame_new(&tag);

	assert_non_null(frame);
	cme_channel_push(channel, frame, now_us);
}

/* Long after all before it. */
static void push(struct cme_channel *channel, uint8_t type, uint32_t timestamp, const char *body)
{
	static int64_t now_us;

	now_us += CME_SECOND_US;
	push_at(channel, type, timestamp, body, now_us);
}

/* The times of the tags that a reader got, and "end". */
static void got(int fd, const char *expected)
{
	struct cme_flv_file file;
	struct cme_flv_tag tag;
	uint8_t bytes[4096];
	char text[256] = "";
	ssize_t n;

	cme_flv_file_init(&file, sizeof bytes);
	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
		const uint8_t *data = bytes;
		size_t len = (size_t)n;

		while (cme_flv_file_read(&file, &data, &len, &tag, NULL) == 1)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%u ", tag.timestamp);
	}
	if (n == 0)
		strcat(text, "end");
	assert_string_equal(text, expected);
	cme_flv_file_fini(&file);
}

/* Bodies of H.264 by Enhanced RTMP have no NUL. */
#define CONFIG  "\x90"
#define KEY     "\x93"
#define INTER   "\xa3"
#define PICTURE "avc1data"

#define GOP_OVER 2100 /* more tags than a GOP that is kept has */

static void who_comes_later_gets_headers_and_the_last_gop(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int early = join(&poll, channel), late;

	(void)state;
	cme_channel_start(channel, 0);
	push(channel, CME_FLV_VIDEO, 1, CONFIG PICTURE);
	push(channel, CME_FLV_AUDIO, 2, "\x90Opushead");
	push(channel, CME_FLV_VIDEO, 3, KEY PICTURE);
	push(channel, CME_FLV_VIDEO, 4, INTER PICTURE);
	push(channel, CME_FLV_VIDEO, 5, KEY PICTURE);
	push(channel, CME_FLV_AUDIO, 6, "\x91Opussound");
	cme_channel_flush(channel);
	late = join(&poll, channel);
	got(late, "1 2 5 6 ");
	push(channel, CME_FLV_VIDEO, 7, INTER PICTURE);
	cme_channel_end(channel);
	got(early, "1 2 3 4 5 6 7 end");
	assert_int_equal(cme_channel_readers(channel, CME_READER_ENGINE), 0);
	close(early);
	close(late);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* A header that says something else ends what went with the one before. */
static void another_configuration_forgets_the_pictures_of_the_first(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int late;

	(void)state;
	cme_channel_start(channel, 0);
	push(channel, CME_FLV_VIDEO, 1, CONFIG PICTURE);
	push(channel, CME_FLV_VIDEO, 2, KEY PICTURE);
	push(channel, CME_FLV_VIDEO, 3, CONFIG PICTURE); /* said again */
	late = join(&poll, channel);
	got(late, "3 2 ");
	close(late);
	push(channel, CME_FLV_VIDEO, 4, CONFIG "avc1other");
	late = join(&poll, channel);
	got(late, "4 ");
	close(late);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* Where there is no keyframe to begin with, a reader waits for the next one. */
static void who_comes_later_waits_for_a_keyframe(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int before, after, over;

	(void)state;
	cme_channel_start(channel, 0);
	push(channel, CME_FLV_VIDEO, 1, CONFIG PICTURE);
	before = join(&poll, channel);
	push(channel, CME_FLV_VIDEO, 2, INTER PICTURE);
	push(channel, CME_FLV_AUDIO, 3, "\x91Opussound");
	push(channel, CME_FLV_VIDEO, 4, KEY PICTURE);
	cme_channel_flush(channel);
	got(before, "1 1 4 ");
	push(channel, CME_FLV_VIDEO, 5, CONFIG "avc1other");
	after = join(&poll, channel);
	push(channel, CME_FLV_VIDEO, 6, INTER PICTURE);
	push(channel, CME_FLV_VIDEO, 7, KEY PICTURE);
	cme_channel_flush(channel);
	got(after, "5 5 7 ");
	for (int i = 0; i < GOP_OVER; i++)
		push(channel, CME_FLV_VIDEO, 8, INTER PICTURE);
	over = join(&poll, channel);
	push(channel, CME_FLV_VIDEO, 9, INTER PICTURE);
	push(channel, CME_FLV_VIDEO, 10, KEY PICTURE);
	push(channel, CME_FLV_VIDEO, 11, INTER PICTURE);
	cme_channel_flush(channel);
	got(over, "5 5 10 11 ");
	close(before);
	close(after);
	close(over);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* Room in its socket is what a reader waits for, and not the encoder's next batch. */
static void who_waits_is_left_alone(void **state)
{
	static char body[64 * 1024] = KEY PICTURE, bytes[64 * 1024];
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int fd = join(&poll, channel);
	size_t queued;

	(void)state;
	memset(body + sizeof KEY PICTURE - 1, 'x', sizeof body - sizeof KEY PICTURE);
	cme_channel_start(channel, 0);
	for (int i = 0; i < 64; i++)
		push(channel, CME_FLV_VIDEO, 1, body);
	cme_channel_flush(channel);
	queued = channel->readers->count;
	assert_true(queued > 0);
	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
	push(channel, CME_FLV_VIDEO, 2, body);
	cme_channel_flush(channel);
	assert_int_equal(channel->readers->count, queued + 1);
	cme_poll_run(&poll, 1000);
	assert_true(channel->readers->count < queued + 1);
	close(fd);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* Two sounds, the second now, so that another one is due in 10 ms. */
static void push_pair(struct cme_channel *channel)
{
	int64_t now_us = cme_now_us();

	push_at(channel, CME_FLV_AUDIO, 1, "\x91Opussound", now_us - 10 * CME_MS_US);
	cme_channel_flush(channel);
	push_at(channel, CME_FLV_AUDIO, 11, "\x91Opussound", now_us);
	cme_channel_flush(channel);
}

static void what_is_followed_soon_waits_for_it(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int engine = join(&poll, channel);

	(void)state;
	cme_channel_start(channel, 0);
	push_pair(channel);
	assert_int_equal(channel->readers->count, 1);
	while (poll.first_delay) /* until it has waited enough */
		cme_poll_run(&poll, -1);
	assert_int_equal(channel->readers->count, 0);
	push_pair(channel);
	assert_int_equal(channel->readers->count, 1);
	push_at(channel, CME_FLV_AUDIO, 1011, "\x91Opussound", cme_now_us());
	cme_channel_flush(channel);
	assert_int_equal(channel->readers->count, 0);
	push_pair(channel);
	cme_channel_end(channel);
	got(engine, "1 11 1 11 1011 1 11 end");
	assert_null(poll.first_delay);
	close(engine);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* An engine that publishes has waited already. */
static void what_an_engine_publishes_does_not_wait(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int reader = join(&poll, channel);

	(void)state;
	channel->key.own = true;
	cme_channel_start(channel, 0);
	push_pair(channel);
	got(reader, "1 11 ");
	close(reader);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

/* Nothing of a stream goes into the next. */
static void a_reader_waits_for_the_next_stream(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	int waiting;

	(void)state;
	cme_channel_start(channel, 0);
	push(channel, CME_FLV_VIDEO, 1, KEY PICTURE);
	cme_channel_end(channel);
	waiting = join(&poll, channel);
	got(waiting, "");
	cme_channel_start(channel, 0);
	push(channel, CME_FLV_VIDEO, 2, KEY PICTURE);
	cme_channel_flush(channel);
	got(waiting, "2 ");
	close(waiting);
	cme_poll_run(&poll, 1000);
	assert_int_equal(cme_channel_readers(channel, CME_READER_ENGINE), 0);
	cme_channel_free(channel);
	cme_poll_close(&poll);
}

static void the_socket_is_the_owners_alone(void **state)
{
	struct cme_poll poll;
	struct cme_channel *channel = open_channel(&poll);
	struct stat st;
	char path[CME_CHANNEL_PATH_MAX];

	(void)state;
	assert_int_equal(stat(channel->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	memcpy(path, channel->path, sizeof path);
	cme_channel_free(channel);
	assert_int_equal(access(path, F_OK), -1);
	cme_poll_close(&poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_comes_later_gets_headers_and_the_last_gop),
		cmocka_unit_test(another_configuration_forgets_the_pictures_of_the_first),
		cmocka_unit_test(who_comes_later_waits_for_a_keyframe),
		cmocka_unit_test(who_waits_is_left_alone),
		cmocka_unit_test(what_is_followed_soon_waits_for_it),
		cmocka_unit_test(what_an_engine_publishes_does_not_wait),
		cmocka_unit_test(a_reader_waits_for_the_next_stream),
		cmocka_unit_test(the_socket_is_the_owners_alone),
	};

	return cmocka_run_group_tests_name("channel", tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: MIT
 *
 * A source against a server with a script and a tape (rtmp_sink.h).
 */
#include "relay/source/rtmp/source_rtmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"

#include "../../output/rtmp/authority.h"
#include "../../output/rtmp/rtmp_sink.h"

#define AVCC     "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"
#define BYTES(t) t, sizeof(t) - 1
#define KEY      "room1?txSecret=1f2e3d4c&t=ab/cd=="

static const struct sink_message tape[] = {
	{ CME_RTMP_DATA, 0, BYTES("\2\0\x0aonMetaData\5") },
	{ CME_RTMP_VIDEO, 0, BYTES("\x17\0\0\0\0" AVCC) },
	{ CME_RTMP_AUDIO, 0, BYTES("\xaf\0\x12\x10") },
	{ CME_RTMP_VIDEO, 0, BYTES("\x17\1\0\0\x28\0\0\0\2\x65\x88") },
	{ CME_RTMP_AUDIO, 10, BYTES("\xaf\1sound") },
	{ CME_RTMP_VIDEO, 40, BYTES("\x27\1\0\0\0\0\0\0\2\x41\x9a") },
};
#define TAPE_LEN (sizeof tape / sizeof tape[0])

struct player {
	struct sink sink;
	char url[128];
	struct cme_cancel cancel;
	struct cme_feed feed;
	struct cme_err err;
	bool rested;
};

static void begin(struct player *player, enum sink_script script)
{
	memset(player, 0, sizeof *player);
	assert_true(sink_start(&player->sink, script, NULL));
	snprintf(player->url, sizeof player->url, "rtmp://127.0.0.1:%d/live/" KEY, player->sink.port);
	cme_cancel_init(&player->cancel);
	player->feed = (struct cme_feed){ .url = player->url, .cancel = &player->cancel };
	player->sink.tape = tape;
	player->sink.tape_len = TAPE_LEN;
}

static void end(struct player *player)
{
	cme_feed_close(&player->feed);
	sink_stop(&player->sink);
}

/* Reads until there are so many packets, or the source ends. Returns how many there were. */
static size_t read_packets(struct player *player, size_t max, int *rc)
{
	struct cme_packet *packet;
	size_t n = 0;

	*rc = 0;
	while (n < max && *rc >= 0) {
		packet = player->feed.ops->next(&player->feed, rc);
		n += packet != NULL;
		cme_packet_unref(packet);
	}
	if (*rc < 0)
		player->feed.ops->fault(&player->feed, *rc, &player->err);
	return n;
}

static void plays_to_the_end(void **state)
{
	struct cme_promise promise;
	struct player player;
	int rc;

	(void)state;
	begin(&player, SINK_GOOD);
	player.sink.tape_ends = true;
	if (cme_feed_open(&player.feed, &player.err) != 0)
		fail_msg("%s", player.err.message);
	assert_false(player.feed.ops->paced(&player.feed));
	assert_int_equal(read_packets(&player, 100, &rc), 3);
	assert_int_equal(rc, CME_END_OVER);
	assert_string_equal(player.err.code, "source.ended");
	assert_non_null(strstr(player.err.message, "/live/***': the source ended"));
	cme_feed_promise(&player.feed, &promise);
	assert_true(promise.made[CME_VIDEO] && promise.made[CME_AUDIO]);
	assert_int_equal(read_packets(&player, 100, &rc), 0); /* and again, nothing */
	assert_int_equal(rc, CME_END_OVER);
	end(&player);
	assert_string_equal(player.sink.key, KEY);
}

/* Plays up to the tape's last packet. */
static void play_all(struct player *player)
{
	int rc;

	assert_int_equal(cme_feed_open(&player->feed, &player->err), 0);
	assert_int_equal(read_packets(player, 3, &rc), 3);
}

static void end_at_rest(void *owner)
{
	struct player *player = owner;

	player->rested = true;
	cme_cancel(&player->cancel);
}

/* Nothing more comes, and the source says that it waits. */
static void expect_rest(struct player *player)
{
	int rc;

	player->feed.rest = end_at_rest;
	player->feed.owner = player;
	assert_int_equal(read_packets(player, 1, &rc), 0);
	assert_true(player->rested);
}

/* By the tape's sounds another is due 10 ms after the last. It does not come: the source says so all the
 * same. */
static void rests_when_what_is_due_does_not_come(void **state)
{
	struct player player;

	(void)state;
	begin(&player, SINK_GOOD);
	play_all(&player);
	expect_rest(&player);
	end(&player);
}

/* A request for another connection, as onStatus. */
static void put_request(struct cme_buf *body, const char *url)
{
	cme_buf_init(body, 4096);
	cme_amf_put_string(body, "onStatus");
	cme_amf_put_number(body, 0);
	cme_amf_put_null(body);
	cme_amf_begin_object(body);
	cme_amf_put_key(body, "code");
	cme_amf_put_string(body, "NetConnection.Connect.ReconnectRequest");
	cme_amf_put_key(body, "tcUrl");
	cme_amf_put_string(body, url);
	cme_amf_end_object(body);
}

/* What came last would go with the next sound. The server sends its players elsewhere before, where nobody
 * answers the handshake of TLS. */
static void rests_before_it_moves(void **state)
{
	struct sink_message moving[TAPE_LEN + 2];
	struct player player;
	struct cme_buf request;
	struct sink silent;
	char url[64];

	(void)state;
	assert_true(sink_start(&silent, SINK_SILENT, NULL));
	snprintf(url, sizeof url, "rtmps://127.0.0.1:%d/live", silent.port);
	put_request(&request, url);
	memcpy(moving, tape, sizeof tape);
	moving[TAPE_LEN] = (struct sink_message){ CME_RTMP_COMMAND, 0, request.data, request.len };
	moving[TAPE_LEN + 1] = tape[3]; /* a keyframe */
	moving[TAPE_LEN + 1].timestamp = 80;
	begin(&player, SINK_GOOD);
	player.sink.tape = moving;
	player.sink.tape_len = TAPE_LEN + 2;
	play_all(&player);
	expect_rest(&player);
	end(&player);
	sink_stop(&silent);
	cme_buf_fini(&request);
}

static void rests_after_an_aggregate_message(void **state)
{
	char tags[TAPE_LEN * SINK_TAG_MAX];
	struct sink_message aggregate = { CME_RTMP_AGGREGATE, 0, tags, 0 };
	struct player player;

	(void)state;
	for (size_t i = 0; i < TAPE_LEN; i++)
		aggregate.len += sink_put_tag(tags + aggregate.len, &tape[i]);
	begin(&player, SINK_GOOD);
	player.sink.tape = &aggregate;
	player.sink.tape_len = 1;
	play_all(&player);
	expect_rest(&player);
	end(&player);
}

static void says_goodbye(void **state)
{
	int64_t give_up_us = cme_now_us() + 20 * CME_SECOND_US;
	struct player player;

	(void)state;
	begin(&player, SINK_GOOD);
	play_all(&player);
	cme_feed_close(&player.feed);
	while (!atomic_load(&player.sink.goodbyes))
		assert_true(cme_now_us() < give_up_us);
	end(&player);
}

static void follows_a_redirect_once(void **state)
{
	struct player player;
	struct sink back;
	int rc;

	(void)state;
	begin(&player, SINK_REDIRECT);
	assert_true(sink_start(&back, SINK_GOOD, NULL));
	back.tape = tape;
	back.tape_len = TAPE_LEN;
	snprintf(player.sink.redirect, sizeof player.sink.redirect, "rtmp://127.0.0.1:%d/other", back.port);
	assert_int_equal(cme_feed_open(&player.feed, &player.err), 0);
	assert_int_equal(read_packets(&player, 3, &rc), 3);
	end(&player);
	sink_stop(&back);
	assert_string_equal(back.key, KEY);
	begin(&player, SINK_REDIRECT);
	snprintf(player.sink.redirect, sizeof player.sink.redirect, "rtmp://127.0.0.1:%d/live",
		 player.sink.port);
	assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
	assert_string_equal(player.err.code, "source.refused");
	end(&player);
	assert_int_equal(player.sink.connections, 2);
}

static void logs_in(void **state)
{
	struct player player;
	int rc;

	(void)state;
	begin(&player, SINK_LOGIN);
	snprintf(player.url, sizeof player.url, "rtmp://u:hush%%21@127.0.0.1:%d/live/" KEY, player.sink.port);
	if (cme_feed_open(&player.feed, &player.err) != 0)
		fail_msg("%s", player.err.message);
	assert_int_equal(read_packets(&player, 3, &rc), 3);
	end(&player);
	assert_int_equal(player.sink.connections, 3);
	assert_non_null(strstr(player.sink.app, "live?authmod=adobe&user=u&challenge="));
	assert_null(strstr(player.sink.app, "hush"));
}

static void says_that_a_login_is_wanted(void **state)
{
	struct player player;

	(void)state;
	begin(&player, SINK_LOGIN);
	assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
	assert_string_equal(player.err.code, "source.refused");
	assert_non_null(strstr(player.err.message, "need auth"));
	end(&player);
	assert_int_equal(player.sink.connections, 1);
}

/* One connection to a server with a certificate of an authority that the player may know. */
static int open_tls(struct player *player, enum sink_script script, struct authority *authority,
		    const char *host, const char *ca_file)
{
	begin(player, script);
	player->sink.tls = authority->server;
	snprintf(player->url, sizeof player->url, "rtmps://%s:%d/live/" KEY, host, player->sink.port);
	player->feed.ca_file = ca_file;
	return cme_feed_open(&player->feed, &player->err);
}

static void verifies_the_chain_and_the_host(void **state)
{
	struct authority authority;
	struct player player;
	int rc;

	(void)state;
	make_authority(&authority);
	if (open_tls(&player, SINK_GOOD, &authority, "127.0.0.1", authority.path) != 0)
		fail_msg("%s", player.err.message);
	assert_int_equal(read_packets(&player, 3, &rc), 3);
	end(&player);
	assert_int_equal(open_tls(&player, SINK_GOOD, &authority, "127.0.0.1", NULL), -1);
	assert_string_equal(player.err.code, "network.tls");
	end(&player);
	assert_int_equal(open_tls(&player, SINK_GOOD, &authority, "localhost", authority.path), -1);
	assert_non_null(strstr(player.err.message, "the certificate was not accepted (hostname mismatch)"));
	end(&player);
	SSL_CTX_free(authority.server);
	unlink(authority.path);
}

static void passes_over_records_without_data(void **state)
{
	struct authority authority;
	struct player player;
	int rc;

	(void)state;
	make_authority(&authority);
	assert_int_equal(open_tls(&player, SINK_UPDATES, &authority, "127.0.0.1", authority.path), 0);
	assert_int_equal(read_packets(&player, 3, &rc), 3);
	end(&player);
	SSL_CTX_free(authority.server);
	unlink(authority.path);
}

static const struct {
	enum sink_script script;
	const char *code;
	const char *words;
} refusals[] = {
	{ SINK_REJECT_CONNECT, "source.refused",
	  "connect: the server refused (NetConnection.Connect.Rejected)" },
	{ SINK_REFUSE_PUBLISH, "source.refused", "play: the server refused (NetStream.Play.StreamNotFound)" },
	{ SINK_HANG_UP, "source.refused", "the server hung up instead of the answer to play" },
	{ SINK_GARBAGE, "network.protocol", "the peer's chunk stream: " },
};

static void says_who_refused_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct player player;

		begin(&player, refusals[i].script);
		assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
		assert_string_equal(player.err.code, refusals[i].code);
		if (!strstr(player.err.message, refusals[i].words) ||
		    strncmp(player.err.message, "open 'rtmp://127.0.0.1:", 23) != 0)
			fail_msg("%s", player.err.message);
		end(&player);
	}
}

static void *cancel_soon(void *arg)
{
	struct player *player = arg;

	while (!atomic_load(&player->sink.connections))
		sched_yield();
	cme_cancel(&player->cancel);
	return NULL;
}

static const enum sink_script silent[] = { SINK_SILENT, SINK_NO_S2, SINK_NO_CONNECT, SINK_NO_PUBLISH };

static void a_cancel_ends_every_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
		struct player player;
		pthread_t thread;

		begin(&player, silent[i]);
		assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &player), 0);
		assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
		pthread_join(thread, NULL);
		end(&player);
	}
}

static void a_server_that_does_not_answer_is_left_in_time(void **state)
{
	struct player player;

	(void)state;
	begin(&player, SINK_NO_PUBLISH);
	assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
	assert_string_equal(player.err.code, "network.timeout");
	assert_non_null(strstr(player.err.message, "the answer to play did not come in time"));
	end(&player);
}

static void media_past_the_limit_end_it(void **state)
{
	static uint8_t large[CME_PACKET_BYTES_MAX + 1] = { 0x17, 1 };
	static const struct sink_message bad = { CME_RTMP_VIDEO, 0, large, sizeof large };
	struct player player;

	(void)state;
	begin(&player, SINK_GOOD);
	player.sink.tape = &bad;
	player.sink.tape_len = 1;
	assert_int_equal(cme_feed_open(&player.feed, &player.err), -1);
	assert_string_equal(player.err.code, "media.too_large");
	end(&player);
}

static void a_picture_that_is_not_read_ends_it(void **state)
{
	static const struct sink_message bad = { CME_RTMP_VIDEO, 0, BYTES("\x12xxx") };
	struct player player;
	int rc;

	(void)state;
	begin(&player, SINK_GOOD);
	player.sink.tape = &bad;
	player.sink.tape_len = 1;
	assert_int_equal(cme_feed_open(&player.feed, &player.err), 0);
	assert_int_equal(read_packets(&player, 1, &rc), 0);
	assert_string_equal(player.err.code, "media.unsupported");
	assert_non_null(strstr(player.err.message, "the picture is Sorenson H.263"));
	end(&player);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_to_the_end),
		cmocka_unit_test(says_goodbye),
		cmocka_unit_test(rests_when_what_is_due_does_not_come),
		cmocka_unit_test(rests_before_it_moves),
		cmocka_unit_test(rests_after_an_aggregate_message),
		cmocka_unit_test(follows_a_redirect_once),
		cmocka_unit_test(verifies_the_chain_and_the_host),
		cmocka_unit_test(passes_over_records_without_data),
		cmocka_unit_test(logs_in),
		cmocka_unit_test(says_that_a_login_is_wanted),
		cmocka_unit_test(says_who_refused_and_why),
		cmocka_unit_test(a_cancel_ends_every_wait),
		cmocka_unit_test(a_server_that_does_not_answer_is_left_in_time),
		cmocka_unit_test(media_past_the_limit_end_it),
		cmocka_unit_test(a_picture_that_is_not_read_ends_it),
	};

	return cmocka_run_group_tests_name("source_rtmp", tests, NULL, NULL);
}

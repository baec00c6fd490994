/* SPDX-License-Identifier: MIT */
#include "session_server.h"

static void publishes_whatever_the_pieces(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 128, 1536, 1537, 100000 };
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		go_live(&session, &server, steps[i]);
		cme_rtmp_session_goodbye(&session);
		listen(&session, &server.reader);
		assert_string_equal(said, "FCUnpublish@0 6;deleteStream@0 7;");
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

static const struct {
	enum cme_rtmp_state at;
	struct answer answer;
	const char *message;
} refusals[] = {
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", "no such app", NULL },
	  "connect: the server refused (NetConnection.Connect.Rejected: no such app)" },
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", NULL, "rtmp://u:p@h2/live/k?x=1" },
	  "connect: the server refused (NetConnection.Connect.Rejected; redirect to "
	  "rtmp://***@h2/live/***)" },
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, NULL, NULL, NULL, NULL },
	  "connect: the server refused (no reason given)" },
	{ CME_RTMP_CREATE,
	  { "_error", 4, 0, "error", NULL, "full", NULL },
	  "createStream: the server refused (full)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "NetStream.Publish.BadName", "Already publishing", NULL },
	  "publish: the server refused (NetStream.Publish.BadName: Already publishing)" },
	{ CME_RTMP_ASKED,
	  { "_error", 5, 0, "error", "NetStream.Publish.Denied", NULL, NULL },
	  "publish: the server refused (NetStream.Publish.Denied)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "X", "stream '" KEY "' or room1 with 1f2e3d4c\n is busy", NULL },
	  "publish: the server refused (X: stream '***' or *** with ***  is busy)" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Unpublish.Success", "stopped by the operator", NULL },
	  "publish: the server refused (NetStream.Unpublish.Success: stopped by the operator)" },
	{ CME_RTMP_LIVE,
	  { "close", 0, 0, NULL, NULL, NULL, NULL },
	  "publish: the server refused (no reason given)" },
};

static void says_who_refused_and_why_without_the_key(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		reach(&session, &server, refusals[i].at);
		send_answer(&server, &refusals[i].answer, i % 2 ? CME_RTMP_COMMAND_AMF3 : CME_RTMP_COMMAND);
		assert_int_equal(deliver(&session, &server, 3, &err), -1);
		assert_string_equal(err.code, "publish.refused");
		assert_string_equal(err.message, refusals[i].message);
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

static const struct answer harmless[] = {
	{ "_error", 2, 0, "error", "NetConnection.Call.Failed", "releaseStream", NULL },
	{ "_error", 3, 0, "error", "NetConnection.Call.Failed", "FCPublish", NULL },
	{ "onFCPublish", 0, 0, "status", "NetStream.Publish.Start", NULL, NULL },
	{ "onBWDone", 0, 0, NULL, NULL, NULL, NULL },
	{ "_result", 99, 3, NULL, NULL, NULL, NULL },
	{ "_result", 1, 3, NULL, NULL, NULL, NULL }, /* connect was answered before */
	{ "_error", -1, 3, NULL, NULL, NULL, NULL },
	{ "onStatus", 0, 0, "status", "NetStream.Publish.Start", "before its time", NULL },
};

static const struct {
	const char *url, *words, *shown;
} quotes[] = {
	{ "rtmp://h/live?auth=5ecre7/room", "no live?auth=5ecre7 (rtmp://h/live?auth=5ecre7) for room",
	  "no live?auth=*** (rtmp://h/live?auth=***) for ***" },
	{ "rtmp://h/live?t=1&auth=5ecre7", "no app 'live?t=1&auth=5ecre7'", "no app '***'" },
	{ "rtmp://user1:5ecre7@h/live/room", "user1 with 5ecre7 has no room", "*** with *** has no ***" },
};

static void shows_nothing_secret_of_the_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
		struct answer no = { "_error", 1, 0, "error", NULL, quotes[i].words, NULL };
		struct cme_rtmp_session session;
		struct server server;
		struct cme_err err;
		char text[256];

		begin(&session, &server);
		assert_int_equal(cme_rtmp_url_parse(&session.url, quotes[i].url, &err), 0);
		shake_hands(&session, &server, 4096);
		send_answer(&server, &no, CME_RTMP_COMMAND);
		assert_int_equal(deliver(&session, &server, 4096, &err), -1);
		snprintf(text, sizeof text, "connect: the server refused (%s)", quotes[i].shown);
		assert_string_equal(err.message, text);
		end(&session, &server);
	}
}

static void keeps_no_secret_after_its_end(void **state)
{
	static const struct cme_rtmp_url none;
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	reach(&session, &server, CME_RTMP_LIVE);
	snprintf(session.login, sizeof session.login, "?user=u&response=r");
	end(&session, &server);
	assert_memory_equal(&session.url, &none, sizeof none);
	assert_string_equal(session.login, "");
}

static void passes_over_what_means_no_harm(void **state)
{
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	reach(&session, &server, CME_RTMP_CREATE);
	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
		expect_answered(&session, &server, &harmless[i], 4096, CME_RTMP_CREATE);
	assert_string_equal(said, "");
	end(&session, &server);
}

static void answers_pings_windows_and_bandwidth(void **state)
{
	static uint8_t audio[20000];
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	reach(&session, &server, CME_RTMP_LIVE);
	send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x06\x00\x01\x02\x03", 6);
	send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x00\x00\x00\x00\x07", 6); /* stream begin */
	send_number(&server, CME_RTMP_SET_PEER_BANDWIDTH, 2500000);
	send_number(&server, CME_RTMP_SET_PEER_BANDWIDTH, 2500000);
	send_number(&server, CME_RTMP_ACKNOWLEDGEMENT, 4711);
	assert_int_equal(deliver(&session, &server, 4096, &err), 0);
	listen(&session, &server.reader);
	assert_string_equal(said, "pong 66051;window 2500000;");
	assert_int_equal(session.acked, 4711);
	send_number(&server, CME_RTMP_WINDOW_ACK_SIZE, 10000);
	send_raw(&server, CME_RTMP_AUDIO, audio, sizeof audio);
	assert_int_equal(deliver(&session, &server, 1000, &err), 0);
	assert_non_null(strstr((listen(&session, &server.reader), said), "ack "));
	end(&session, &server);
}

static const struct {
	const char *what;
	uint8_t type;
	const char *data;
	size_t len;
	const char *message;
} garbage[] = {
	{ "no name", CME_RTMP_COMMAND, "", 0, "a command of the server is malformed" },
	{ "cut name", CME_RTMP_COMMAND, "\x02\x00\x09_res", 7, "a command of the server is malformed" },
	{ "a number for a name", CME_RTMP_COMMAND, "\x00\x40\x10\x00\x00\x00\x00\x00\x00", 9,
	  "a command of the server is malformed" },
	{ "created without an id", CME_RTMP_COMMAND,
	  "\x02\x00\x07_result\x00\x40\x10\x00\x00\x00\x00\x00\x00\x05\x05", 21,
	  "createStream: the answer has no stream id" },
	{ "created with a wild id", CME_RTMP_COMMAND,
	  "\x02\x00\x07_result\x00\x40\x10\x00\x00\x00\x00\x00\x00\x05\x00\x7f\xf8\x00\x00\x00\x00\x00\x00",
	  29, "createStream: the answer has no stream id" },
};

static void ends_on_garbage(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		reach(&session, &server, CME_RTMP_CREATE);
		send_raw(&server, garbage[i].type, garbage[i].data, garbage[i].len);
		assert_int_equal(deliver(&session, &server, 4096, &err), -1);
		assert_string_equal(err.code, "network.protocol");
		assert_string_equal(err.message, garbage[i].message);
		end(&session, &server);
	}
	begin(&session, &server);
	cme_rtmp_session_start(&session);
	assert_int_equal(cme_rtmp_session_feed(&session, (const uint8_t *)"HTTP/1.1", 8, &err), -1);
	assert_string_equal(err.message, "the server does not speak RTMP");
	end(&session, &server);
}

static void ends_with_a_peer_that_asks_and_does_not_read(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;
	int rc = 0;

	(void)state;
	reach(&session, &server, CME_RTMP_LIVE);
	for (int i = 0; i < 10000 && rc == 0; i++) {
		send_raw(&server, CME_RTMP_USER_CONTROL, "\x00\x06\x00\x00\x00\x01", 6);
		rc = deliver(&session, &server, 4096, &err);
	}
	assert_int_equal(rc, -1);
	assert_string_equal(err.message, "the server asks for more than it reads");
	end(&session, &server);
}

/* ---- playing */

static void notes_a_request_to_reconnect(void **state)
{
	static const char *const where[] = { "rtmp://else/live", NULL };
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cme_buf body;

		begin(&session, &server);
		go_live(&session, &server, 4096);
		assert_false(session.reconnect);
		cme_buf_init(&body, 4096);
		cme_amf_put_string(&body, "onStatus");
		cme_amf_put_number(&body, 0);
		cme_amf_put_null(&body);
		cme_amf_begin_object(&body);
		cme_amf_put_key(&body, "code");
		cme_amf_put_string(&body, "NetConnection.Connect.ReconnectRequest");
		cme_amf_put_key(&body, "level");
		cme_amf_put_string(&body, "status");
		if (where[i]) {
			cme_amf_put_key(&body, "tcUrl");
			cme_amf_put_string(&body, where[i]);
		}
		cme_amf_end_object(&body);
		cme_chunk_write(&server.out,
				&(struct cme_chunk_message){ .csid = 3,
							     .type = CME_RTMP_COMMAND,
							     .data = (const uint8_t *)body.data,
							     .len = body.len },
				CME_CHUNK_SIZE_FIRST);
		cme_buf_fini(&body);
		assert_int_equal(cme_rtmp_session_feed(&session, (const uint8_t *)server.out.data,
						       server.out.len, &err),
				 0);
		assert_true(session.reconnect);
		assert_int_equal(session.state, CME_RTMP_LIVE);
		assert_string_equal(session.redirect, where[i] ? where[i] : "");
		end(&session, &server);
	}
}

/* Media of a session, one letter a message, read in pieces of `step` bytes. */
static void read_media(struct cme_rtmp_session *session, struct server *server, size_t step, char *types)
{
	struct cme_chunk_message message;
	struct cme_err err;
	int rc;

	for (size_t at = 0; at < server->out.len; at += step) {
		size_t left = server->out.len - at;
		const uint8_t *data = (const uint8_t *)server->out.data + at;
		size_t len = left < step ? left : step;

		while ((rc = cme_rtmp_session_read(session, &data, &len, &message, &err)) == 1) {
			*types++ = (char)('a' + message.type);
			assert_true(message.len == 0 || message.data[message.len - 1] == 'z');
		}
		assert_int_equal(rc, 0);
		assert_int_equal(len, 0);
	}
	*types = '\0';
	cme_buf_reset(&server->out);
}

static void hands_out_media_one_by_one(void **state)
{
	static uint8_t picture[70000];
	struct cme_rtmp_session session;
	struct server server;
	char types[64];

	(void)state;
	picture[sizeof picture - 1] = 'z';
	for (size_t step = 1; step < 100000; step = 3 * step + 1) {
		reach_play(&session, &server, CME_RTMP_ASKED);
		send_number(&server, CME_RTMP_WINDOW_ACK_SIZE, 20000);
		send_raw(&server, CME_RTMP_DATA, "z", 1);
		send_raw(&server, CME_RTMP_AUDIO, "", 0);
		send_raw(&server, CME_RTMP_USER_CONTROL, "\0\6\0\0\0\1", 6);
		send_raw(&server, CME_RTMP_VIDEO, picture, sizeof picture);
		send_answer(&server, &playing, CME_RTMP_COMMAND);
		send_raw(&server, CME_RTMP_AGGREGATE, "z", 1);
		read_media(&session, &server, step, types);
		assert_string_equal(types, "sijw");
		assert_int_equal(session.state, CME_RTMP_LIVE);
		assert_non_null(strstr((listen(&session, &server.reader), said), "ack "));
		end(&session, &server);
	}
}

static void passes_over_media_before_it_asked(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	char types[8];

	(void)state;
	reach_play(&session, &server, CME_RTMP_CREATE);
	send_raw(&server, CME_RTMP_AUDIO, "z", 1);
	read_media(&session, &server, 4096, types);
	assert_string_equal(types, "");
	assert_int_equal(session.state, CME_RTMP_CREATE);
	end(&session, &server);
}

static const struct {
	enum cme_rtmp_state at;
	struct answer answer;
	const char *code;
	const char *message;
} ends[] = {
	{ CME_RTMP_CONNECT,
	  { "_error", 1, 0, "error", "NetConnection.Connect.Rejected", "no such app", NULL },
	  "source.refused",
	  "connect: the server refused (NetConnection.Connect.Rejected: no such app)" },
	{ CME_RTMP_ASKED,
	  { "onStatus", 0, 0, "error", "NetStream.Play.StreamNotFound", "No such stream: " KEY, NULL },
	  "source.refused",
	  "play: the server refused (NetStream.Play.StreamNotFound: No such stream: ***)" },
	{ CME_RTMP_ASKED,
	  { "_error", 5, 0, "error", "NetStream.Play.Failed", NULL, NULL },
	  "source.refused",
	  "play: the server refused (NetStream.Play.Failed)" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Play.UnpublishNotify", "gone", NULL },
	  "source.ended",
	  "the source ended" },
	{ CME_RTMP_LIVE,
	  { "onStatus", 0, 0, "status", "NetStream.Play.Stop", NULL, NULL },
	  "source.ended",
	  "the source ended" },
};

static void says_why_it_does_not_play(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		reach_play(&session, &server, ends[i].at);
		send_answer(&server, &ends[i].answer, CME_RTMP_COMMAND);
		assert_int_equal(deliver(&session, &server, 3, &err), -1);
		assert_string_equal(err.code, ends[i].code);
		assert_string_equal(err.message, ends[i].message);
		assert_int_equal(session.state, CME_RTMP_ENDED);
		end(&session, &server);
	}
}

static void refuses_media_past_the_limit(void **state)
{
	static uint8_t picture[MESSAGE_MAX + 1];
	struct cme_rtmp_session session;
	struct server server;
	struct cme_err err;

	(void)state;
	reach_play(&session, &server, CME_RTMP_LIVE);
	send_raw(&server, CME_RTMP_VIDEO, picture, sizeof picture);
	assert_int_equal(deliver(&session, &server, 4096, &err), -1);
	assert_string_equal(err.code, "media.too_large");
	assert_string_equal(err.message, "a message of 100001 bytes (at most 100000 are relayed)");
	end(&session, &server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(publishes_whatever_the_pieces),
		cmocka_unit_test(notes_a_request_to_reconnect),
		cmocka_unit_test(says_who_refused_and_why_without_the_key),
		cmocka_unit_test(shows_nothing_secret_of_the_url),
		cmocka_unit_test(keeps_no_secret_after_its_end),
		cmocka_unit_test(passes_over_what_means_no_harm),
		cmocka_unit_test(answers_pings_windows_and_bandwidth),
		cmocka_unit_test(ends_on_garbage),
		cmocka_unit_test(ends_with_a_peer_that_asks_and_does_not_read),
		cmocka_unit_test(hands_out_media_one_by_one),
		cmocka_unit_test(passes_over_media_before_it_asked),
		cmocka_unit_test(says_why_it_does_not_play),
		cmocka_unit_test(refuses_media_past_the_limit),
	};

	return cmocka_run_group_tests_name("rtmp_session", tests, NULL, NULL);
}

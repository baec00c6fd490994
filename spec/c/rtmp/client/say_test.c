/* SPDX-License-Identifier: MIT */
#include "rtmp/client/say.h"

#include "../session_server.h"

/* The body of the connect command a fresh session sends; valid until the end. */
static struct cme_chunk_message read_connect(struct cme_rtmp_session *session, struct server *server,
					     bool enhanced)
{
	struct cme_chunk_message message;
	const uint8_t *data;
	size_t len;

	begin(session, server);
	session->enhanced = enhanced;
	shake_hands(session, server, 4096);
	data = (const uint8_t *)session->out.data;
	len = session->out.len;
	assert_int_equal(cme_chunk_read(&server->reader, &data, &len, &message, NULL), 1);
	assert_int_equal(len, 0);
	return message;
}

static void says_in_connect_what_platforms_expect(void **state)
{
	static const char expected[] = "\x02\x00\x07"
				       "connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x03\x00\x03"
				       "app\x02\x00\x04"
				       "live\x00\x04type\x02\x00\x0anonprivate\x00\x08"
				       "flashVer\x02\x00";
	static const char rest[] = "FMLE/3.0 (compatible; cme/" CME_VERSION ")\x00\x05"
				   "tcUrl\x02\x00\x0drtmp://h/live\x00\x00\x09";
	struct cme_rtmp_session session;
	struct server server;
	struct cme_chunk_message connect = read_connect(&session, &server, false);

	(void)state;
	assert_int_equal(connect.len, sizeof expected - 1 + 1 + sizeof rest - 1);
	assert_memory_equal(connect.data, expected, sizeof expected - 1);
	assert_memory_equal(connect.data + sizeof expected, rest, sizeof rest - 1);
	end(&session, &server);
}

static void announces_enhanced_rtmp_where_it_is_wanted(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_amf_value name, id, object, list, caps;

	(void)state;
	for (int enhanced = 0; enhanced < 2; enhanced++) {
		struct cme_chunk_message connect = read_connect(&session, &server, enhanced);
		size_t at = cme_amf_read(connect.data, connect.len, &name);

		at += cme_amf_read(connect.data + at, connect.len - at, &id);
		assert_int_not_equal(cme_amf_read(connect.data + at, connect.len - at, &object), 0);
		assert_int_equal(cme_amf_find(&object, "fourCcList", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "videoFourCcInfoMap", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "audioFourCcInfoMap", &list), enhanced);
		assert_int_equal(cme_amf_find(&object, "capsEx", &caps), enhanced);
		if (enhanced)
			assert_true(caps.number == 1); /* it can reconnect, and reads no media */
		end(&session, &server);
	}
}

static void asks_to_play(void **state)
{
	struct cme_rtmp_session session;
	struct server server;

	(void)state;
	reach_play(&session, &server, CME_RTMP_CREATE);
	assert_string_equal(said, "window 2500000;createStream@0 4;");
	assert_string_equal(cme_rtmp_session_waiting(&session), "the answer to createStream");
	expect_answered(&session, &server, &created, 4096, CME_RTMP_ASKED);
	assert_string_equal(said, "play@7 5;pong 7;"); /* an event with the stream's id: its buffer */
	assert_string_equal(cme_rtmp_session_waiting(&session), "the answer to play");
	expect_answered(&session, &server, &playing, 4096, CME_RTMP_LIVE);
	cme_rtmp_session_goodbye(&session);
	listen(&session, &server.reader);
	assert_string_equal(said, "deleteStream@0 7;");
	end(&session, &server);
}

/* Enhanced RTMP v2: the list for servers of v1, the maps for those of v2. */
static void announces_what_it_reads(void **state)
{
	struct cme_rtmp_session session;
	struct server server;
	struct cme_chunk_message connect;
	struct cme_amf_value name, id, object, list, map, any, caps;
	const uint8_t *data;
	size_t len, at;

	(void)state;
	begin_as(&session, &server, true);
	shake_hands(&session, &server, 4096);
	data = (const uint8_t *)session.out.data;
	len = session.out.len;
	assert_int_equal(cme_chunk_read(&server.reader, &data, &len, &connect, NULL), 1);
	at = cme_amf_read(connect.data, connect.len, &name);
	at += cme_amf_read(connect.data + at, connect.len - at, &id);
	assert_int_not_equal(cme_amf_read(connect.data + at, connect.len - at, &object), 0);
	assert_false(cme_amf_find(&object, "type", &any));
	assert_true(cme_amf_find(&object, "fourCcList", &list));
	assert_memory_equal(list.data, "\0\0\0\x0b\2\0\4avc1\2\0\4hvc1\2\0\4av01", 25);
	assert_true(cme_amf_find(&object, "audioFourCcInfoMap", &map));
	assert_true(cme_amf_find(&map, "*", &any));
	assert_true(any.number == 4);
	assert_true(cme_amf_find(&object, "capsEx", &caps));
	assert_true(caps.number == 15);
	end(&session, &server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_in_connect_what_platforms_expect),
		cmocka_unit_test(announces_enhanced_rtmp_where_it_is_wanted),
		cmocka_unit_test(asks_to_play),
		cmocka_unit_test(announces_what_it_reads),
	};

	return cmocka_run_group_tests_name("rtmp_say", tests, NULL, NULL);
}

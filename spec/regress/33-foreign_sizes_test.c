/* SPDX-License-Identifier: MIT
 *
 * FLV tags of 15 MB and playlists of a million entries went into libavformat whole: gigabytes for a source
 * that anybody may answer. They are judged as they pass, split anywhere.
 */
#include "relay/source/av/m3u8.h"
#include "stream/tags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FLV_HEADER "FLV\1\5\0\0\0\x09\0\0\0\0"

struct row {
	const char *what;
	const char *bytes;
	size_t len;
	const char *code; /* NULL: passes */
	const char *message;
	const char *sound;
};

#define TAG(type, size, body) type "\0\0" size "\0\0\0\0\0\0\0" body "\0\0\0\0"
#define ROW(what, bytes, ...)                                                                 \
	{                                                                                     \
		what, FLV_HEADER bytes, sizeof FLV_HEADER - 1 + sizeof bytes - 1, __VA_ARGS__ \
	}

static const struct row rows[] = {
	ROW("H.264", TAG("\x09", "\x06", "\x17\0\0\0\0x"), NULL, NULL, ""),
	ROW("nothing in it", TAG("\x09", "\0", ""), NULL, NULL, ""),
	ROW("a command frame", TAG("\x09", "\x02", "\x5c\0"), NULL, NULL, ""),
	ROW("metadata of any kind", TAG("\x12", "\x02", "\x1c\x0c"), NULL, NULL, ""),
	ROW("the second tag", TAG("\x08", "\x02", "\xaf\0") TAG("\x09", "\x06", "\x1c\0\0\0\0x"),
	    "media.unsupported", "the picture is HEVC as FLV codec id 12 (send H.264)", ""),
	ROW("HEVC", TAG("\x09", "\x06", "\x90hvc1x"), "media.unsupported",
	    "the picture is HEVC as Enhanced RTMP (send H.264)", ""),
	ROW("AV1, a coded picture",
	    TAG("\x09", "\x06",
		"\xa3"
		"av01x"),
	    "media.unsupported", "the picture is AV1 as Enhanced RTMP (send H.264)", ""),
	ROW("several tracks", TAG("\x09", "\x07", "\x96\0vp09x"), "media.unsupported",
	    "the picture is VP9 as Enhanced RTMP (send H.264)", ""),
	ROW("an unknown one", TAG("\x09", "\x06", "\x90xyz1x"), "media.unsupported",
	    "the picture is a codec as Enhanced RTMP (send H.264)", ""),
	ROW("too short to say", TAG("\x09", "\x02", "\x90h"), "media.unsupported",
	    "the picture is a codec as Enhanced RTMP (send H.264)", ""),
	ROW("an old one", TAG("\x09", "\x02", "\x24x"), "media.unsupported",
	    "the picture is VP6 (send H.264)", ""),
	ROW("an id nobody knows", TAG("\x09", "\x02", "\x2fx"), "media.unsupported",
	    "the picture is FLV codec id 15 (send H.264)", ""),
	ROW("sound", TAG("\x08", "\x05", "\x90Opus"), NULL, NULL, "Opus as Enhanced RTMP"),
	ROW("sound of several tracks", TAG("\x08", "\x06", "\x95\0fLaC"), NULL, NULL,
	    "FLAC as Enhanced RTMP"),
	ROW("a picture's packet type 5", TAG("\x09", "\x05", "\x95hvc1"), "media.unsupported",
	    "the picture is HEVC as Enhanced RTMP (send H.264)", ""),
	ROW("sound that changes", TAG("\x08", "\x01", "\xb2") TAG("\x08", "\x02", "\xaf\x01"), NULL, NULL,
	    ""),
	ROW("16 MB", "\x09\xff\xff\xff\0\0\0\0\0\0\0\x17\1\0\0\0x", "media.too_large",
	    "an FLV tag of 16777215 bytes (at most 1000 are relayed)", ""),
};

static void feed(const struct row *row, size_t step)
{
	struct cme_err err = { 0 };
	struct cme_tags tags;
	uint8_t bytes[128];
	int rc = 0;

	assert_true(row->len <= sizeof bytes);
	memcpy(bytes, row->bytes, row->len);
	cme_tags_init(&tags, 1000);
	for (size_t at = 0; rc == 0 && at < row->len; at += step)
		rc = cme_tags_feed(&tags, bytes + at, row->len - at < step ? row->len - at : step, &err);
	if (rc != (row->code ? -1 : 0) || strcmp(err.message, row->code ? row->message : "") != 0)
		fail_msg("%s, %zu at a time: %d, '%s'", row->what, step, rc, err.message);
	assert_string_equal(err.code, row->code ? row->code : "");
	assert_string_equal(tags.sound, row->sound);
}

static void tags_are_judged_by_their_first_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t step = 1; step < 40; step++)
			feed(&rows[i], step);
}

static size_t cost_of(const char *text, size_t len, size_t base_len, size_t step)
{
	struct cme_m3u8 m3u8;

	cme_m3u8_init(&m3u8, base_len);
	for (size_t at = 0; at < len; at += step)
		cme_m3u8_feed(&m3u8, (const uint8_t *)text + at, len - at < step ? len - at : step);
	return m3u8.cost;
}

static size_t cost(const char *text, size_t base_len, size_t step)
{
	return cost_of(text, strlen(text), base_len, step);
}

/* What makes libavformat allocate makes the cost grow, by as much at least. */
static void playlists_cost_what_they_make_allocate(void **state)
{
	static const char segment[] = "#EXTINF:2,\ns.ts\n";
	static const char by_nul[] = "#EXTM3U\n#EXTINF:2,\0s.ts\0#EXTINF:2,\0s.ts\0";

	(void)state;
	for (size_t step = 1; step < 20; step++) {
		assert_int_equal(cost("#EXTM3U\n\n#EXT-X-TARGETDURATION:2\r\n", 100, step), 0);
		assert_true(cost(segment, 100, step) >= 200);
		assert_true(cost(segment, 4000, step) >= 4000);
		assert_true(cost_of(by_nul, sizeof by_nul - 1, 4000, step) >= 8000);
		assert_true(cost("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:2,\ns.ts\n", 4000, step) >=
			    8000);
		assert_true(cost("#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n", 0, step) >= 8192);
		assert_true(cost("#EXT-X-MEDIA:TYPE=AUDIO,URI=\"a\"\n", 0, step) >= 8192);
		assert_true(cost("#EXT-X-MAP:URI=\"m.mp4\"\n", 4000, step) >= 4000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_judged_by_their_first_bytes),
		cmocka_unit_test(playlists_cost_what_they_make_allocate),
	};

	return cmocka_run_group_tests_name("33-foreign_sizes", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * A file of FLV as a source: its packets, its end, and what is no file of FLV.
 */
#include "relay/source/flv/flv_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD                "FLV\1\5\0\0\0\x09\0\0\0\0"
#define AVCC                "\1\x42\xc0\x1e\xff\xe1\0\5\x67\x42\xc0\x1e\xaa\1\0\2\x68\xce"
#define TAG(type, size, at) type "\0\0" size "\0\0" at "\0\0\0\0"
#define TRAILER             "\0\0\0\0"
#define VIDEO_HEADER        TAG("\x09", "\x17", "\0") "\x17\0\0\0\0" AVCC TRAILER
#define PICTURE             TAG("\x09", "\x0b", "\x28") "\x17\1\0\0\0\0\0\0\2\x65\x88" TRAILER

static struct cme_cancel cancel;
static char path[64], url[80];

static void write_file(const char *bytes, size_t len)
{
	int fd;

	snprintf(path, sizeof path, "/tmp/cme-flv-file-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	snprintf(url, sizeof url, "flv:%s", path);
}

static struct cme_feed feed_of(void)
{
	cme_cancel_init(&cancel);
	return (struct cme_feed){ .url = url, .cancel = &cancel, .ops = &cme_source_flv_file };
}

/* How many packets come before the end, whose code is *rc. */
static int read_all(struct cme_feed *feed, int *rc)
{
	int count = 0;

	*rc = 0;
	while (*rc == 0) {
		struct cme_packet *packet = cme_source_flv_file.next(feed, rc);

		count += packet != NULL;
		cme_packet_unref(packet);
	}
	return count;
}

static void gives_its_packets_and_ends(void **state)
{
	static const char bytes[] = HEAD VIDEO_HEADER PICTURE PICTURE;
	struct cme_feed feed = feed_of();
	struct cme_err err;
	int rc;

	(void)state;
	write_file(bytes, sizeof bytes - 1);
	assert_int_equal(cme_source_flv_file.open(&feed, &err), 0);
	unlink(path);
	assert_true(cme_source_flv_file.paced(&feed));
	assert_int_equal(read_all(&feed, &rc), 2);
	assert_int_equal(rc, CME_END_OVER);
	cme_source_flv_file.close(&feed);
}

static const struct {
	const char *what;
	const char *bytes;
	size_t len;
	const char *code;
	const char *words;
} broken[] = {
	{ "a picture file", "\x89PNG\r\n\x1a\n0123456789", 18, "media.unsupported", "not a stream" },
	{ "nothing", "", 0, "source.ended", "" },
	{ "a head alone", HEAD, sizeof HEAD - 1, "source.ended", "no pictures and no sound" },
	{ "pictures without a header", HEAD PICTURE PICTURE, sizeof HEAD PICTURE PICTURE - 1,
	  "media.unsupported", "H.264 without a sequence header" },
	{ "a tag that is too large", HEAD "\x09\xff\xff\xff\0\0\0\0\0\0\0", sizeof HEAD - 1 + 11,
	  "media.too_large", "" },
};

static void says_what_is_wrong_with_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct cme_feed feed = feed_of();
		struct cme_err err;
		int rc;

		write_file(broken[i].bytes, broken[i].len);
		assert_int_equal(cme_source_flv_file.open(&feed, &err), 0);
		unlink(path);
		assert_int_equal(read_all(&feed, &rc), 0);
		cme_source_flv_file.fault(&feed, rc, &err);
		if (strcmp(err.code, broken[i].code) != 0 || !strstr(err.message, broken[i].words))
			fail_msg("%s: %s: %s", broken[i].what, err.code, err.message);
		cme_source_flv_file.close(&feed);
	}
}

static void opens_regular_files_alone(void **state)
{
	struct cme_feed feed = feed_of();
	struct cme_err err;

	(void)state;
	write_file("", 0);
	unlink(path);
	assert_int_equal(cme_source_flv_file.open(&feed, &err), -1);
	assert_string_equal(err.code, "source.refused");
	cme_source_flv_file.close(&feed);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(cme_source_flv_file.open(&feed, &err), -1);
	assert_non_null(strstr(err.message, "not a regular file"));
	cme_source_flv_file.close(&feed);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gives_its_packets_and_ends),
					    cmocka_unit_test(says_what_is_wrong_with_a_file),
					    cmocka_unit_test(opens_regular_files_alone) };

	return cmocka_run_group_tests_name("flv_file", tests, NULL, NULL);
}

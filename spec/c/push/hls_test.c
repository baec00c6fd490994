/* SPDX-License-Identifier: MIT
 *
 * What stands in the folder after so many packets: 25 pictures and 50 sounds a second.
 */
#include "push/hls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "push/playlist.h"

#define PICTURES    25 /* a second */
#define PICTURE_US  (CME_SECOND_US / PICTURES)
#define SOUND_US    (PICTURE_US / 2)
#define BEGIN_US    (100 * CME_SECOND_US) /* a broadcast runs when it is looked at */
#define PAYLOAD_MAX 64
#define AVCC        "01640016ffe100046764001601000468ee3cb0"
#define VIDEO       "\"video\":{\"codec\":\"h264\",\"width\":320,\"height\":180,\"extradata\":\"" AVCC "\"}"
#define AUDIO       "\"audio\":{\"codec\":\"aac\",\"sample_rate\":48000,\"channels\":2,\"extradata\":\"1190\"}"

static char folder[] = "/tmp/cme-hls-XXXXXX";
static char text[CME_PLAYLIST_MAX];
static struct cme_push_task task;
static struct cme_push_hls hls;
static struct cme_err err;

/* ---- the folder */

static void path_of(const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", folder, name);
}

/* Removes all files; returns how many there were. */
static int empty(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];
	int count = 0;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			path_of(entry->d_name, path);
			unlink(path);
			count++;
		}
	if (dir)
		closedir(dir);
	return count;
}

static int count_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

static size_t load(const char *name, char *out, size_t size)
{
	char path[PATH_MAX];
	FILE *file;
	size_t len;

	path_of(name, path);
	file = fopen(path, "rb");
	if (!file)
		return 0;
	len = fread(out, 1, size - 1, file);
	fclose(file);
	out[len] = '\0';
	return len;
}

static const char *playlist(void)
{
	assert_int_not_equal(load("index.m3u8", text, sizeof text), 0);
	return text;
}

static int occurrences(const char *in, const char *what)
{
	int count = 0;

	for (const char *at = strstr(in, what); at; at = strstr(at + 1, what))
		count++;
	return count;
}

/* ---- packets */

static int open_task(const char *streams)
{
	char line[1024];

	snprintf(line, sizeof line, "{\"url\":\"hls:%s\",\"container\":\"hls\",%s}", folder, streams);
	assert_int_equal(cme_push_task_init(&task, json_loads(line, 0, NULL), &err), 0);
	return cme_push_hls_open(&hls, &task, &err);
}

static int write_one(int kind, int64_t us, bool key, const char *extradata)
{
	AVPacket *av = av_packet_alloc();
	size_t size = extradata ? strlen(extradata) : 0;
	int rc;

	assert_int_equal(av_new_packet(av, PAYLOAD_MAX), 0);
	memset(av->data, 0, PAYLOAD_MAX);
	av->data[3] = PAYLOAD_MAX - 4; /* a unit with its length, of which the rest says its time */
	snprintf((char *)av->data + 4, PAYLOAD_MAX - 4, "e%d at %" PRId64, kind, us);
	av->stream_index = kind;
	av->dts = av->pts = BEGIN_US + us;
	av->flags = key ? AV_PKT_FLAG_KEY : 0;
	if (size)
		memcpy(av_packet_new_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, size), extradata, size);
	rc = cme_push_hls_write(&hls, av, &err);
	av_packet_free(&av);
	return rc;
}

/* Pictures and sound of this time, with a keyframe each `gop` pictures. */
static void write_seconds(double from, double to, int gop)
{
	for (int i = (int)(from * PICTURES); i < (int)(to * PICTURES); i++) {
		assert_int_equal(write_one(CME_VIDEO, i * PICTURE_US, i % gop == 0, NULL), 0);
		for (int j = 0; j < 2 && task.par[CME_AUDIO]; j++)
			assert_int_equal(write_one(CME_AUDIO, i * PICTURE_US + j * SOUND_US, true, NULL), 0);
	}
}

/* ---- around each test */

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "%s", "/tmp/cme-hls-XXXXXX");
	hls = (struct cme_push_hls){ .fd = -1 };
	task = (struct cme_push_task){ 0 };
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	cme_push_hls_close(&hls);
	cme_push_task_fini(&task);
	empty();
	rmdir(folder);
	return 0;
}

/* ---- tests */

static void test_a_segment_begins_with_each_keyframe(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0, 3.04, PICTURES);
	assert_int_equal(occurrences(playlist(), "#EXTINF:1.00000"),
			 2); /* the third is told with the next part */
	assert_int_equal(occurrences(text, "INDEPENDENT=YES"), 3);
	assert_int_equal(occurrences(text, "#EXT-X-MAP"), 1);
	assert_int_equal(occurrences(text, "#EXT-X-DISCONTINUITY\n"), 0);
	write_seconds(3.04, 4.04, PICTURES);
	assert_int_equal(occurrences(playlist(), "#EXTINF:1.00000"), 3);
}

static void test_what_lies_before_the_first_keyframe_is_left_out(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0.04, 0.96, PICTURES);
	assert_int_equal(count_files(), 0);
	write_seconds(1, 1.04, PICTURES);
	assert_int_equal(write_one(CME_AUDIO, 0, true, NULL), 0); /* late, and of before */
	assert_int_equal(count_files(), 1);                       /* what decoders have to know */
	assert_int_equal(hls.base_us, BEGIN_US + CME_SECOND_US);
}

/* Appends a file of the folder to another. */
static void append(int to, const char *name)
{
	static char bytes[64 * 1024];
	size_t len = load(name, bytes, sizeof bytes);

	assert_int_not_equal(len, 0);
	assert_int_equal(write(to, bytes, len), (ssize_t)len);
}

/* All that was written, as one file. */
static void join(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char name[64];

	snprintf(name, sizeof name, "%" PRId64 ".mp4", hls.epoch);
	append(fd, name);
	for (unsigned i = 0; i < hls.count; i++)
		for (unsigned part = 0; part < hls.segments[i].parts; part++) {
			snprintf(name, sizeof name, "%" PRId64 ".%u.m4s", hls.segments[i].number, part);
			append(fd, name);
		}
	close(fd);
}

/* The next of a stream has the payload and the time that it was given. */
static void check_packet(const AVFormatContext *in, const AVPacket *av, int64_t next_us[CME_STREAMS])
{
	int kind = in->streams[av->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? CME_VIDEO
											     : CME_AUDIO;
	int64_t us =
		av_rescale_q(av->dts, in->streams[av->stream_index]->time_base, (AVRational){ 1, 1000000 });
	char expected[PAYLOAD_MAX];

	snprintf(expected, sizeof expected, "e%d at %" PRId64, kind, next_us[kind]);
	assert_int_equal(av->size, PAYLOAD_MAX);
	assert_string_equal((const char *)av->data + 4, expected);
	assert_int_equal(us, next_us[kind]);
	next_us[kind] += kind == CME_VIDEO ? PICTURE_US : SOUND_US;
}

/* How many packets of a kind all parts have, each at the time that it was given. */
static int count_packets(int kind)
{
	AVFormatContext *in = NULL;
	AVPacket *av = av_packet_alloc();
	char path[PATH_MAX];
	int count = 0;

	path_of("all.mp4", path);
	join(path);
	assert_int_equal(avformat_open_input(&in, path, NULL, NULL), 0);
	while (av_read_frame(in, av) >= 0) {
		const AVStream *stream = in->streams[av->stream_index];
		int64_t us = av_rescale_q(av->dts, stream->time_base, (AVRational){ 1, 1000000 });
		int64_t given_us = 0;
		int given_kind = -1;

		sscanf((const char *)av->data + 4, "e%d at %" SCNd64, &given_kind, &given_us);
		assert_in_range(us - given_us + 100, 0,
				200); /* a tick of 90 kHz is no whole number of them */
		count += given_kind == kind;
		av_packet_unref(av);
	}
	avformat_close_input(&in);
	av_packet_free(&av);
	unlink(path);
	return count;
}

static void test_parts_make_one_stream_with_all_packets(void **state)
{
	int64_t next_us[CME_STREAMS] = { 0 };
	AVFormatContext *in = NULL;
	AVPacket *av = av_packet_alloc();
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0, 4.04, PICTURES);
	path_of("all.mp4", path);
	join(path);
	assert_int_equal(avformat_open_input(&in, path, NULL, NULL), 0);
	while (av_read_frame(in, av) >= 0) {
		check_packet(in, av, next_us);
		av_packet_unref(av);
	}
	assert_int_equal(next_us[CME_VIDEO], 4 * CME_SECOND_US);
	assert_in_range(next_us[CME_AUDIO], 4 * CME_SECOND_US - SOUND_US, 4 * CME_SECOND_US);
	avformat_close_input(&in);
	av_packet_free(&av);
}

static void test_another_configuration_begins_another_epoch_at_a_keyframe(void **state)
{
	char name[64], first[64];
	char init[8192];
	size_t len;

	(void)state;
	assert_int_equal(open_task(VIDEO), 0);
	write_seconds(0, 1, PICTURES);
	snprintf(first, sizeof first, "%" PRId64 ".mp4", hls.epoch);
	/* The owner changes its parameters before it gives the packet that says so. */
	memcpy(task.par[CME_VIDEO]->extradata + task.par[CME_VIDEO]->extradata_size - 1, "\xb1", 1);
	assert_int_equal(write_one(CME_VIDEO, CME_SECOND_US, true, "any"), 0);
	write_seconds(1.04, 3.04, PICTURES);
	assert_int_equal(occurrences(playlist(), "#EXT-X-DISCONTINUITY\n#EXT-X-MAP"), 1);
	snprintf(name, sizeof name, "%" PRId64 ".mp4", hls.epoch);
	assert_string_not_equal(name, first);
	len = load(name, init, sizeof init);
	assert_non_null(memmem(init, len, "\x68\xee\x3c\xb1", 4));
	len = load(first, init, sizeof init);
	assert_non_null(memmem(init, len, "\x68\xee\x3c\xb0", 4));
	write_seconds(3.04, 30, PICTURES);
	assert_int_equal(load(first, init, sizeof init), 0); /* went with its last segment */
}

static void test_a_long_broadcast_keeps_some_seconds(void **state)
{
	int files;

	(void)state;
	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0, 30, PICTURES);
	files = count_files();
	write_seconds(30, 90, PICTURES);
	assert_in_range(count_files(), files - 3, files + 3); /* the open segment has one part more or less */
	assert_in_range(hls.count, 3, CME_HLS_SEGMENTS_MAX);
}

static void test_a_segment_without_keyframes_ends_all_the_same(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO), 0);
	write_seconds(0, 100, 10000);
	assert_in_range(hls.count, 2, CME_HLS_SEGMENTS_MAX);
	for (unsigned i = 0; i < hls.count; i++)
		assert_in_range(hls.segments[i].parts, 0, CME_HLS_PARTS_MAX);
	assert_int_equal(occurrences(playlist(), "INDEPENDENT=YES"), 0);
}

/* A part has the length of its media, whatever comes behind it. */
static void check_parts(int64_t longest_us)
{
	for (unsigned i = 0; i < hls.count; i++)
		for (unsigned part = 0; part < hls.segments[i].parts; part++)
			assert_in_range(hls.segments[i].part_us[part], 1, longest_us);
	assert_non_null(strstr(playlist(), "#EXT-X-PART-INF:PART-TARGET=0.50000\n"));
	assert_non_null(strstr(text, "#EXT-X-TARGETDURATION:2\n"));
}

static void test_a_hole_is_a_discontinuity_and_no_part(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0, 3.2, PICTURES);
	assert_int_equal(write_one(CME_AUDIO, 117 * CME_SECOND_US, true, NULL), 0); /* before its picture */
	assert_int_equal(occurrences(playlist(), "3.20000"), 0);
	assert_int_equal(hls.segments[hls.count - 1].part_us[0], 200 * CME_MS_US);
	write_seconds(118, 120.04, PICTURES);
	check_parts(500 * CME_MS_US);
	assert_int_equal(occurrences(text, "#EXTINF:0.20000"), 1);
	assert_int_equal(occurrences(text, "#EXT-X-DISCONTINUITY\n#EXT-X-MAP"), 1);
}

/* Each part of the sound is told when it is there. Pictures come back from a time on, with a keyframe or not;
 * those that come late for their part are in a later one. */
static void check_that_it_comes_back(int64_t back_us, bool key)
{
	int parts;

	assert_int_equal(open_task(VIDEO "," AUDIO), 0);
	write_seconds(0, 3, PICTURES);
	parts = occurrences(playlist(), "#EXT-X-PART:");
	for (int64_t us = 3 * CME_SECOND_US; us < 7 * CME_SECOND_US; us += SOUND_US)
		assert_int_equal(write_one(CME_AUDIO, us, true, NULL), 0);
	assert_in_range(occurrences(playlist(), "#EXT-X-PART:"), parts + 5, parts + 9);
	for (int64_t us = back_us; us < 7 * CME_SECOND_US; us += PICTURE_US)
		assert_int_equal(write_one(CME_VIDEO, us, key && us == back_us, NULL), 0);
	write_seconds(7, 10.05, PICTURES);
	assert_int_equal(occurrences(playlist(), "#EXT-X-DISCONTINUITY\n"), 0);
	assert_in_range(hls.longest_us, 1, CME_SECOND_US);
	for (unsigned i = 0; i < hls.count; i++)
		for (unsigned part = 0; part < hls.segments[i].parts; part++)
			assert_in_range(hls.segments[i].part_us[part], 1, CME_SECOND_US);
	assert_int_equal(count_packets(CME_VIDEO), 6 * PICTURES + (7 * CME_SECOND_US - back_us) / PICTURE_US);
}

static void test_a_picture_that_stays_away_is_no_part(void **state)
{
	(void)state;
	check_that_it_comes_back(7 * CME_SECOND_US, true);
}

static void test_a_picture_that_comes_late_is_in_a_later_part(void **state)
{
	(void)state;
	check_that_it_comes_back(6 * CME_SECOND_US, true);
}

static void test_a_picture_goes_on_without_a_keyframe(void **state)
{
	(void)state;
	check_that_it_comes_back(6 * CME_SECOND_US, false);
}

/* The same without sound, once with the first picture alone before it. */
static void test_pictures_alone_have_holes_too(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO), 0);
	write_seconds(0, 0.04, PICTURES);
	write_seconds(9, 12.2, PICTURES);
	write_seconds(17, 19.04, PICTURES);
	check_parts(500 * CME_MS_US);
	assert_int_equal(occurrences(text, "#EXT-X-DISCONTINUITY\n"), 2);
}

static void test_few_pictures_are_no_holes(void **state)
{
	(void)state;
	assert_int_equal(open_task(VIDEO), 0);
	for (int i = 0; i < 2 * PICTURES; i++)
		assert_int_equal(write_one(CME_VIDEO, i * 2 * CME_SECOND_US, true, NULL), 0);
	assert_int_equal(occurrences(playlist(), "#EXT-X-DISCONTINUITY\n"), 0);
	assert_non_null(strstr(text, "PART-TARGET=2.00000\n"));
}

static void test_sound_alone_makes_segments(void **state)
{
	(void)state;
	assert_int_equal(open_task(AUDIO), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(write_one(CME_AUDIO, i * SOUND_US, true, NULL), 0);
	assert_in_range(occurrences(playlist(), "#EXTINF:1.0"), 2, 3);
	assert_int_equal(occurrences(text, "#EXT-X-PART:"), occurrences(text, "INDEPENDENT=YES"));
}

static void test_what_the_process_before_left_is_removed(void **state)
{
	char path[PATH_MAX];

	(void)state;
	path_of("1.0.m4s", path);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(open_task(VIDEO), 0);
	assert_int_equal(count_files(), 0);
}

static void test_a_folder_that_cannot_be_made_is_a_fault(void **state)
{
	(void)state;
	assert_int_equal(cme_push_task_init(
				 &task,
				 json_loads("{\"url\":\"hls:/proc/none/x\",\"container\":\"hls\"}", 0, NULL),
				 &err),
			 0);
	assert_int_equal(cme_push_hls_open(&hls, &task, &err), -1);
	assert_string_equal(err.code, "record.failed");
	assert_non_null(strstr(err.message, "hls:/proc/none/x"));
}

static void test_a_folder_that_is_gone_is_a_fault(void **state)
{
	int rc = 0;

	(void)state;
	assert_int_equal(open_task(VIDEO), 0);
	assert_int_equal(rmdir(folder), 0);
	for (int i = 0; i < 2 * PICTURES && rc == 0; i++)
		rc = write_one(CME_VIDEO, i * PICTURE_US, i == 0, NULL);
	assert_int_equal(rc, -1);
	assert_string_equal(err.code, "record.failed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_segment_begins_with_each_keyframe),
		TEST(test_what_lies_before_the_first_keyframe_is_left_out),
		TEST(test_parts_make_one_stream_with_all_packets),
		TEST(test_another_configuration_begins_another_epoch_at_a_keyframe),
		TEST(test_a_long_broadcast_keeps_some_seconds),
		TEST(test_a_segment_without_keyframes_ends_all_the_same),
		TEST(test_a_picture_that_stays_away_is_no_part),
		TEST(test_a_picture_that_comes_late_is_in_a_later_part),
		TEST(test_a_picture_goes_on_without_a_keyframe),
		TEST(test_a_hole_is_a_discontinuity_and_no_part),
		TEST(test_pictures_alone_have_holes_too),
		TEST(test_few_pictures_are_no_holes),
		TEST(test_sound_alone_makes_segments),
		TEST(test_what_the_process_before_left_is_removed),
		TEST(test_a_folder_that_cannot_be_made_is_a_fault),
		TEST(test_a_folder_that_is_gone_is_a_fault),
	};

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

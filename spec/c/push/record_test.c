/* SPDX-License-Identifier: MIT
 *
 * Recordings whose sound gets another configuration: what the files have together is all that was written.
 */
#include "push/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"

#define FRAME_US 40000
#define SOUND_US 20000
#define LINE                                                                                             \
	"{\"url\":\"/x\",\"container\":\"mp4\",\"record\":{\"folder\":\"%s\",\"name\":\"take\","         \
	"\"max_seconds\":0,\"max_bytes\":0,\"total_bytes\":0},\"video\":{\"codec\":\"h264\","            \
	"\"width\":320,\"height\":180,\"extradata\":\"01640016ffe10000\"},\"audio\":{\"codec\":\"aac\"," \
	"\"sample_rate\":48000,\"channels\":2,\"extradata\":\"1190\"}}"

static char folder[64];
static struct cme_push_task task;
static struct cme_push_record record;
static int own_stdout; /* while the record's reports go nowhere */
static unsigned written[CME_STREAMS];

static int setup(void **state)
{
	struct cme_err err;
	char line[512];
	int nowhere;

	(void)state;
	snprintf(folder, sizeof folder, "/tmp/cme-record-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(line, sizeof line, LINE, folder);
	memset(written, 0, sizeof written);
	fflush(stdout);
	own_stdout = dup(STDOUT_FILENO);
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(nowhere, STDOUT_FILENO);
	close(nowhere);
	return cme_push_task_init(&task, json_loads(line, 0, NULL), &err) ||
	       cme_push_record_open(&record, &task, &err);
}

/* Of every file in the folder: its place. false: there are no more. */
static bool next_file(DIR *dir, char *path, size_t size)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(path, size, "%s/%s", folder, entry->d_name);
			return true;
		}
	return false;
}

static int teardown(void **state)
{
	DIR *dir = opendir(folder);
	char path[512];

	(void)state;
	while (next_file(dir, path, sizeof path))
		unlink(path);
	closedir(dir);
	cme_push_task_fini(&task);
	return rmdir(folder);
}

static void close_record(void)
{
	cme_push_record_close(&record);
	fflush(stdout);
	dup2(own_stdout, STDOUT_FILENO);
	close(own_stdout);
}

static void put(int stream, int64_t at_us, bool key, bool renewed)
{
	static const uint8_t picture[] = { 0, 0, 0, 3, 0x65, 0x88, 0x80 }, sound[] = { 0x21, 0x10, 0x04 };
	static const uint8_t config[] = { 0x11, 0x88 };
	AVPacket *av = av_packet_alloc();
	struct cme_err err = { .message = "" };
	int size = stream == CME_VIDEO ? sizeof picture : sizeof sound;

	assert_int_equal(av_new_packet(av, size), 0);
	memcpy(av->data, stream == CME_VIDEO ? picture : sound, (size_t)size);
	av->stream_index = stream;
	av->dts = av->pts = at_us;
	av->flags = key ? AV_PKT_FLAG_KEY : 0;
	if (renewed) {
		memcpy(task.par[stream]->extradata, config, sizeof config);
		memcpy(av_packet_new_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, sizeof config), config,
		       sizeof config);
	}
	written[stream]++;
	if (cme_push_record_write(&record, av, &err) != 0)
		fail_msg("%s", err.message);
	av_packet_free(&av);
}

static void put_sound(int64_t from_us, int64_t until_us)
{
	for (int64_t at_us = from_us; at_us < until_us; at_us += SOUND_US)
		put(CME_AUDIO, at_us, true, false);
}

/* The first picture is a keyframe, or none. */
static void put_both(int64_t from_us, int64_t until_us, bool key)
{
	for (int64_t at_us = from_us; at_us < until_us; at_us += FRAME_US) {
		put(CME_VIDEO, at_us, key && at_us == from_us, false);
		put_sound(at_us, at_us + FRAME_US);
	}
}

/* Adds what a file has. Returns how many tracks. */
static unsigned count_packets(const char *path, unsigned count[CME_STREAMS])
{
	AVFormatContext *ctx = NULL;
	AVPacket *av = av_packet_alloc();
	unsigned tracks;

	assert_int_equal(avformat_open_input(&ctx, path, NULL, NULL), 0);
	tracks = ctx->nb_streams;
	while (av_read_frame(ctx, av) >= 0) {
		enum AVMediaType type = ctx->streams[av->stream_index]->codecpar->codec_type;

		count[type == AVMEDIA_TYPE_VIDEO ? CME_VIDEO : CME_AUDIO]++;
		av_packet_unref(av);
	}
	av_packet_free(&av);
	avformat_close_input(&ctx);
	return tracks;
}

/* So many files with and without picture have all that was written. */
static void check_files(unsigned with_picture, unsigned without)
{
	unsigned count[CME_STREAMS] = { 0 }, files[3] = { 0 };
	DIR *dir = opendir(folder);
	char path[512];

	assert_non_null(dir);
	while (next_file(dir, path, sizeof path))
		files[count_packets(path, count)]++;
	closedir(dir);
	assert_int_equal(files[2], with_picture);
	assert_int_equal(files[1], without);
	assert_int_equal(count[CME_AUDIO], written[CME_AUDIO]);
	assert_int_equal(count[CME_VIDEO], written[CME_VIDEO]);
}

/* When more sound has come than waits for a keyframe. */
#define OVER_US (CME_SECOND_US + (CME_RECORD_PENDING_MAX + 500) * SOUND_US)

/* A second of both; from then on the sound is another, and waits. */
static void begin_other_sound(void)
{
	put_both(0, CME_SECOND_US, true);
	put(CME_AUDIO, CME_SECOND_US, true, true);
}

/* A failover to an input without picture. */
static void sound_alone_gets_a_file(void **state)
{
	(void)state;
	begin_other_sound();
	put_sound(CME_SECOND_US + SOUND_US, OVER_US);
	close_record();
	check_files(1, 1);
}

static void the_next_keyframe_ends_it(void **state)
{
	(void)state;
	begin_other_sound();
	put_sound(CME_SECOND_US + SOUND_US, OVER_US);
	put_both(OVER_US, OVER_US + CME_SECOND_US, true);
	close_record();
	check_files(2, 1);
}

/* Its pictures stay in the file that has their keyframe. */
static void a_long_gop_loses_nothing(void **state)
{
	(void)state;
	begin_other_sound();
	put_both(CME_SECOND_US + SOUND_US, OVER_US, false);
	put_both(OVER_US + SOUND_US, OVER_US + CME_SECOND_US, true);
	close_record();
	check_files(2, 1);
}

static void what_waits_at_the_end_is_written(void **state)
{
	(void)state;
	begin_other_sound();
	put_sound(CME_SECOND_US + SOUND_US, 2 * CME_SECOND_US);
	close_record();
	check_files(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sound_alone_gets_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(the_next_keyframe_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_gop_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_at_the_end_is_written, setup, teardown),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}

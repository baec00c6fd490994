/* SPDX-License-Identifier: MIT
 *
 * Sound whose rate nobody had found out ended the process that recorded it by signal 11: libavformat's
 * trailer was written after its header had failed. What MP4 has to be told of a stream, and is not known, is
 * refused in words, and leaves no file. Nothing that is not known ends the process, wherever it goes.
 */
#include "push/hls.h"
#include "push/network.h"
#include "push/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <libavcodec/avcodec.h>
#include <unistd.h>

static const struct {
	const char *codec;
	int sample_rate, channels; /* of sound */
	int width, height;         /* of a picture */
	const char *reason;        /* why MP4 does not take it without a configuration; NULL: it does */
} rows[] = {
	{ "mp3", 44100, 2, 0, 0, NULL },
	{ "mp3", 44100, 0, 0, 0, NULL },
	{ "mp3", 0, 2, 0, 0, "MP4 needs the sample rate of mp3, which is not known" },
	{ "mp2", 0, 0, 0, 0, "MP4 needs the sample rate of mp2, which is not known" },
	{ "ac3", 0, 0, 0, 0, "MP4 needs the sample rate of ac3, which is not known" },
	{ "aac", 48000, 2, 0, 0, "MP4 needs the configuration of aac, which is not known" },
	{ "opus", 48000, 2, 0, 0, "MP4 needs the configuration of opus, which is not known" },
	{ "flac", 48000, 2, 0, 0, "MP4 needs the configuration of flac, which is not known" },
	{ "mpeg4", 0, 0, 0, 0, "MP4 needs the picture size of mpeg4, which is not known" },
	{ "mpeg2video", 0, 0, 640, 0, "MP4 needs the picture size of mpeg2video, which is not known" },
	{ "h264", 0, 0, 640, 360, "MP4 needs the configuration of h264, which is not known" },
	{ "hevc", 0, 0, 640, 360, "MP4 needs the configuration of hevc, which is not known" },
	{ "av1", 0, 0, 640, 360, "MP4 needs the configuration of av1, which is not known" },
	{ "vp9", 0, 0, 640, 360, "MP4 needs the configuration of vp9, which is not known" },
	{ "vp8", 0, 0, 640, 360, "MP4 needs the configuration of vp8, which is not known" },
};

static char folder[] = "/tmp/cme-spec-XXXXXX";

static union {
	struct cme_push_record record;
	struct cme_push_hls hls;
	struct cme_push_network network;
} writer;

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

/* The line of a task with a row's stream. */
static json_t *line_of(size_t row, const char *url, const char *container)
{
	bool picture =
		avcodec_get_type(avcodec_descriptor_get_by_name(rows[row].codec)->id) == AVMEDIA_TYPE_VIDEO;

	return json_pack("{s:s,s:s,s:{s:s,s:i,s:i,s:i,s:i}}", "url", url, "container", container,
			 picture ? "video" : "audio", "codec", rows[row].codec, "sample_rate",
			 rows[row].sample_rate, "channels", rows[row].channels, "width", rows[row].width,
			 "height", rows[row].height);
}

static void begin(struct cme_push_task *task, json_t *line)
{
	struct cme_err err;

	assert_int_equal(cme_push_task_init(task, line, &err), 0);
}

/* Writes four seconds, or up to a refusal. */
static int write_packets(const struct cme_push_task *task, int (*write)(AVPacket *av, struct cme_err *err),
			 struct cme_err *err)
{
	AVPacket *av = av_packet_alloc();
	int rc = 0;

	for (int i = 0; i < 200 && rc == 0; i++) {
		assert_int_equal(av_new_packet(av, 64), 0);
		memset(av->data, 0, 64);
		av->stream_index = task->par[CME_VIDEO] ? CME_VIDEO : CME_AUDIO;
		av->dts = av->pts = (int64_t)i * 20000;
		av->flags = AV_PKT_FLAG_KEY;
		rc = write(av, err);
	}
	av_packet_free(&av);
	return rc;
}

static int record_one(AVPacket *av, struct cme_err *err)
{
	return cme_push_record_write(&writer.record, av, err);
}

static int show_one(AVPacket *av, struct cme_err *err)
{
	return cme_push_hls_write(&writer.hls, av, err);
}

static int send_one(AVPacket *av, struct cme_err *err)
{
	return cme_push_network_write(&writer.network, av, err);
}

static void check(size_t row, int rc, const char *url, const struct cme_err *err)
{
	char expected[256];

	assert_int_equal(rc, rows[row].reason ? -1 : 0);
	if (!rows[row].reason)
		return;
	snprintf(expected, sizeof expected, "record '%s': %s", url, rows[row].reason);
	assert_string_equal(err->code, "media.unsupported");
	assert_string_equal(err->message, expected);
}

static int files(void)
{
	DIR *dir = opendir(folder);
	int count = -2; /* . and .. */

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void a_recording_refuses_it_and_leaves_no_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *line = line_of(i, "r", "mp4");
		struct cme_push_task task;
		struct cme_err err = { 0 };
		int before = files(), rc;

		json_object_set_new(line, "record", json_pack("{s:s,s:s}", "folder", folder, "name", "r"));
		begin(&task, line);
		assert_int_equal(cme_push_record_open(&writer.record, &task, &err), 0);
		rc = write_packets(&task, record_one, &err);
		cme_push_record_close(&writer.record);
		check(i, rc, "r", &err);
		assert_int_equal(files() - before, rows[i].reason ? 0 : 1);
		cme_push_task_fini(&task);
	}
}

/* What libavformat alone knows not to take. */
static void a_recording_that_libavformat_refuses_leaves_no_file(void **state)
{
	struct cme_push_task task;
	struct cme_err err;
	int before = files();

	(void)state;
	begin(&task, json_pack("{s:s,s:s,s:{s:s,s:s},s:{s:s,s:i,s:i}}", "url", "r", "container", "mp4",
			       "record", "folder", folder, "name", "r", "audio", "codec", "vorbis",
			       "sample_rate", 7, "channels", 2));
	task.par[CME_AUDIO]->codec_id = AV_CODEC_ID_PCM_S16LE;
	assert_int_equal(cme_push_record_open(&writer.record, &task, &err), 0);
	assert_int_equal(write_packets(&task, record_one, &err), -1);
	cme_push_record_close(&writer.record);
	assert_string_equal(err.code, "media.unsupported");
	assert_int_equal(files(), before);
	cme_push_task_fini(&task);
}

static void hls_refuses_it(void **state)
{
	char url[64];

	(void)state;
	snprintf(url, sizeof url, "hls:%s/h", folder);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_push_task task;
		struct cme_err err = { 0 };
		int rc;

		begin(&task, line_of(i, url, "mp4"));
		assert_int_equal(cme_push_hls_open(&writer.hls, &task, &err), 0);
		rc = write_packets(&task, show_one, &err);
		cme_push_hls_close(&writer.hls);
		check(i, rc, url, &err);
		cme_push_task_fini(&task);
	}
}

/* MPEG-TS says little of its streams: it takes them, or says why not. */
static void mpegts_does_not_end_the_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_push_task task;
		struct cme_err err = { 0 };

		begin(&task, line_of(i, "udp://127.0.0.1:9", "mpegts"));
		if (cme_push_network_open(&writer.network, &task, &err) == 0)
			write_packets(&task, send_one, &err);
		cme_push_network_close(&writer.network, false);
		cme_push_task_fini(&task);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_refuses_it_and_leaves_no_file),
		cmocka_unit_test(a_recording_that_libavformat_refuses_leaves_no_file),
		cmocka_unit_test(hls_refuses_it),
		cmocka_unit_test(mpegts_does_not_end_the_process),
	};

	return cmocka_run_group_tests_name("49-what_is_not_known", tests, setup, teardown);
}

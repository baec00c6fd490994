/* SPDX-License-Identifier: MIT
 *
 * What the engine's writer of FLV writes is read back, packet by packet.
 */
#include "push/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libavcodec/avcodec.h>
#include <sys/socket.h>
#include <unistd.h>

#include "av/convert.h"
#include "stream/flv/writer.h"

static struct cme_flv_writer writer;
static struct cme_push_source source;
static struct cme_push_task task;
static int fds[2];

static int setup(void **state)
{
	struct cme_err err;

	(void)state;
	cme_flv_writer_init(&writer);
	if (cme_push_task_init(&task,
			       json_loads("{\"url\":\"udp://h:1\",\"container\":\"mpegts\",\"proof_ms\":500,"
					  "\"video\":{\"codec\":\"hevc\",\"width\":640,\"height\":360,"
					  "\"extradata\":\"01aBff\"},\"audio\":{\"codec\":\"aac\","
					  "\"sample_rate\":48000,\"channels\":2,\"extradata\":\"1190\"}}",
					  0, NULL),
			       &err) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return -1;
	cme_push_source_init(&source, fds[0], task.par);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cme_flv_writer_fini(&writer);
	cme_push_source_fini(&source);
	cme_push_task_fini(&task);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void give(const void *data, size_t len)
{
	assert_int_equal(write(fds[1], data, len), (ssize_t)len);
}

/* What the task says of its streams, as the engine has it. */
static struct cme_media *media_of(bool with_sound)
{
	struct cme_params *video = cme_av_to_params(task.par[CME_VIDEO]);
	struct cme_params *audio = cme_av_to_params(task.par[CME_AUDIO]);
	struct cme_media *media = cme_media_new(video, with_sound ? audio : NULL);

	cme_params_free(&video);
	cme_params_free(&audio);
	return media;
}

static void put(struct cme_media *media, int kind, int64_t dts_us, int64_t pts_us, const char *payload)
{
	struct cme_packet *packet = cme_packet_new(strlen(payload));
	uint8_t trailer[CME_FLV_TRAILER];
	struct cme_buf before;

	cme_buf_init(&before, 65536);
	memcpy(packet->payload, payload, strlen(payload));
	packet->stream = kind;
	packet->dts_us = dts_us;
	packet->pts_us = pts_us;
	packet->key = payload[0] == 'k';
	cme_packet_belong(packet, media);
	assert_int_equal(cme_flv_writer_put(&writer, packet, &before, trailer), 0);
	give(before.data, before.len);
	give(payload, strlen(payload));
	give(trailer, sizeof trailer);
	cme_buf_fini(&before);
	cme_packet_unref(packet);
}

/* The next packet, which is there. */
static AVPacket *next(void)
{
	AVPacket *av = av_packet_alloc();
	struct cme_err err;
	int rc;

	while ((rc = cme_push_source_next(&source, av, &err)) == 0)
		assert_int_equal(cme_push_source_read(&source, &err), 1);
	assert_int_equal(rc, 1);
	return av;
}

static void check(int kind, int64_t dts_us, int64_t pts_us, const char *payload, const char *extradata)
{
	AVPacket *av = next();
	size_t side_len = 0;
	const uint8_t *side = av_packet_get_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, &side_len);

	assert_int_equal(av->stream_index, kind);
	assert_int_equal(av->dts, dts_us);
	assert_int_equal(av->pts, pts_us);
	assert_int_equal(av->flags & AV_PKT_FLAG_KEY, kind == CME_AUDIO || payload[0] == 'k');
	assert_int_equal(av->size, strlen(payload));
	assert_memory_equal(av->data, payload, strlen(payload));
	assert_int_equal(side_len, extradata ? strlen(extradata) : 0);
	if (extradata)
		assert_memory_equal(side, extradata, side_len);
	av_packet_free(&av);
}

static void reads_what_it_is_told(void **state)
{
	const AVCodecParameters *video = task.par[CME_VIDEO], *audio = task.par[CME_AUDIO];

	(void)state;
	assert_string_equal(task.url, "udp://h:1");
	assert_null(task.ca_file);
	assert_int_equal(task.proof_us, 500000);
	assert_int_equal(video->codec_id, AV_CODEC_ID_HEVC);
	assert_int_equal(video->width, 640);
	assert_int_equal(video->extradata_size, 3);
	assert_memory_equal(video->extradata, "\x01\xab\xff", 3);
	assert_int_equal(audio->sample_rate, 48000);
	assert_int_equal(audio->ch_layout.nb_channels, 2);
}

static void refuses_what_it_cannot_do(void **state)
{
	static const char *const lines[] = {
		"{}",
		"{\"url\":\"udp://h:1\"}",
		"{\"url\":\"udp://h:1\",\"container\":\"mpegts\",\"video\":{}}",
		"{\"url\":\"udp://h:1\",\"container\":\"mpegts\",\"video\":{\"codec\":\"none such\"}}",
		"{\"url\":\"udp://"
		"h:1\",\"container\":\"mpegts\",\"video\":{\"codec\":\"h264\",\"extradata\":\"xy\"}}",
	};
	struct cme_push_task bad;
	struct cme_err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_int_equal(cme_push_task_init(&bad, json_loads(lines[i], 0, NULL), &err), -1);
		cme_push_task_fini(&bad);
	}
}

static void reads_packets_to_the_microsecond(void **state)
{
	struct cme_media *first = media_of(true);
	struct cme_media *second = cme_media_with_extradata(first, CME_VIDEO, (const uint8_t *)"\1second", 7);

	(void)state;
	put(first, CME_VIDEO, 1, 66667, "key");
	put(first, CME_AUDIO, 999, 999, "sound");
	put(second, CME_VIDEO, 33367, 33366, "k");
	put(second, CME_VIDEO, 4294967296000 + 7, 4294967296000 + 40007, "inter");
	check(CME_VIDEO, 1, 66667, "key", NULL);
	check(CME_AUDIO, 999, 999, "sound", NULL);
	check(CME_VIDEO, 33367, 33366, "k", "\1second");
	check(CME_VIDEO, 7, 40007, "inter", NULL); /* 2^32 ms later: a wrap */
	cme_media_unref(first);
	cme_media_unref(second);
}

static int rest(struct cme_err *err)
{
	AVPacket *av = av_packet_alloc();
	int rc = 0;

	shutdown(fds[1], SHUT_WR);
	while (rc >= 0 && cme_push_source_read(&source, err) == 1)
		while ((rc = cme_push_source_next(&source, av, err)) == 1)
			av_packet_unref(av);
	av_packet_free(&av);
	return rc;
}

static void ends_with_the_socket(void **state)
{
	struct cme_media *media = media_of(false);
	struct cme_err err;

	(void)state;
	put(media, CME_VIDEO, 0, 0, "key");
	assert_int_equal(rest(&err), 0);
	cme_media_unref(media);
}

static void refuses_a_codec_that_was_not_announced(void **state)
{
	struct cme_media *media;
	struct cme_err err;

	(void)state;
	task.par[CME_VIDEO]->codec_id = AV_CODEC_ID_AV1;
	media = media_of(false);
	put(media, CME_VIDEO, 0, 0, "key");
	task.par[CME_VIDEO]->codec_id = AV_CODEC_ID_HEVC;
	assert_int_equal(rest(&err), -1);
	assert_string_equal(err.message, "a packet of a codec that was not announced");
	cme_media_unref(media);
}

static void refuses_what_is_no_flv(void **state)
{
	struct cme_err err;

	(void)state;
	give("GET / HTTP/1.0\r\n\r\n", 18);
	assert_int_equal(rest(&err), -1);
	assert_string_equal(err.code, "media.unsupported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_it_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_it_cannot_do, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_packets_to_the_microsecond, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_with_the_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_codec_that_was_not_announced, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_flv, setup, teardown),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}

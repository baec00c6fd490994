/* SPDX-License-Identifier: MIT
 *
 * A list with a file whose sound lies 1.5 s behind its picture: everything comes in the order of
 * presentation, and nothing is late. Playing it in the file's order had one stream late all the time, and the
 * clock stopped for it again and again.
 */
#include "child/spawn.h"
#include "memory_file.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "relay/source/input.h"
#include "relay/source/paced.h"

#define SECONDS  2
#define APART_MS 1500
#define FRAME_MS 40
#define SOUND_MS 20

#define TICK_US       (5 * CME_MS_US)
#define STILL_US      (4 * TICK_US)     /* a picture may play before the sound beside it is read */
#define LONG_STILL_US (500 * CME_MS_US) /* the player is late after twice that */

static const uint8_t avcc[] = { MEMORY_AVCC };
static const uint8_t config[] = { 0x12, 0x10 };

struct heard {
	int64_t last_us; /* DTS of the packet before, on the list's time */
	unsigned count[CME_STREAMS];
	unsigned steps_back;
	unsigned late;
	unsigned faults;
	bool over;
};

static void on_opening(void *ctx, struct cme_input *input)
{
	(void)ctx;
	(void)input;
}

static void on_ready(void *ctx, struct cme_input *input, struct cme_media *media)
{
	(void)ctx;
	(void)media;
	cme_input_play(input, true);
}

static void on_packet(void *ctx, struct cme_input *input, struct cme_packet *packet)
{
	struct heard *heard = ctx;

	(void)input;
	heard->steps_back += packet->dts_us < heard->last_us;
	heard->last_us = packet->dts_us;
	heard->count[packet->stream]++;
	cme_packet_unref(packet);
}

static void on_fault(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	struct heard *heard = ctx;

	(void)input;
	(void)err;
	heard->faults++;
}

static void on_late(void *ctx, struct cme_input *input)
{
	struct heard *heard = ctx;

	(void)input;
	heard->late++;
}

static void on_played_out(void *ctx, struct cme_input *input)
{
	struct heard *heard = ctx;

	(void)input;
	heard->over = true;
}

/* Counts how often this machine stood still: what the player does then is not the list's fault. */
struct witness {
	pthread_t thread;
	_Atomic bool over;
	unsigned stills, long_stills;
};

static void *look_at_the_clock(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_US * 1000 };
	struct witness *witness = arg;
	int64_t last_us = cme_now_us();

	while (!atomic_load(&witness->over)) {
		int64_t now_us;

		nanosleep(&tick, NULL);
		now_us = cme_now_us();
		witness->stills += now_us - last_us > STILL_US;
		witness->long_stills += now_us - last_us > LONG_STILL_US;
		last_us = now_us;
	}
	return NULL;
}

static void witness_begin(struct witness *witness)
{
	*witness = (struct witness){ .over = false };
	assert_int_equal(pthread_create(&witness->thread, NULL, look_at_the_clock, witness), 0);
}

static void witness_end(struct witness *witness)
{
	atomic_store(&witness->over, true);
	pthread_join(witness->thread, NULL);
}

/* Writes one packet of a stream; the file's order is that of the calls. */
static void write_one(struct memory_file *file, int stream, int64_t ms)
{
	static const uint8_t picture[] = { 0, 0, 0, 3, 0x65, 0x88, 0x80 }, sound[] = { 0x21, 0x10, 0x04 };
	struct memory_packet packet = { .stream = stream, .dts_ms = ms, .pts_ms = ms, .key = true };

	packet.data = stream == CME_VIDEO ? picture : sound;
	packet.len = stream == CME_VIDEO ? sizeof picture : sizeof sound;
	memory_write(file, &packet);
}

static void make_file(char *path)
{
	struct memory_file file;
	int fd = mkstemps(path, 4);
	FILE *out = fdopen(fd, "wb");

	assert_non_null(out);
	memory_begin(&file, "flv");
	memory_stream(&file, AV_CODEC_ID_H264, avcc, sizeof avcc);
	memory_stream(&file, AV_CODEC_ID_AAC, config, sizeof config);
	memory_header(&file, "flvflags=no_duration_filesize");
	for (int64_t ms = 0; ms < SECONDS * 1000 + APART_MS; ms += SOUND_MS) {
		if (ms % FRAME_MS == 0 && ms < SECONDS * 1000)
			write_one(&file, CME_VIDEO, ms);
		if (ms >= APART_MS)
			write_one(&file, CME_AUDIO, ms - APART_MS);
	}
	memory_end(&file);
	assert_int_equal(fwrite(file.data, 1, (size_t)file.len, out), file.len);
	fclose(out);
	av_free(file.data);
}

/* Plays the list to its end. */
static void play(const struct cme_input_spec *spec, const struct cme_input_sink *sink)
{
	struct cme_events events;
	struct cme_input *input;
	struct cme_err err;

	assert_int_equal(cme_events_init(&events), 0);
	input = cme_input_start(spec, NULL, sink, &events, &err);
	assert_non_null(input);
	while (!cme_input_done(input)) {
		struct pollfd woken = { .fd = events.fd, .events = POLLIN };

		poll(&woken, 1, -1);
		cme_events_rearm(&events);
	}
	cme_input_free(input);
	cme_events_fini(&events);
}

static void comes_in_order_and_in_time(void **state)
{
	char path[] = "/tmp/cme-03-XXXXXX.flv", *urls[] = { path };
	struct cme_input_spec spec = { .urls = urls, .count = 1, .list = true };
	struct heard heard = { .last_us = INT64_MIN };
	struct cme_input_sink sink = { .ctx = &heard,
				       .opening = on_opening,
				       .ready = on_ready,
				       .packet = on_packet,
				       .fault = on_fault,
				       .late = on_late,
				       .played_out = on_played_out };
	struct witness witness;

	(void)state;
	make_file(path);
	witness_begin(&witness);
	play(&spec, &sink);
	witness_end(&witness);
	unlink(path);
	assert_true(heard.over);
	assert_int_equal(heard.faults, 0);
	assert_int_equal(heard.count[CME_VIDEO], SECONDS * 1000 / FRAME_MS);
	assert_int_equal(heard.count[CME_AUDIO], SECONDS * 1000 / SOUND_MS);
	assert_true(heard.late <= witness.long_stills); /* it was 13 */
	/* The very first picture plays before any sound is read. */
	assert_true(heard.steps_back <= 1 + witness.stills);
}

/* The same file as a source of its own, and HLS as well: read ahead, handed out in order, and due in order.
 */
static void is_read_in_order(void **state)
{
	char path[] = "/tmp/cme-03-XXXXXX.flv";
	struct cme_cancel cancel;
	struct cme_feed feed = { .url = path, .cancel = &cancel };
	struct cme_paced paced;
	struct cme_err err;
	unsigned count[CME_STREAMS] = { 0 };
	int64_t last_us = INT64_MIN, last_delay_us = 0;
	int rc = 0;

	(void)state;
	make_file(path);
	cme_cancel_init(&cancel);
	assert_int_equal(cme_feed_open(&feed, &err), 0);
	assert_true(feed.ops->paced(&feed));
	cme_paced_init(&paced, &feed);
	while (rc >= 0) {
		int64_t delay_us = 0;
		struct cme_packet *packet = cme_paced_next(&paced, &delay_us, &rc);

		if (!packet)
			continue;
		assert_true(packet->dts_us >= last_us);
		last_us = packet->dts_us;
		last_delay_us = delay_us;
		count[packet->stream]++;
		cme_packet_unref(packet);
	}
	assert_int_equal(rc, CME_END_OVER);
	assert_int_equal(count[CME_VIDEO], SECONDS * 1000 / FRAME_MS);
	assert_int_equal(count[CME_AUDIO], SECONDS * 1000 / SOUND_MS);
	assert_true(last_delay_us <= SECONDS * CME_SECOND_US);
	cme_paced_fini(&paced);
	cme_feed_close(&feed);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(comes_in_order_and_in_time),
					    cmocka_unit_test(is_read_in_order) };

	cme_child_folder(CME_PROGRAMS);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What C tests put in front of an output: a source of pictures and sound without a reader, and outputs to a
 * port of this machine. Header only, because a test is one source file.
 */
#ifndef CME_SPEC_TEST_SOURCE_H
#define CME_SPEC_TEST_SOURCE_H

#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "relay/base/sys.h"
#include "relay/output/rtmp/output_rtmp.h"

#define KEY       "key7?txSecret=1f2e3d4c"
#define GIVE_UP_S 40
#define FRAME_US  33000
#define GOP       15

static struct cme_events events;

/* ---- a source: 30 pictures and 30 pieces of sound a second, a keyframe every 15 pictures */

struct source {
	struct cme_media *media;
	int frame;
};

static bool carried; /* the source's thread sends, as an input's does; else the publisher's thread is woken */

static struct cme_media *make_media(enum cme_codec codec, const char *extradata)
{
	uint8_t config[] = { 0x11, 0x90 };
	struct cme_params video = { .codec = codec,
				    .width = 1280,
				    .height = 720,
				    .extradata = (uint8_t *)extradata,
				    .extradata_len = strlen(extradata) };
	struct cme_params audio = { .codec = CME_CODEC_AAC,
				    .sample_rate = 48000,
				    .extradata = config,
				    .extradata_len = sizeof config };

	return cme_media_new(&video, &audio);
}

static struct cme_packet *make_packet(const struct source *source, int stream)
{
	bool key = stream == CME_AUDIO || source->frame % GOP == 0;
	struct cme_packet *packet = cme_packet_new(stream == CME_AUDIO ? 300 : key ? 64000 : 12000);

	memset(packet->payload, source->frame, packet->size);
	packet->stream = stream;
	packet->dts_us = (int64_t)source->frame * FRAME_US;
	packet->pts_us = packet->dts_us + (stream == CME_VIDEO ? 2 * FRAME_US : 0);
	packet->key = key;
	packet->arrival_us = cme_now_us();
	cme_packet_belong(packet, source->media);
	return packet;
}

static void push(struct cme_output *out, struct cme_packet *packet)
{
	if (carried)
		cme_output_put(out, packet);
	else
		cme_output_push(out, packet);
}

static void push_frame(struct source *source, struct cme_output **outs, size_t count)
{
	for (int stream = CME_VIDEO; stream <= CME_AUDIO; stream++) {
		struct cme_packet *packet = make_packet(source, stream);

		for (size_t i = 0; i < count; i++)
			push(outs[i], packet);
		cme_packet_unref(packet);
	}
	if (carried)
		cme_output_rtmp.carry();
	source->frame++;
}

/* ---- outputs */

static struct cme_output *make_output(int port, const char *scheme, const char *host, const char *ca_file)
{
	struct cme_output_config config = {
		.id = "1", .name = "test", .ca_file = ca_file, .events = &events
	};
	struct cme_output *out;
	struct cme_err err;
	char url[256];

	snprintf(url, sizeof url, "%s://%s:%d/live/" KEY, scheme, host, port);
	config.url = url;
	out = cme_output_new(&cme_output_rtmp, &config, &err);
	assert_non_null(out);
	return out;
}

static unsigned live_events; /* how often an output has said that it is live */

/* Notes what the outputs have to say, and waits for more, or for the next frame's time. */
static void wait_a_frame(void)
{
	struct pollfd wait = { .fd = events.fd, .events = POLLIN };
	struct cme_event event;

	while (cme_events_pop(&events, &event))
		live_events += event.kind == CME_EVENT_OUTPUT && event.output.state == CME_OUTPUT_LIVE;
	cme_events_rearm(&events);
	poll(&wait, 1, FRAME_US / 1000);
}

static void end_outputs(struct cme_output **outs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cme_output_stop(outs[i], cme_now_us() + CME_SECOND_US);
	for (size_t i = 0; i < count; i++) {
		while (!cme_output_done(outs[i]))
			wait_a_frame();
		cme_output_free(outs[i]);
	}
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Pictures whose PTS lies before their DTS, as FLV's signed composition time allows: they leave as they came.
 */
#include "memory_file.h"

#include "push/lead.h"
#include "rtmp/flight.h"

#define PICTURES 12
#define FRAME_MS 40
#define FIRST    13 /* where the first tag of an FLV file stands */

static const uint8_t avcc[] = { MEMORY_AVCC };
static const int composition_ms[PICTURES] = { 0, 80, -40, -40, 80, -40, -40, 80, -40, -40, 0, 0 };

static void put_be24(uint8_t *out, int32_t value)
{
	out[0] = (uint8_t)(value >> 16);
	out[1] = (uint8_t)(value >> 8);
	out[2] = (uint8_t)value;
}

/* libavformat's muxer does not write such times: they are put into the file afterwards. */
static void set_compositions(struct memory_file *file)
{
	int picture = 0, at = FIRST;

	while (at + 16 < file->len) {
		const uint8_t *tag = file->data + at;
		int size = tag[1] << 16 | tag[2] << 8 | tag[3];

		if (tag[0] == 9 && tag[12] == 1)
			put_be24(file->data + at + 13, composition_ms[picture++]);
		at += 11 + size + 4;
	}
	assert_int_equal(picture, PICTURES);
}

static void make_file(struct memory_file *file)
{
	static const uint8_t picture[] = { 0, 0, 0, 3, 0x65, 0x88, 0x80 };

	memory_begin(file, "flv");
	memory_stream(file, AV_CODEC_ID_H264, avcc, sizeof avcc);
	memory_header(file, "flvflags=no_duration_filesize+no_metadata+no_sequence_end");
	for (int i = 0; i < PICTURES; i++)
		memory_write(file, &(struct memory_packet){ .dts_ms = i * FRAME_MS,
							    .pts_ms = i * FRAME_MS,
							    .key = i == 0,
							    .data = picture,
							    .len = sizeof picture });
	memory_end(file);
	set_compositions(file);
}

/* The composition time that the message of an RTMP destination carries. */
static int32_t sent_ms(struct cme_flight *flight)
{
	const struct cme_flight_entry *last =
		&flight->ring[(flight->head + flight->count - 1) % CME_FLIGHT_MAX];
	const uint8_t *body = last->message.prefix;
	uint32_t value = (uint32_t)(body[2] << 16 | body[3] << 8 | body[4]);

	return (int32_t)(value ^ 0x800000) - 0x800000;
}

static void passes_from_flv_to_rtmp(void **state)
{
	struct memory_file file;
	struct cme_reader reader;
	struct cme_timeline timeline;
	struct cme_flight flight;

	(void)state;
	make_file(&file);
	memory_open(&file, &reader);
	cme_timeline_init(&timeline);
	cme_flight_init(&flight);
	for (int64_t i = 0; i < PICTURES; i++) {
		struct cme_packet *packet = memory_next(&reader), *mapped;
		struct cme_timeline_in in = { .stream = CME_VIDEO, .arrival = i * FRAME_MS * CME_MS_US };
		struct cme_timeline_out out;

		assert_non_null(packet);
		assert_int_equal(packet->dts_us, i * FRAME_MS * CME_MS_US);
		in.dts = packet->dts_us;
		in.pts = packet->pts_us;
		in.due = in.arrival;
		assert_true(cme_timeline_map(&timeline, &in, &out));
		mapped = cme_packet_rebase(packet,
					   &(struct cme_rebase){ .dts_us = out.dts, .pts_us = out.pts });
		assert_int_equal(cme_flight_add(&flight, mapped), 0);
		assert_int_equal(sent_ms(&flight), composition_ms[i]);
		cme_packet_unref(packet);
	}
	cme_flight_clear(&flight);
	memory_close(&file, &reader);
}

/* What the timeline moves by itself, where two pictures would share a DTS, makes no such time of its own. */
static void adds_none(void **state)
{
	struct cme_timeline timeline;
	struct cme_timeline_out out;

	(void)state;
	cme_timeline_init(&timeline);
	for (int i = 0; i < 100; i++) {
		struct cme_timeline_in in = { .stream = CME_VIDEO, .dts = i / 3 * 1000, .arrival = i * 1000 };

		in.pts = in.dts + (i % 2 ? -500 : 0);
		in.due = in.arrival;
		assert_true(cme_timeline_map(&timeline, &in, &out));
		assert_true(out.pts - out.dts >= in.pts - in.dts);
	}
}

/* MPEG-TS has no such times: from the second GOP on the pictures keep their PTS, and every DTS rises. */
static void fits_mpegts(void **state)
{
	struct cme_lead lead;
	int64_t last = INT64_MIN;

	(void)state;
	cme_lead_init(&lead);
	for (int i = 0; i < 5 * PICTURES; i++) {
		int64_t dts = i * FRAME_MS * CME_MS_US, pts = dts + composition_ms[i % PICTURES] * CME_MS_US;
		int64_t own = pts;

		cme_lead_apply(&lead, &dts, &pts);
		assert_true(dts > last && pts >= dts);
		assert_true(i < PICTURES || pts == own);
		last = dts;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(passes_from_flv_to_rtmp),
					    cmocka_unit_test(adds_none), cmocka_unit_test(fits_mpegts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

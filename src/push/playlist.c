/* SPDX-License-Identifier: MIT */
#include "push/playlist.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/clock.h"

#define PART_US    (500 * CME_MS_US)   /* at least, of the target of parts */
#define TARGET_S   2                   /* at least, of the target of segments */
#define LISTED_US  (8 * CME_SECOND_US) /* whole segments that are listed */
#define ROUND      1000                /* of epochs: players have an array of them */
#define WITH_PARTS 3                   /* segments whose parts are listed */

struct text {
	char *at;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at + text->len, CME_PLAYLIST_MAX - text->len, format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
	if (text->len >= CME_PLAYLIST_MAX)
		text->len = CME_PLAYLIST_MAX - 1;
}

static double seconds(int64_t us)
{
	return (double)us / 1e6;
}

static int64_t length_us(const struct cme_hls_segment *segment)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < segment->parts; i++)
		sum += segment->part_us[i];
	return sum;
}

/* Where the list begins. */
static unsigned first_listed(const struct cme_hls_segment *segments, unsigned count)
{
	unsigned first = count;
	int64_t sum = 0;

	while (first > 0 && sum < LISTED_US)
		sum += length_us(&segments[--first]);
	return first;
}

static void add_segment(struct text *text, const struct cme_hls_segment *segment, bool parts)
{
	for (unsigned i = 0; parts && i < segment->parts; i++)
		add(text, "#EXT-X-PART:DURATION=%.5f,URI=\"%" PRId64 ".%u.m4s\"%s\n",
		    seconds(segment->part_us[i]), segment->number, i,
		    segment->independent[i] ? ",INDEPENDENT=YES" : "");
	if (segment->whole)
		add(text, "#EXTINF:%.5f,\n%" PRId64 ".m4s\n", seconds(length_us(segment)), segment->number);
}

int cme_playlist_write(const struct cme_hls_segment *segments, unsigned count, int64_t longest_us,
		       int64_t target_us, char text[CME_PLAYLIST_MAX])
{
	struct text out = { .at = text };
	unsigned first = first_listed(segments, count);
	double part_s = seconds(longest_us > PART_US ? longest_us : PART_US);
	int target_s = (int)((target_us + CME_SECOND_US / 2) / CME_SECOND_US);

	add(&out, "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:%d\n",
	    target_s > TARGET_S ? target_s : TARGET_S);
	add(&out, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%.5f\n", 3 * part_s);
	add(&out, "#EXT-X-PART-INF:PART-TARGET=%.5f\n", part_s);
	if (first < count)
		add(&out, "#EXT-X-MEDIA-SEQUENCE:%" PRId64 "\n#EXT-X-DISCONTINUITY-SEQUENCE:%" PRId64 "\n",
		    segments[first].number, segments[first].epoch % ROUND);
	for (unsigned i = first; i < count; i++) {
		if (i > first && segments[i].epoch != segments[i - 1].epoch)
			add(&out, "#EXT-X-DISCONTINUITY\n");
		if (i == first || segments[i].epoch != segments[i - 1].epoch)
			add(&out, "#EXT-X-MAP:URI=\"%" PRId64 ".mp4\"\n", segments[i].epoch);
		add_segment(&out, &segments[i], i + WITH_PARTS >= count);
	}
	return (int)out.len;
}

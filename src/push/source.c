/* SPDX-License-Identifier: MIT */
#include "push/source.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <string.h>
#include <unistd.h>

#include "av/convert.h"
#include "common/clock.h"
#include "stream/packet.h"

#define TAG_MAX (CME_PACKET_BYTES_MAX + (size_t)128 * 1024) /* with parameter sets and what stands before */

void cme_push_source_init(struct cme_push_source *source, int fd, AVCodecParameters **par)
{
	*source = (struct cme_push_source){ .fd = fd, .par = par, .kind = -1 };
	cme_flv_file_init(&source->file, TAG_MAX);
}

void cme_push_source_fini(struct cme_push_source *source)
{
	cme_flv_file_fini(&source->file);
}

static int no_memory(struct cme_err *err)
{
	return cme_err_set(err, "internal", "out of memory");
}

/* The clock wraps after 49 days. */
static void set_clock(struct cme_push_source *source, uint32_t timestamp)
{
	if (source->clocked)
		source->clock_ms += (int32_t)(timestamp - (uint32_t)source->clock_ms);
	else
		source->clock_ms = timestamp;
	source->clocked = true;
}

static void open_tag(struct cme_push_source *source, const struct cme_flv_tag *tag)
{
	if (tag->type != CME_FLV_VIDEO && tag->type != CME_FLV_AUDIO)
		return;
	source->kind = tag->type == CME_FLV_VIDEO ? CME_VIDEO : CME_AUDIO;
	set_clock(source, tag->timestamp);
	cme_flv_body_init(&source->body, source->kind == CME_VIDEO, tag->data, tag->len);
}

static int configure(struct cme_push_source *source, const struct cme_flv_unit *unit, struct cme_err *err)
{
	AVCodecParameters *par = source->par[source->kind];
	uint8_t *data;

	if (!unit->len ||
	    ((size_t)par->extradata_size == unit->len && memcmp(par->extradata, unit->data, unit->len) == 0))
		return 0;
	data = av_mallocz(unit->len + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!data)
		return no_memory(err);
	memcpy(data, unit->data, unit->len);
	av_free(par->extradata);
	par->extradata = data;
	par->extradata_size = (int)unit->len;
	source->changed[source->kind] = true;
	return 0;
}

static int attach_header(struct cme_push_source *source, AVPacket *av)
{
	const AVCodecParameters *par = source->par[source->kind];
	uint8_t *side;

	if (!source->changed[source->kind])
		return 0;
	side = av_packet_new_side_data(av, AV_PKT_DATA_NEW_EXTRADATA, (size_t)par->extradata_size);
	if (!side)
		return -1;
	memcpy(side, par->extradata, (size_t)par->extradata_size);
	source->changed[source->kind] = false;
	return 0;
}

static int take_frames(struct cme_push_source *source, const struct cme_flv_unit *unit, AVPacket *av,
		       struct cme_err *err)
{
	if (av_new_packet(av, (int)unit->len) < 0 || attach_header(source, av) != 0)
		return no_memory(err);
	memcpy(av->data, unit->data, unit->len);
	av->stream_index = source->kind;
	av->dts = source->clock_ms * CME_MS_US + unit->nanoseconds / 1000;
	av->pts = av->dts + unit->composition_ms * CME_MS_US + unit->composition_nanoseconds / 1000;
	if (unit->keyframe || source->kind == CME_AUDIO)
		av->flags |= AV_PKT_FLAG_KEY;
	return 1;
}

/* 1: av is a packet; 0: go on. */
static int take_unit(struct cme_push_source *source, const struct cme_flv_unit *unit, AVPacket *av,
		     struct cme_err *err)
{
	const AVCodecParameters *par = source->par[source->kind];

	if (!par || cme_av_codec(par->codec_id) != unit->codec)
		return cme_err_set(err, "internal", "a packet of a codec that was not announced");
	if (unit->part == CME_FLV_CONFIG)
		return configure(source, unit, err);
	return unit->part == CME_FLV_FRAMES ? take_frames(source, unit, av, err) : 0;
}

int cme_push_source_next(struct cme_push_source *source, AVPacket *av, struct cme_err *err)
{
	struct cme_flv_unit unit;
	struct cme_flv_tag tag;
	int rc = 0;

	while (rc == 0) {
		if (source->kind < 0) {
			rc = cme_flv_file_read(&source->file, &source->at, &source->len, &tag, err);
			if (rc <= 0)
				return rc;
			open_tag(source, &tag);
			rc = 0;
		} else if ((rc = cme_flv_body_next(&source->body, &unit)) == 1) {
			rc = take_unit(source, &unit, av, err);
		} else {
			source->kind = -1;
			rc = rc == 0 ? 0 : cme_err_set(err, "internal", "a tag that cannot be read");
		}
	}
	return rc;
}

int cme_push_source_read(struct cme_push_source *source, struct cme_err *err)
{
	ssize_t n;

	do
		n = read(source->fd, source->bytes, sizeof source->bytes);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cme_err_set(err, "internal", "read from the engine: %s", strerror(errno));
	source->at = source->bytes;
	source->len = (size_t)n;
	return n > 0;
}

/* SPDX-License-Identifier: MIT */
#include "rtmp/metadata.h"

#include "rtmp/amf.h"

#define ENCODER "cme/" CME_VERSION

/* One number of onMetaData; returns 1 if it is there. Called with out NULL to count. */
static uint32_t put_number(struct cme_buf *out, const char *key, double value)
{
	if (!(value > 0))
		return 0;
	if (out) {
		cme_amf_put_key(out, key);
		cme_amf_put_number(out, value);
	}
	return 1;
}

static uint32_t put_video(struct cme_buf *out, const struct cme_flv_stream *video)
{
	return put_number(out, "width", video->width) + put_number(out, "height", video->height) +
	       put_number(out, "framerate", video->fps) +
	       put_number(out, "videodatarate", video->bit_rate / 1000.0) +
	       put_number(out, "videocodecid", cme_flv_metadata_number(video));
}

static uint32_t put_audio(struct cme_buf *out, const struct cme_flv_stream *audio)
{
	uint32_t count = put_number(out, "audiosamplerate", audio->sample_rate) +
			 put_number(out, "audiodatarate", audio->bit_rate / 1000.0) +
			 put_number(out, "audiosamplesize", 16) +
			 put_number(out, "audiocodecid", cme_flv_metadata_number(audio));

	if (out) {
		cme_amf_put_key(out, "stereo");
		cme_amf_put_boolean(out, audio->channels > 1);
	}
	return count + 1;
}

static uint32_t put_members(struct cme_buf *out, const struct cme_flv_stream *video,
			    const struct cme_flv_stream *audio)
{
	uint32_t count = (video ? put_video(out, video) : 0) + (audio ? put_audio(out, audio) : 0);

	if (out) {
		cme_amf_put_key(out, "encoder");
		cme_amf_put_string(out, ENCODER);
	}
	return count + 1;
}

void cme_metadata_put(struct cme_buf *out, const struct cme_flv_stream *video,
		      const struct cme_flv_stream *audio)
{
	cme_amf_put_string(out, "@setDataFrame");
	cme_amf_put_string(out, "onMetaData");
	cme_amf_begin_ecma_array(out, put_members(NULL, video, audio));
	put_members(out, video, audio);
	cme_amf_end_object(out);
}

/* SPDX-License-Identifier: MIT */
#include "rtmp/both/enhanced.h"

#include "rtmp/amf.h"
#include "rtmp/both/command.h"
#include "stream/bytes.h"
#include "stream/flv/codec.h"

enum { CAN_FORWARD = 4 };

static void put_fourcc(struct cme_buf *body, enum cme_codec codec)
{
	char text[5] = { 0 };

	cme_put_be32((uint8_t *)text, cme_flv_codec_fourcc(codec));
	cme_amf_put_string(body, text);
}

/* All codecs can be forwarded. */
static void put_map(struct cme_buf *body, const char *key)
{
	cme_amf_put_key(body, key);
	cme_amf_begin_object(body);
	cme_rtmp_put_number(body, "*", CAN_FORWARD);
	cme_amf_end_object(body);
}

/* Those that have a name for others; returns how many. Called with body NULL to count. */
static uint32_t put_codecs(struct cme_buf *body)
{
	uint32_t count = 0;

	for (int codec = CME_CODEC_NONE + 1; codec < CME_CODEC_COUNT; codec++) {
		if (cme_flv_codec_ours((enum cme_codec)codec))
			continue;
		count++;
		if (body)
			put_fourcc(body, (enum cme_codec)codec);
	}
	return count;
}

void cme_rtmp_put_enhanced(struct cme_buf *body, unsigned caps)
{
	cme_amf_put_key(body, "fourCcList");
	cme_amf_begin_array(body, put_codecs(NULL));
	put_codecs(body);
	put_map(body, "videoFourCcInfoMap");
	put_map(body, "audioFourCcInfoMap");
	cme_rtmp_put_number(body, "capsEx", caps);
}

/* SPDX-License-Identifier: MIT */
#include "rtmp/client/offer.h"

#include <stdio.h>
#include <string.h>

#include "stream/bytes.h"

const char *const cme_codecs_names[3] = { "enhanced", "id12", "h264" };

int cme_codecs_find(const char *name)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(name, cme_codecs_names[i]) == 0)
			return i;
	return -1;
}

static int kind_of(enum cme_codec codec)
{
	return cme_codec_video(codec) ? CME_VIDEO : CME_AUDIO;
}

static void fourcc_text(enum cme_codec codec, char text[5])
{
	cme_put_be32((uint8_t *)text, cme_flv_codec_fourcc(codec));
	text[4] = '\0';
}

static void take(struct cme_rtmp_offer *offer, enum cme_codec codec)
{
	char *names = offer->names[kind_of(codec)];
	size_t len = strlen(names);
	char text[5];

	if (offer->takes[codec])
		return;
	offer->takes[codec] = true;
	fourcc_text(codec, text);
	snprintf(names + len, sizeof offer->names[0] - len, "%s%s", len ? ", " : "", text);
}

/* A name on a list: four characters, or "*" for all. */
static bool names(const struct cme_amf_value *value, const char *fourcc)
{
	return cme_amf_is(value, fourcc) || cme_amf_is(value, "*");
}

/* The array of v1 has pictures, and of some servers sound as well. */
static void read_list(struct cme_rtmp_offer *offer, const struct cme_amf_value *list)
{
	struct cme_amf_value value;
	size_t at = sizeof(uint32_t), n; /* behind the count */

	while (at < list->len && (n = cme_amf_read(list->data + at, list->len - at, &value)) > 0) {
		at += n;
		for (int i = CME_CODEC_NONE + 1; i < CME_CODEC_COUNT; i++) {
			char text[5];

			fourcc_text((enum cme_codec)i, text);
			if (names(&value, text))
				take(offer, (enum cme_codec)i);
		}
	}
	offer->listed[CME_VIDEO] = true;
	offer->listed[CME_AUDIO] = offer->names[CME_AUDIO][0] != '\0';
}

static bool flagged(const struct cme_amf_value *map, const char *key)
{
	struct cme_amf_value flags;

	return cme_amf_find(map, key, &flags) && flags.type == CME_AMF_NUMBER && flags.number > 0;
}

static void read_map(struct cme_rtmp_offer *offer, const struct cme_amf_value *map, int kind)
{
	for (int i = CME_CODEC_NONE + 1; i < CME_CODEC_COUNT; i++) {
		char text[5];

		fourcc_text((enum cme_codec)i, text);
		if (kind_of((enum cme_codec)i) == kind && (flagged(map, "*") || flagged(map, text)))
			take(offer, (enum cme_codec)i);
	}
	offer->listed[kind] = true;
}

void cme_rtmp_offer_read(struct cme_rtmp_offer *offer, const struct cme_amf_value *object)
{
	struct cme_amf_value value;

	if (cme_amf_find(object, "fourCcList", &value) && value.type == CME_AMF_ARRAY)
		read_list(offer, &value);
	if (cme_amf_find(object, "videoFourCcInfoMap", &value) && value.type == CME_AMF_OBJECT)
		read_map(offer, &value, CME_VIDEO);
	if (cme_amf_find(object, "audioFourCcInfoMap", &value) && value.type == CME_AMF_OBJECT)
		read_map(offer, &value, CME_AUDIO);
}

/* Every server takes it, by its number. */
static bool is_old(enum cme_codec codec)
{
	return codec == CME_CODEC_H264 || codec == CME_CODEC_AAC || codec == CME_CODEC_MP3;
}

static const char *label(enum cme_codec codec)
{
	static const char *const labels[CME_CODEC_COUNT] = {
		[CME_CODEC_HEVC] = "HEVC", [CME_CODEC_AV1] = "AV1",     [CME_CODEC_VP9] = "VP9",
		[CME_CODEC_VP8] = "VP8",   [CME_CODEC_OPUS] = "Opus",   [CME_CODEC_FLAC] = "FLAC",
		[CME_CODEC_AC3] = "AC-3",  [CME_CODEC_EAC3] = "E-AC-3",
	};

	return labels[codec];
}

/* By the owner's word. */
static bool allowed(enum cme_codecs codecs, enum cme_codec codec)
{
	return codecs == CME_CODECS_ENHANCED || (codecs == CME_CODECS_ID12 && codec == CME_CODEC_HEVC);
}

static int refuse_listed(const struct cme_rtmp_offer *offer, enum cme_codec codec, struct cme_err *err)
{
	const char *list = offer->names[kind_of(codec)];

	return cme_err_set(err, "media.unsupported",
			   "the server does not take %s (it lists %s; send it H.264 and AAC)", label(codec),
			   list[0] ? list : "nothing");
}

static int choose_stream(const struct cme_rtmp_offer *offer, enum cme_codecs codecs, enum cme_codec codec,
			 struct cme_flv_told *told, struct cme_err *err)
{
	bool listed = offer && offer->listed[kind_of(codec)];

	if (is_old(codec))
		return 0;
	if (!allowed(codecs, codec))
		return cme_err_set(err, "media.unsupported",
				   "%s does not go to this destination (its codecs are \"%s\")", label(codec),
				   cme_codecs_names[codecs]);
	if (listed && offer->takes[codec])
		return 0;
	if (codecs == CME_CODECS_ID12) {
		told->dialect = CME_FLV_ID12;
		return 0;
	}
	return listed ? refuse_listed(offer, codec, err) : 0;
}

/* A server that knows the four characters of the old codecs can be told of their colours and speakers. */
static bool noted(const struct cme_rtmp_offer *offer, enum cme_codec codec)
{
	return !is_old(codec) || (offer && offer->takes[codec]);
}

int cme_rtmp_choose(const struct cme_rtmp_offer *offer, enum cme_codecs codecs, const struct cme_media *media,
		    struct cme_flv_told *told, struct cme_err *err)
{
	if (cme_flv_check(media, err) != 0)
		return -1;
	told->dialect = CME_FLV_DEFAULT;
	for (int kind = 0; kind < CME_STREAMS; kind++) {
		enum cme_codec codec = cme_flv_stream(media, kind, CME_FLV_DEFAULT).codec;

		if (codec != CME_CODEC_NONE && choose_stream(offer, codecs, codec, told, err) != 0)
			return -1;
		told->notes[kind] = noted(offer, codec) && told->dialect != CME_FLV_ID12;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * What goes to a destination, by what its owner says and by what its server lists.
 */
#include "rtmp/client/offer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What a server lists: the names of v1's array, or of the two maps, with a blank between them; NULL: none. */
struct lists {
	const char *array, *video, *audio;
};

static void put_names(struct cme_buf *buf, const char *text, bool map)
{
	char names[128], *rest = NULL;
	uint32_t count = 0;

	strcpy(names, text);
	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		count++;
	if (map)
		cme_amf_begin_object(buf);
	else
		cme_amf_begin_array(buf, count);
	strcpy(names, text);
	for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		if (!map) {
			cme_amf_put_string(buf, name);
			continue;
		}
		cme_amf_put_key(buf, name[0] == '-' ? name + 1 : name);
		cme_amf_put_number(buf, name[0] == '-' ? 0 : 4);
	}
	if (map)
		cme_amf_end_object(buf);
}

static void read_lists(struct cme_rtmp_offer *offer, const struct lists *lists)
{
	struct cme_amf_value object;
	struct cme_buf buf;

	*offer = (struct cme_rtmp_offer){ 0 };
	cme_buf_init(&buf, 4096);
	cme_amf_begin_object(&buf);
	cme_amf_put_key(&buf, "fmsVer");
	cme_amf_put_string(&buf, "FMS/3,5");
	if (lists->array) {
		cme_amf_put_key(&buf, "fourCcList");
		put_names(&buf, lists->array, false);
	}
	if (lists->video) {
		cme_amf_put_key(&buf, "videoFourCcInfoMap");
		put_names(&buf, lists->video, true);
	}
	if (lists->audio) {
		cme_amf_put_key(&buf, "audioFourCcInfoMap");
		put_names(&buf, lists->audio, true);
	}
	cme_amf_end_object(&buf);
	assert_int_equal(cme_amf_read((const uint8_t *)buf.data, buf.len, &object), buf.len);
	cme_rtmp_offer_read(offer, &object);
	cme_buf_fini(&buf);
}

static struct cme_media *media_of(enum cme_codec video, enum cme_codec audio)
{
	uint8_t record[] = { 1 };
	struct cme_params picture = { .codec = video, .extradata = record, .extradata_len = 1 };
	struct cme_params sound = { .codec = audio, .extradata = record, .extradata_len = 1 };

	return cme_media_new(&picture, &sound);
}

#define NOT_HERE " does not go to this destination (its codecs are "

static const struct {
	enum cme_codecs codecs;
	enum cme_codec video, audio;
	struct lists lists;
	enum cme_flv_dialect dialect;
	const char *refusal; /* NULL: it goes out */
} rows[] = {
	{ CME_CODECS_ENHANCED, CME_CODEC_H264, CME_CODEC_AAC, { 0 }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_H264, CME_CODEC_H264, CME_CODEC_MP3, { 0 }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ENHANCED, CME_CODEC_HEVC, CME_CODEC_OPUS, { 0 }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ID12, CME_CODEC_HEVC, CME_CODEC_AAC, { 0 }, CME_FLV_ID12, NULL },
	{ CME_CODECS_H264, CME_CODEC_HEVC, CME_CODEC_AAC, { 0 }, 0, "HEVC" NOT_HERE "\"h264\")" },
	{ CME_CODECS_ID12, CME_CODEC_AV1, CME_CODEC_AAC, { 0 }, 0, "AV1" NOT_HERE "\"id12\")" },
	{ CME_CODECS_ID12, CME_CODEC_HEVC, CME_CODEC_OPUS, { 0 }, 0, "Opus" NOT_HERE "\"id12\")" },
	/* a list binds */
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_AV1,
	  CME_CODEC_AAC,
	  { .array = "hvc1 av01" },
	  CME_FLV_DEFAULT,
	  NULL },
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_VP9,
	  CME_CODEC_AAC,
	  { .array = "hvc1 av01" },
	  0,
	  "the server does not take VP9 (it lists hvc1, av01; send it H.264 and AAC)" },
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_HEVC,
	  CME_CODEC_AAC,
	  { .array = "" },
	  0,
	  "the server does not take HEVC (it lists nothing; send it H.264 and AAC)" },
	{ CME_CODECS_ENHANCED, CME_CODEC_VP9, CME_CODEC_FLAC, { .array = "*" }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ENHANCED, CME_CODEC_VP9, CME_CODEC_AAC, { .video = "*" }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_AV1,
	  CME_CODEC_AAC,
	  { .video = "hvc1 -av01" },
	  0,
	  "the server does not take AV1 (it lists hvc1; send it H.264 and AAC)" },
	{ CME_CODECS_ID12, CME_CODEC_HEVC, CME_CODEC_AAC, { .video = "hvc1" }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ID12, CME_CODEC_HEVC, CME_CODEC_AAC, { .video = "av01" }, CME_FLV_ID12, NULL },
	/* v1's array says nothing of sound, as long as none is on it */
	{ CME_CODECS_ENHANCED, CME_CODEC_HEVC, CME_CODEC_OPUS, { .array = "hvc1" }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_HEVC,
	  CME_CODEC_OPUS,
	  { .array = "hvc1 fLaC" },
	  0,
	  "the server does not take Opus (it lists fLaC; send it H.264 and AAC)" },
	{ CME_CODECS_ENHANCED, CME_CODEC_HEVC, CME_CODEC_OPUS, { .audio = "Opus" }, CME_FLV_DEFAULT, NULL },
	{ CME_CODECS_ENHANCED,
	  CME_CODEC_H264,
	  CME_CODEC_AC3,
	  { .audio = "Opus" },
	  0,
	  "the server does not take AC-3 (it lists Opus; send it H.264 and AAC)" },
	/* what every server takes needs no list */
	{ CME_CODECS_ENHANCED, CME_CODEC_H264, CME_CODEC_AAC, { .video = "hvc1", .audio = "Opus" }, 0, NULL },
	{ CME_CODECS_ENHANCED, CME_CODEC_MPEG4, CME_CODEC_AAC, { 0 }, 0, "RTMP does not carry mpeg4" },
};

static void chooses_by_the_owners_word_and_the_servers_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_media *media = media_of(rows[i].video, rows[i].audio);
		struct cme_flv_told told = { 0 };
		struct cme_rtmp_offer offer;
		struct cme_err err = { 0 };
		int rc;

		read_lists(&offer, &rows[i].lists);
		rc = cme_rtmp_choose(&offer, rows[i].codecs, media, &told, &err);
		assert_string_equal(err.message, rows[i].refusal ? rows[i].refusal : "");
		assert_int_equal(rc, rows[i].refusal ? -1 : 0);
		if (rc == 0)
			assert_int_equal(told.dialect, rows[i].dialect);
		else
			assert_string_equal(err.code, "media.unsupported");
		cme_media_unref(media);
	}
}

static void says_notes_of_old_codecs_where_they_are_listed(void **state)
{
	static const struct lists old = { .video = "avc1", .audio = "mp4a" }, none = { 0 };
	struct cme_media *media = media_of(CME_CODEC_H264, CME_CODEC_AAC);
	struct cme_media *new = media_of(CME_CODEC_HEVC, CME_CODEC_OPUS);
	struct cme_flv_told told = { 0 };
	struct cme_rtmp_offer offer;
	struct cme_err err;

	(void)state;
	read_lists(&offer, &old);
	assert_int_equal(cme_rtmp_choose(&offer, CME_CODECS_ENHANCED, media, &told, &err), 0);
	assert_true(told.notes[CME_VIDEO] && told.notes[CME_AUDIO]);
	read_lists(&offer, &none);
	assert_int_equal(cme_rtmp_choose(&offer, CME_CODECS_ENHANCED, media, &told, &err), 0);
	assert_false(told.notes[CME_VIDEO] || told.notes[CME_AUDIO]);
	assert_int_equal(cme_rtmp_choose(NULL, CME_CODECS_ENHANCED, new, &told, &err), 0);
	assert_true(told.notes[CME_VIDEO] && told.notes[CME_AUDIO]);
	cme_media_unref(media);
	cme_media_unref(new);
}

static void knows_the_options_by_name(void **state)
{
	(void)state;
	assert_int_equal(cme_codecs_find("enhanced"), CME_CODECS_ENHANCED);
	assert_int_equal(cme_codecs_find("id12"), CME_CODECS_ID12);
	assert_int_equal(cme_codecs_find("h264"), CME_CODECS_H264);
	assert_int_equal(cme_codecs_find("hevc"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_by_the_owners_word_and_the_servers_list),
		cmocka_unit_test(says_notes_of_old_codecs_where_they_are_listed),
		cmocka_unit_test(knows_the_options_by_name),
	};

	return cmocka_run_group_tests_name("offer", tests, NULL, NULL);
}

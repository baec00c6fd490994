/* SPDX-License-Identifier: MIT */
#include "stream/flv/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char said[256];

static int hear(void *ctx, int kind, struct cme_buf *body)
{
	size_t at = strlen(said);

	(void)ctx;
	snprintf(said + at, sizeof said - at, "%c %02x %zu;", kind == CME_VIDEO ? 'v' : 'a',
		 (unsigned)(uint8_t)body->data[0], body->len);
	cme_buf_fini(body);
	return 0;
}

static struct cme_media *aac_alone(void)
{
	uint8_t config[] = { 0x11, 0x90 };

	return cme_media_new(NULL, &(struct cme_params){ .codec = CME_CODEC_AAC,
							 .extradata = config,
							 .extradata_len = sizeof config });
}

static void names_a_stream_with_a_note_as_the_reader_takes_it(void **state)
{
	struct cme_media *plain = aac_alone();
	struct cme_media *noted = cme_media_with_note(plain, CME_AUDIO, (const uint8_t *)"5.1", 3);
	struct cme_flv_told told = { .dialect = CME_FLV_DEFAULT };

	(void)state;
	for (int notes = 0; notes < 2; notes++) {
		said[0] = '\0';
		told.notes[CME_AUDIO] = notes;
		assert_true(cme_flv_told_nothing(&told));
		assert_int_equal(cme_flv_tell(&told, noted, CME_AUDIO, hear, NULL), 0);
		assert_string_equal(said, notes ? "a 90 7;a 94 8;" : "a af 4;");
		assert_true(cme_flv_told_of(&told, noted, CME_AUDIO));
		assert_false(cme_flv_told_of(&told, plain, CME_AUDIO));
		assert_true(cme_flv_told_of(&told, plain, CME_VIDEO)); /* which it does not have */
		cme_flv_told_clear(&told);
	}
	cme_media_unref(plain);
	cme_media_unref(noted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_a_stream_with_a_note_as_the_reader_takes_it),
	};

	return cmocka_run_group_tests_name("told", tests, NULL, NULL);
}

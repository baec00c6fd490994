/* SPDX-License-Identifier: MIT
 *
 * Boxes in pieces of every size: what describes the streams is kept, the media is not.
 */
#include "stream/boxes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FTYP 0, 0, 0, 12, 'f', 't', 'y', 'p', 'i', 's', 'o', '5'
#define MOOV 0, 0, 0, 1, 'm', 'o', 'o', 'v', 0, 0, 0, 0, 0, 0, 0, 19, 1, 2, 3
#define MDAT 0, 0, 0, 13, 'm', 'd', 'a', 't', 'm', 'o', 'o', 'v', 0
#define REST 0, 0, 0, 0, 'm', 'd', 'a', 't', 9, 9, 9, 9

static const uint8_t file[] = { FTYP, MOOV, MDAT, FTYP, MDAT, MOOV, REST };
static const uint8_t init[] = { FTYP, MOOV };

static void keeps_ftyp_and_moov(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof file; piece++) {
		struct cme_boxes boxes;
		unsigned whole = 0;

		cme_boxes_init(&boxes);
		for (size_t at = 0; at < sizeof file; at += piece) {
			size_t len = sizeof file - at < piece ? sizeof file - at : piece;

			whole += cme_boxes_feed(&boxes, file + at, len);
		}
		assert_true(whole == 2 || (whole == 1 && piece > sizeof init));
		assert_int_equal(boxes.init.len, sizeof init);
		assert_memory_equal(boxes.init.data, init, sizeof init);
		cme_boxes_fini(&boxes);
	}
}

static void leaves_out_what_is_too_large(void **state)
{
	static const uint8_t head[] = { 0x7f, 0, 0, 0, 'm', 'o', 'o', 'v' };
	static const uint8_t zeros[4096];
	struct cme_boxes boxes;

	(void)state;
	cme_boxes_init(&boxes);
	assert_false(cme_boxes_feed(&boxes, head, sizeof head));
	for (size_t fed = 0; fed < 2 * CME_BOXES_INIT_MAX; fed += sizeof zeros)
		assert_false(cme_boxes_feed(&boxes, zeros, sizeof zeros));
	assert_true(boxes.init.len <= CME_BOXES_INIT_MAX);
	cme_boxes_fini(&boxes);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keeps_ftyp_and_moov),
					    cmocka_unit_test(leaves_out_what_is_too_large) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

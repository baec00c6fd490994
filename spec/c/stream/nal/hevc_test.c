/* SPDX-License-Identifier: MIT
 *
 * What x265 makes, and the same cut off anywhere.
 */
#include "stream/nal/hevc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hevc_sample.h"

static const uint8_t vps[] = { HEVC_VPS }, sps[] = { HEVC_SPS }, pps[] = { HEVC_PPS };
static const uint8_t record[] = { HEVC_RECORD };

static void tells_units_apart(void **state)
{
	(void)state;
	assert_int_equal(cme_hevc_unit_type(vps, sizeof vps), CME_HEVC_VPS);
	assert_int_equal(cme_hevc_unit_type(sps, sizeof sps), CME_HEVC_SPS);
	assert_int_equal(cme_hevc_unit_type(pps, sizeof pps), CME_HEVC_PPS);
	assert_int_equal(cme_hevc_unit_type(pps, 1), -1);
	assert_false(cme_hevc_is_slice(sps, sizeof sps));
	assert_true(cme_hevc_is_slice((const uint8_t *)"\x28\1\xac", 3));
	assert_false(cme_hevc_is_slice((const uint8_t *)"", 0));
}

static void reads_an_sps(void **state)
{
	struct cme_hevc_sps it;

	(void)state;
	assert_true(cme_hevc_read_sps(sps, sizeof sps, &it));
	assert_int_equal(it.width, 322);
	assert_int_equal(it.height, 182);
	assert_int_equal(it.chroma, 1);
	assert_int_equal(it.luma_depth, 2);
	assert_int_equal(it.chroma_depth, 2);
	assert_int_equal(it.layers, 1);
	assert_true(it.nested);
	assert_memory_equal(it.profile, record + 1, CME_HEVC_PROFILE);
	for (size_t len = 0; len < 20; len++)
		assert_false(cme_hevc_read_sps(sps, len, &it));
}

static void reads_ids(void **state)
{
	uint32_t id = 9, sps_id = 9;

	(void)state;
	assert_true(cme_hevc_vps_id(vps, sizeof vps, &id));
	assert_int_equal(id, 0);
	assert_true(cme_hevc_pps_ids(pps, sizeof pps, &id, &sps_id));
	assert_int_equal(id, 0);
	assert_int_equal(sps_id, 0);
	assert_true(cme_hevc_slice_pps((const uint8_t *)"\x28\1\xac", 3, &id)); /* an IDR: 1 0 1 */
	assert_int_equal(id, 0);
	assert_true(cme_hevc_slice_pps((const uint8_t *)"\2\1\xa0", 3, &id)); /* no IRAP: 1 010 */
	assert_int_equal(id, 1);
	assert_false(cme_hevc_pps_ids(pps, 2, &id, &sps_id));
}

static void takes_a_record_apart(void **state)
{
	int width = 0, height = 0;
	struct cme_buf out;

	(void)state;
	cme_buf_init(&out, 1024);
	assert_true(cme_hevc_is_hvcc(record, sizeof record));
	assert_int_equal(cme_hevc_parameter_units(record, sizeof record, &out), 0);
	assert_int_equal(out.len, 12 + sizeof vps + sizeof sps + sizeof pps);
	assert_memory_equal(out.data + 4, vps, sizeof vps);
	assert_true(cme_hevc_record_size(record, sizeof record, &width, &height));
	assert_int_equal(width, 322);
	assert_int_equal(height, 182);
	for (size_t len = 0; len < sizeof record; len++) {
		cme_buf_reset(&out);
		assert_int_equal(cme_hevc_parameter_units(record, len, &out), -1);
	}
	cme_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_units_apart),
		cmocka_unit_test(reads_an_sps),
		cmocka_unit_test(reads_ids),
		cmocka_unit_test(takes_a_record_apart),
	};

	return cmocka_run_group_tests_name("hevc", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * AudioSpecificConfigs as encoders write them, and ADTS headers.
 */
#include "stream/codec/aac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	uint8_t config[8];
	size_t len;
	bool good;
	struct cme_aac aac;
} configs[] = {
	{ { 0x12, 0x10 }, 2, true, { 44100, 44100, 2, 1024 } },
	{ { 0x11, 0x88 }, 2, true, { 48000, 48000, 1, 1024 } },
	{ { 0x12, 0x14 }, 2, true, { 44100, 44100, 2, 960 } },
	{ { 0x2b, 0x92, 0x08, 0x00 }, 4, true, { 22050, 44100, 2, 1024 } }, /* SBR */
	{ { 0xeb, 0x8a, 0x08, 0x00 }, 4, true, { 22050, 44100, 2, 1024 } }, /* SBR and PS: mono coded */
	{ { 0x17, 0x80, 0x56, 0x22, 0x10, 0x00 }, 6, true, { 44100, 44100, 2, 1024 } }, /* the rate in full */
	{ { 0x16, 0x90 }, 2, false, { 0 } }, /* a rate that does not exist */
	{ { 0x12 }, 1, false, { 0 } },
	{ { 0 }, 0, false, { 0 } },
};

static void reads_configs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
		struct cme_aac aac;
		bool good = cme_aac_read_config(configs[i].config, configs[i].len, &aac);

		if (good != configs[i].good)
			fail_msg("config %zu", i);
		if (!good)
			continue;
		assert_int_equal(aac.sample_rate, configs[i].aac.sample_rate);
		assert_int_equal(aac.output_rate, configs[i].aac.output_rate);
		assert_int_equal(aac.channels, configs[i].aac.channels);
		assert_int_equal(aac.samples, configs[i].aac.samples);
	}
}

static void compares_adts_headers(void **state)
{
	static const uint8_t first[] = { 0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc }; /* 44.1 kHz, stereo */
	static const uint8_t longer[] = {
		0xff, 0xf0, 0x50, 0x83, 0xff, 0x1f, 0xfc
	}; /* the same, with a CRC */
	static const uint8_t rate[] = { 0xff, 0xf1, 0x4c, 0x80, 0x2e, 0x7f, 0xfc };
	static const uint8_t mono[] = { 0xff, 0xf1, 0x50, 0x40, 0x2e, 0x7f, 0xfc };
	uint32_t coding = cme_aac_adts_coding(first, sizeof first);

	(void)state;
	assert_int_not_equal(coding, 0);
	assert_int_equal(cme_aac_adts_coding(longer, sizeof longer), coding);
	assert_int_not_equal(cme_aac_adts_coding(rate, sizeof rate), coding);
	assert_int_not_equal(cme_aac_adts_coding(mono, sizeof mono), coding);
	assert_int_equal(cme_aac_adts_coding(first, 3), 0);
	assert_int_equal(cme_aac_adts_coding(first + 1, 6), 0);
}

static void writes_adts_headers(void **state)
{
	static const uint8_t expected[] = {
		0xff, 0xf1, 0x50, 0x80, 0x0d, 0xff, 0xfc
	}; /* 44.1 kHz, stereo, 111 */
	uint8_t out[CME_AAC_ADTS];

	(void)state;
	assert_true(cme_aac_put_adts(out, configs[0].config, 2, 104));
	assert_memory_equal(out, expected, sizeof expected);
	assert_true(cme_aac_put_adts(out, configs[3].config, 4, 104)); /* SBR: as its core */
	assert_false(cme_aac_put_adts(out, configs[0].config, 2, 8190));
	assert_false(cme_aac_put_adts(out, configs[5].config, 6, 104));
	assert_false(cme_aac_put_adts(out, configs[0].config, 1, 104));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_configs),
					    cmocka_unit_test(compares_adts_headers),
					    cmocka_unit_test(writes_adts_headers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

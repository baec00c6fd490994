/* SPDX-License-Identifier: MIT
 *
 * MPEG-TS of 8191 programmes without a table of them, of noise that libavformat takes for MP3 in places: so
 * it opens, and ends at the next stream beyond the bound. It was called a source that takes too much memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libavutil/log.h>

#include "pull/av/demux.h"

#define TS_PACKET 188
#define ROUND     300 /* packets until the noise begins anew */
#define ROUNDS    120
#define HEAD      13
#define PROGRAMS  8191

static void make_noise(uint8_t *out, size_t len)
{
	uint64_t state = UINT64_C(5731221955116141445);

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
		}
		out[i] = (uint8_t)(state >> 8 * (i % 8));
	}
}

/* Its first packet of a programme each, which begins a picture that says no length. */
static void write_file(FILE *file)
{
	uint8_t noise[ROUND + TS_PACKET];

	make_noise(noise, sizeof noise);
	for (unsigned n = 1; n <= ROUND * ROUNDS; n++) {
		unsigned i = (n - 1) % ROUND + 1, id = n * 4099 % PROGRAMS;
		uint8_t head[HEAD] = { 0x47,
				       (uint8_t)(0x40 | id >> 8),
				       (uint8_t)id,
				       (uint8_t)(0x10 | i % 16),
				       0,
				       0,
				       1,
				       0xe0,
				       0,
				       0,
				       0x80,
				       0,
				       0 };

		assert_int_equal(fwrite(head, 1, HEAD, file), HEAD);
		assert_int_equal(fwrite(noise + i - 1, 1, TS_PACKET - HEAD, file), TS_PACKET - HEAD);
	}
	assert_int_equal(fclose(file), 0);
}

static void says_that_they_are_too_many(void **state)
{
	char path[] = "/tmp/cme-many-XXXXXX";
	struct cme_order order = { .url = path, .kind = cme_kind_find("/") };
	struct cme_demux demux;
	struct cme_err err = { 0 };
	int rc = 0;

	(void)state;
	write_file(fdopen(mkstemp(path), "wb"));
	cme_demux_init(&demux, &order);
	assert_true(cme_demux_open(&demux) >= 0);
	while (rc >= 0)
		cme_packet_unref(cme_demux_next(&demux, &rc));
	cme_demux_fault(&demux, rc, false, &err);
	cme_demux_fini(&demux);
	unlink(path);
	assert_string_equal(err.code, "media.too_large");
	assert_non_null(strstr(err.message, "more than 128 streams"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_that_they_are_too_many) };

	av_log_set_level(AV_LOG_QUIET);
	return cmocka_run_group_tests_name("many_streams", tests, NULL, NULL);
}

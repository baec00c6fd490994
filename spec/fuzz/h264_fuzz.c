/* SPDX-License-Identifier: MIT
 *
 * H.264 as a source sends it: start codes to length prefixes, SPS and PPS to an avcC record and back, and
 * the picture's size out of either. See `make fuzz`.
 */
#include <stdint.h>
#include <stdlib.h>

#include "stream/nal/h264.h"
#include "stream/nal/sets.h"

#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_record(const uint8_t *record, size_t len)
{
	struct cme_buf units;
	int width = 0, height = 0;

	cme_buf_init(&units, OUT_MAX);
	cme_h264_record_size(record, len, &width, &height);
	if (width < 0 || height < 0)
		abort();
	(void)cme_h264_parameter_units(record, len, &units);
	cme_buf_fini(&units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_buf avcc, units;
	struct cme_sets sets;

	cme_buf_init(&avcc, OUT_MAX);
	cme_buf_init(&units, OUT_MAX);
	read_record(data, size);
	cme_sets_init(&sets, &cme_sets_h264);
	(void)cme_sets_read(&sets, data, size);
	(void)cme_sets_watch(&sets, data, size, sets.length_size);
	(void)cme_sets_watch(&sets, data, size, 0);
	if (cme_sets_record(&sets, &avcc) == 0) {
		if (!cme_h264_is_avcc((const uint8_t *)avcc.data, avcc.len))
			abort();
		read_record((const uint8_t *)avcc.data, avcc.len);
	}
	cme_sets_fini(&sets);
	(void)cme_sets_to_lengths(&cme_sets_h264, data, size, &units);
	cme_buf_fini(&avcc);
	cme_buf_fini(&units);
	return 0;
}

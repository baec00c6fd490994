/* SPDX-License-Identifier: MIT
 *
 * HEVC, AV1, VP9 and VP8 as a source sends them: parameter sets to a record and back, start codes to lengths,
 * and the picture's size out of records and keyframes. See `make fuzz`.
 */
#include <stdint.h>
#include <stdlib.h>

#include "stream/codec/picture.h"
#include "stream/nal/hevc.h"
#include "stream/nal/sets.h"

#define OUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_sizes(const uint8_t *data, size_t size)
{
	static const enum cme_codec codecs[] = { CME_CODEC_HEVC, CME_CODEC_AV1, CME_CODEC_VP9,
						 CME_CODEC_VP8 };
	int width = 1, height = 1;

	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
		struct cme_buf record;

		cme_picture_read_config(codecs[i], data, size, &width, &height);
		cme_picture_read_frame(codecs[i], data, size, &width, &height);
		cme_buf_init(&record, OUT_MAX);
		cme_picture_put_record(codecs[i], data, size, &record);
		cme_buf_fini(&record);
		if (width < 1 || height < 1)
			abort();
	}
}

/* A record that is made can be taken apart again. */
static void keep_sets(const uint8_t *data, size_t size)
{
	struct cme_buf record, units;
	struct cme_sets sets;

	cme_buf_init(&record, OUT_MAX);
	cme_buf_init(&units, 2 * OUT_MAX);
	cme_sets_init(&sets, &cme_sets_hevc);
	(void)cme_sets_read(&sets, data, size);
	(void)cme_sets_watch(&sets, data, size, sets.length_size);
	(void)cme_sets_watch(&sets, data, size, 0);
	if (cme_sets_record(&sets, &record) == 0) {
		if (!cme_hevc_is_hvcc((const uint8_t *)record.data, record.len) ||
		    cme_hevc_parameter_units((const uint8_t *)record.data, record.len, &units) != 0)
			abort();
	}
	cme_sets_fini(&sets);
	cme_buf_fini(&record);
	cme_buf_reset(&units);
	(void)cme_sets_to_lengths(&cme_sets_hevc, data, size, &units);
	cme_buf_fini(&units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_sizes(data, size);
	keep_sets(data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * What looks at a source's bytes before libavformat does: playlists and MP4 boxes, split where the
 * first byte says; and the two forms of an AAC config.
 */
#include "pull/av/m3u8.h"
#include "stream/boxes.h"
#include "stream/codec/aac.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_sound(const uint8_t *data, size_t len)
{
	uint8_t header[CME_AAC_ADTS];
	struct cme_aac aac;

	(void)cme_aac_read_config(data, len, &aac);
	(void)cme_aac_adts_coding(data, len);
	if (cme_aac_put_adts(header, data, len, len) && !cme_aac_adts_coding(header, sizeof header))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_boxes boxes;
	struct cme_m3u8 m3u8;
	size_t step;

	if (size < 2)
		return 0;
	read_sound(data + 1, size - 1);
	step = data[0] + 1u;
	cme_boxes_init(&boxes);
	cme_m3u8_init(&m3u8, 100);
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		cme_m3u8_feed(&m3u8, data + at, n);
		cme_boxes_feed(&boxes, data + at, n);
	}
	cme_boxes_fini(&boxes);
	return 0;
}

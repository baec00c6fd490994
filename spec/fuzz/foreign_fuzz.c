/* SPDX-License-Identifier: MIT
 *
 * What looks at a source's bytes before libavformat does: FLV tags and playlists, split where the first byte
 * says.
 */
#include "relay/m3u8.h"
#include "relay/tags.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_m3u8 m3u8;
	struct cme_tags tags;
	struct cme_err err;
	uint8_t chunk[256];
	size_t step;
	int rc = 0;

	if (size < 2)
		return 0;
	step = data[0] + 1u;
	cme_tags_init(&tags, 4096);
	cme_m3u8_init(&m3u8, 100);
	for (size_t at = 1; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		memcpy(chunk, data + at, n);
		if (rc == 0)
			rc = cme_tags_feed(&tags, chunk, n, &err);
		cme_m3u8_feed(&m3u8, data + at, n);
	}
	return 0;
}

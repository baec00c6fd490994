/* SPDX-License-Identifier: MIT
 *
 * Any text as the stream id of an SRT caller: a key that is found stands in the text, and has no comma where
 * the id has fields.
 */
#include "edge/srt/stream_id.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edge/keys/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t hash[CME_KEY_HASH];
	char *text = malloc(size + 1);
	const char *key;
	size_t len;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cme_stream_id_key(text, &key, &len) == CME_STREAM_ID_GOOD) {
		if (len == 0 || key < text || key + len > text + strlen(text))
			abort();
		if (key != text && memchr(key, ',', len))
			abort();
		(void)cme_key_hash(key, len, "", hash);
	}
	free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a chunk stream, fed whole and byte by byte: the same messages have to come out both ways.
 */
#include "rtmp/chunk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number that differs when any of the messages does (FNV-1a). */
static uint64_t digest(const uint8_t *data, size_t size, size_t step)
{
	struct cme_chunk_reader reader;
	struct cme_chunk_message message;
	uint64_t sum = 14695981039346656037u;
	int rc = 0;

	cme_chunk_reader_init(&reader);
	for (size_t at = 0; at < size && rc >= 0; at += step) {
		const uint8_t *part = data + at;
		size_t len = size - at < step ? size - at : step;

		while ((rc = cme_chunk_read(&reader, &part, &len, &message, NULL)) == 1) {
			sum = (sum ^ message.type ^ (uint64_t)message.timestamp << 8) * 1099511628211u;
			for (size_t i = 0; i < message.len; i++)
				sum = (sum ^ message.data[i]) * 1099511628211u;
		}
	}
	cme_chunk_reader_fini(&reader);
	return rc < 0 ? sum + 1 : sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (digest(data, size, size ? size : 1) != digest(data, size, 1))
		abort();
	return 0;
}

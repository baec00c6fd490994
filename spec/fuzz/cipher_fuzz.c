/* SPDX-License-Identifier: MIT
 *
 * Encrypted parts of HLS: any bytes end, and give no more than came; what was encrypted comes back as it was,
 * in whatever pieces the network gives it.
 */
#include <assert.h>
#include <libavutil/aes.h>
#include <libavutil/mem.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pull/av/cipher.h"

#define BLOCK  16
#define BUFFER 64
#define KEY    "000102030405060708090a0b0c0d0e0f"

/* What the sealed side still has. */
struct sealed {
	const uint8_t *data;
	size_t len;
	size_t piece;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void cme_web_close(AVIOContext *pb);

/* In the place of pull/http/web.c. */
void cme_web_close(AVIOContext *pb)
{
	av_freep(&pb->buffer);
	avio_context_free(&pb);
}

static int give(void *opaque, uint8_t *out, int size)
{
	struct sealed *sealed = opaque;
	size_t n = sealed->len < sealed->piece ? sealed->len : sealed->piece;

	n = n < (size_t)size ? n : (size_t)size;
	if (!n)
		return AVERROR_EOF;
	memcpy(out, sealed->data, n);
	sealed->data += n;
	sealed->len -= n;
	return (int)n;
}

/* All that can be read of it. The caller frees *out. */
static size_t read_all(struct sealed sealed, uint8_t **out)
{
	AVIOContext *pb = NULL,
		    *from = avio_alloc_context(av_malloc(BUFFER), BUFFER, 0, &sealed, give, NULL, NULL);
	AVDictionary *options = NULL;
	size_t len = 0, room = sealed.len;
	int n;

	av_dict_set(&options, "key", KEY, 0);
	av_dict_set(&options, "iv", KEY, 0);
	assert(cme_cipher_open(&pb, from, options) == 0);
	av_dict_free(&options);
	*out = malloc(room + 1);
	while ((n = avio_read(pb, *out + len, (int)(room + 1 - len))) > 0)
		len += (size_t)n;
	assert(len <= room);
	cme_cipher_close(pb);
	return len;
}

static void check_round_trip(const uint8_t *data, size_t size, size_t piece)
{
	size_t padding = BLOCK - size % BLOCK, len = size + padding;
	uint8_t *plain = malloc(len), *sealed = malloc(len), *out, key[BLOCK], iv[BLOCK];
	struct AVAES *aes = av_aes_alloc();

	for (uint8_t i = 0; i < BLOCK; i++)
		key[i] = iv[i] = i;
	memcpy(plain, data, size);
	memset(plain + size, (int)padding, padding);
	av_aes_init(aes, key, 8 * BLOCK, 0);
	av_aes_crypt(aes, sealed, plain, (int)(len / BLOCK), iv, 0);
	assert(read_all((struct sealed){ sealed, len, piece }, &out) == size && memcmp(out, data, size) == 0);
	free(out);
	free(plain);
	free(sealed);
	av_free(aes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size ? data[0] % 63 + 1U : 1;
	uint8_t *out;

	read_all((struct sealed){ data, size, piece }, &out);
	free(out);
	check_round_trip(data, size, piece);
	return 0;
}

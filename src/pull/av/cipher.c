/* SPDX-License-Identifier: MIT */
#include "pull/av/cipher.h"

#include <libavutil/aes.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pull/http/web.h"

#define BUFFER     32768
#define BLOCK      16
#define BLOCKS_MAX 1024 /* decrypted at once */

struct cipher {
	AVIOContext *sealed;
	struct AVAES *aes;
	uint8_t iv[BLOCK];
	uint8_t in[BLOCK * BLOCKS_MAX];
	size_t in_len;
	uint8_t out[BLOCK * BLOCKS_MAX];
	size_t out_at, out_len;
	bool over; /* the last block is decrypted */
};

const char *cme_cipher_plain(const char *url)
{
	return strncmp(url, "crypto:", 7) == 0 || strncmp(url, "crypto+", 7) == 0 ? url + 7 : NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(AVDictionary *options, const char *name, uint8_t out[BLOCK])
{
	const AVDictionaryEntry *entry = av_dict_get(options, name, NULL, 0);

	if (!entry || strlen(entry->value) != (size_t)2 * BLOCK)
		return false;
	for (int i = 0; i < BLOCK; i++) {
		int high = digit(entry->value[2 * i]), low = digit(entry->value[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Fills `in` as far as there is anything. 0, or a libavformat error code. */
static int fill(struct cipher *cipher)
{
	while (cipher->in_len < sizeof cipher->in) {
		int n = avio_read_partial(cipher->sealed, cipher->in + cipher->in_len,
					  (int)(sizeof cipher->in - cipher->in_len));

		if (n < 0 && n != AVERROR_EOF)
			return n;
		if (n <= 0) {
			cipher->over = true;
			return 0;
		}
		cipher->in_len += (size_t)n;
		if (cipher->in_len > BLOCK) /* the last block is kept: it may hold the padding */
			return 0;
	}
	return 0;
}

static void decrypt(struct cipher *cipher)
{
	size_t blocks = cipher->in_len / BLOCK;
	uint8_t padding;

	if (!cipher->over && blocks * BLOCK == cipher->in_len)
		blocks--;
	av_aes_crypt(cipher->aes, cipher->out, cipher->in, (int)blocks, cipher->iv, 1);
	cipher->in_len -= blocks * BLOCK;
	memmove(cipher->in, cipher->in + blocks * BLOCK, cipher->in_len);
	cipher->out_at = 0;
	cipher->out_len = blocks * BLOCK;
	if (!cipher->over || !cipher->out_len)
		return;
	padding = cipher->out[cipher->out_len - 1];
	if (padding >= 1 && padding <= BLOCK)
		cipher->out_len -= padding;
}

static int read_some(void *opaque, uint8_t *out, int size)
{
	struct cipher *cipher = opaque;
	size_t n;

	while (cipher->out_at == cipher->out_len) {
		int rc = cipher->over ? AVERROR_EOF : fill(cipher);

		if (rc < 0)
			return rc;
		decrypt(cipher);
	}
	n = cipher->out_len - cipher->out_at;
	n = n < (size_t)size ? n : (size_t)size;
	memcpy(out, cipher->out + cipher->out_at, n);
	cipher->out_at += n;
	return (int)n;
}

static void free_cipher(struct cipher *cipher)
{
	cme_web_close(cipher->sealed);
	av_free(cipher->aes);
	av_free(cipher);
}

static int init(struct cipher *cipher, AVDictionary *options)
{
	uint8_t key[BLOCK];

	if (!take_hex(options, "key", key) || !take_hex(options, "iv", cipher->iv))
		return AVERROR_INVALIDDATA;
	cipher->aes = av_aes_alloc();
	if (!cipher->aes)
		return AVERROR(ENOMEM);
	return av_aes_init(cipher->aes, key, 8 * BLOCK, 1) < 0 ? AVERROR_INVALIDDATA : 0;
}

int cme_cipher_open(AVIOContext **pb, AVIOContext *sealed, AVDictionary *options)
{
	struct cipher *cipher = av_mallocz(sizeof *cipher);
	uint8_t *buffer = av_malloc(BUFFER);
	int rc;

	if (!cipher || !buffer) {
		cme_web_close(sealed);
		av_free(cipher);
		av_free(buffer);
		return AVERROR(ENOMEM);
	}
	cipher->sealed = sealed;
	rc = init(cipher, options);
	*pb = rc < 0 ? NULL : avio_alloc_context(buffer, BUFFER, 0, cipher, read_some, NULL, NULL);
	if (*pb)
		return 0;
	free_cipher(cipher);
	av_free(buffer);
	return rc < 0 ? rc : AVERROR(ENOMEM);
}

void cme_cipher_close(AVIOContext *pb)
{
	if (!pb)
		return;
	free_cipher(pb->opaque);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
}

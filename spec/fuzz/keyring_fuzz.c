/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a key file and as a sealed text: what is read is whole, what is not sealed does not open, and
 * what fails leaves nothing.
 */
#include "sign/keyring.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file(struct cme_digest *digest, struct cme_bytes text)
{
	struct cme_keyring ring;
	struct cme_err err = { 0 };

	if (cme_keyring_read(&ring, digest, text, &err) != 0)
		assert(ring.count == 0 && strcmp(err.code, "invalid.seal_key") == 0);
	else
		assert(ring.count > 0 && ring.count <= CME_KEYRING_MAX);
	cme_keyring_wipe(&ring);
}

static void check_text(const struct cme_keyring *ring, struct cme_bytes text)
{
	struct cme_buf sealed, plain;
	struct cme_err err = { 0 };

	cme_buf_init(&sealed, 65536);
	cme_buf_init(&plain, 65536);
	assert(cme_keyring_open(ring, text, text, &plain, &err) != 0 && plain.len == 0);
	assert(cme_keyring_seal(ring, text, text, &sealed, &err) == 0);
	assert(cme_keyring_open(ring, text, (struct cme_bytes){ sealed.data, sealed.len }, &plain, &err) ==
	       0);
	assert(plain.len == text.len && memcmp(plain.data, text.data, text.len) == 0);
	cme_buf_fini(&sealed);
	cme_buf_fini(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char KEY[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	static struct cme_digest digest;
	static struct cme_keyring ring;
	struct cme_bytes text = { size ? (const char *)data : "", size };

	if (ring.count == 0) {
		cme_digest_init(&digest);
		assert(cme_keyring_read(&ring, &digest, (struct cme_bytes){ KEY, sizeof KEY - 1 }, NULL) ==
		       0);
	}
	check_file(&digest, text);
	check_text(&ring, text);
	return 0;
}

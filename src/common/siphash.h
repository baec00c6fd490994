/* SPDX-License-Identifier: MIT
 *
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): places in tables that nobody who
 * chooses the input can foresee without the secret. Pure; any thread.
 */
#ifndef CME_COMMON_SIPHASH_H
#define CME_COMMON_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct cme_siphash_secret {
	uint64_t half[2];
};

/* One of the kernel's randomness; where that fails, of the clock and the place in memory. */
struct cme_siphash_secret cme_siphash_secret(void);

uint64_t cme_siphash(struct cme_siphash_secret secret, const void *data, size_t len);

#endif

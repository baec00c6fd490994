/* SPDX-License-Identifier: MIT
 *
 * What is found by some bytes, in the same time whatever they are and however much there is: where a thing
 * stands follows from a secret of the table, and what stands there is compared in constant time. Its size is
 * given once, so that filling it cannot fail. One thread.
 */
#ifndef CME_EDGE_KEYS_TABLE_H
#define CME_EDGE_KEYS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/siphash.h"

struct cme_table_entry {
	const void *bytes; /* the owner's, as long as the table is there; NULL: nothing stands here */
	size_t len;
	void *value;
};

struct cme_table {
	struct cme_siphash_secret secret;
	size_t size;                     /* a power of 2, twice what it is for at least */
	struct cme_table_entry *entries; /* NULL: nothing is found */
};

/* One for so many things. 0 or -1: no memory. */
int cme_table_init(struct cme_table *table, size_t count);
void cme_table_fini(struct cme_table *table);

/* Puts a value in, not NULL. false: there is one for these bytes, which stays. */
bool cme_table_put(struct cme_table *table, const void *bytes, size_t len, void *value);

/* NULL: there is none. */
void *cme_table_get(const struct cme_table *table, const void *bytes, size_t len);

#endif

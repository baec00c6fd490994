/* SPDX-License-Identifier: MIT */
#include "edge/keys/table.h"

#include <openssl/crypto.h>
#include <stdlib.h>

int cme_table_init(struct cme_table *table, size_t count)
{
	size_t size = 2;

	while (size < 2 * count)
		size *= 2;
	*table = (struct cme_table){ .secret = cme_siphash_secret(), .size = size };
	table->entries = calloc(size, sizeof table->entries[0]);
	return table->entries ? 0 : -1;
}

void cme_table_fini(struct cme_table *table)
{
	free(table->entries);
	*table = (struct cme_table){ .entries = NULL };
}

/* Where these bytes stand, or would; half of all places are free. */
static struct cme_table_entry *find(const struct cme_table *table, const void *bytes, size_t len)
{
	size_t i = (size_t)cme_siphash(table->secret, bytes, len) & (table->size - 1);
	struct cme_table_entry *entry = &table->entries[i];

	while (entry->bytes && (entry->len != len || CRYPTO_memcmp(entry->bytes, bytes, len) != 0)) {
		i = (i + 1) & (table->size - 1);
		entry = &table->entries[i];
	}
	return entry;
}

bool cme_table_put(struct cme_table *table, const void *bytes, size_t len, void *value)
{
	struct cme_table_entry *entry = find(table, bytes, len);

	if (entry->bytes)
		return false;
	*entry = (struct cme_table_entry){ .bytes = bytes, .len = len, .value = value };
	return true;
}

void *cme_table_get(const struct cme_table *table, const void *bytes, size_t len)
{
	return table->entries ? find(table, bytes, len)->value : NULL;
}

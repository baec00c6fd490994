/* SPDX-License-Identifier: MIT
 *
 * Where and what an output records, that is a recording and no destination. Plain memory; the texts are
 * owned.
 */
#ifndef CME_RELAY_BASE_RECORD_H
#define CME_RELAY_BASE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#define CME_RECORD_PROGRAMME (-1) /* instead of an input: what destinations get */

struct cme_record_spec {
	char *folder;        /* the operator's, from the root */
	char *name;          /* that files begin with */
	int of;              /* CME_MAIN, CME_BACKUP or CME_RECORD_PROGRAMME */
	int64_t max_seconds; /* of a file; 0: any, as below */
	int64_t max_bytes;   /* of a file */
	int64_t total_bytes; /* of all files in the folder */
};

/* A copy; NULL: no memory, or from is NULL. */
struct cme_record_spec *cme_record_copy(const struct cme_record_spec *from);
void cme_record_free(struct cme_record_spec *record);

/* Either may be NULL. */
bool cme_record_same(const struct cme_record_spec *a, const struct cme_record_spec *b);

/* "main", "backup", "programme". */
const char *cme_record_of(const struct cme_record_spec *record);

#endif

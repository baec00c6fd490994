/* SPDX-License-Identifier: MIT
 *
 * What this program says, JSON lines on fd 1 (child/report.h); docs/look.md describes them. Addresses stand
 * in them as they are shown, without their secrets.
 *
 *     {"look":{"index":0,"state":"ok",...}}       at each look
 *     {"change":{"index":0,"state":"black",...}}  another state is named
 *     {"end":{"index":0,"state":"ok","seen":[],...}}  once for each, at the end
 *     {"error":{...}}                             it cannot work
 */
#ifndef CME_LOOK_TELL_H
#define CME_LOOK_TELL_H

#include "look/judge/judge.h"
#include "look/viewer.h"

struct cme_told {
	int index;       /* of the address in the order; -1: the source */
	const char *url; /* has secrets */
	const struct cme_judge *judge;
	enum cme_verdict verdict; /* that is named */
	enum cme_verdict before;  /* of a change */
	bool seen[CME_VERDICTS];  /* of the end: all that were named */
	const struct cme_viewer_facts *facts;
	const struct cme_sight *sight;
	const char *picture; /* file of what viewers see; NULL: none was written */
};

void cme_tell_look(const struct cme_told *told);
void cme_tell_change(const struct cme_told *told);
void cme_tell_end(const struct cme_told *told);
void cme_tell_error(const struct cme_err *err);

#endif

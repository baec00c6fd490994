/* SPDX-License-Identifier: MIT
 *
 * JPEGs of what viewers see, in the folder that was asked for: `INDEX.jpg`, written anew at each look, and
 * `INDEX-STATE.jpg`, when that state begins; of the source, `source.jpg` and so on. So their number is
 * bounded, and whoever wants to keep one may move it away. A file is complete whenever it is there.
 *
 * The main thread; blocks on the disk.
 */
#ifndef CME_LOOK_SNAPSHOT_H
#define CME_LOOK_SNAPSHOT_H

#include <limits.h>
#include <stdbool.h>

#include "look/judge/judge.h"
#include "look/viewer.h"

struct cme_snapshot {
	const char *folder;  /* NULL: none is written */
	int index;           /* of the address; -1: the source */
	char path[PATH_MAX]; /* of the file written last */
};

/* Writes the viewer's last picture; state CME_FINE: that of a look. The file's path, or NULL: there is no
 * picture, or it cannot be written. */
const char *cme_snapshot_take(struct cme_snapshot *snapshot, struct cme_viewer *viewer,
			      enum cme_verdict state);

#endif

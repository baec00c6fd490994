/* SPDX-License-Identifier: MIT
 *
 * The folder that recordings go to: the operator's, never more of its file system than is allowed. A name is
 * one component, given by a stranger to the machine: nothing of it leads out of the folder, and no file that
 * is there is opened, through a link or by itself.
 */
#ifndef CME_PUSH_FOLDER_H
#define CME_PUSH_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "common/err.h"

#define CME_FOLDER_NAME_MAX 128 /* bytes of a file's name, with its NUL */

struct cme_folder {
	int fd;              /* -1: not open */
	int64_t total_bytes; /* that all its files may have together; 0: any */
	int64_t looked_us;   /* when its room was measured last; 0: never */
};

/* 0, or -1 with err (record.failed). */
int cme_folder_open(struct cme_folder *folder, const char *path, int64_t total_bytes, struct cme_err *err);
void cme_folder_close(struct cme_folder *folder);

/* Creates "NAME-20261129T094621Z.mp4", or with "-2" and so on where that is taken, and writes that name to
 * out. Returns the descriptor, or -1 with err. */
int cme_folder_create(struct cme_folder *folder, const char *name, time_t at, char out[CME_FOLDER_NAME_MAX],
		      struct cme_err *err);

/* 0: there is room; -1 with err (record.full): less than 5 % of the file system is free, or the files have
 * more than they may. Looks once a second at most. */
int cme_folder_check(struct cme_folder *folder, struct cme_err *err);

#endif

/* SPDX-License-Identifier: MIT */
#include "push/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/text.h"

#define FREE_PERCENT 5
#define SAME_MAX     999 /* files of one name and second */

int cme_folder_open(struct cme_folder *folder, const char *path, int64_t total_bytes, struct cme_err *err)
{
	*folder = (struct cme_folder){ .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
				       .total_bytes = total_bytes };
	if (folder->fd >= 0)
		return 0;
	return cme_err_set(err, "record.failed", "%s", strerror(errno));
}

void cme_folder_close(struct cme_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = -1;
}

int cme_folder_create(struct cme_folder *folder, const char *name, time_t at, char out[CME_FOLDER_NAME_MAX],
		      struct cme_err *err)
{
	char stamp[32], number[16] = "";
	struct tm tm;
	int fd = -1;

	if (!cme_file_name_fits(name))
		return cme_err_set(err, "record.failed", "a name that no file may have");
	gmtime_r(&at, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	for (int i = 2; fd < 0 && i <= SAME_MAX; i++) {
		snprintf(out, CME_FOLDER_NAME_MAX, "%s-%s%s.mp4", name, stamp, number);
		fd = openat(folder->fd, out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
		if (fd < 0 && errno != EEXIST)
			break;
		snprintf(number, sizeof number, "-%d", i);
	}
	if (fd >= 0)
		return fd;
	return cme_err_set(err, errno == ENOSPC ? "record.full" : "record.failed", "%s", strerror(errno));
}

/* Of all files, which may be written by others meanwhile. */
static int64_t sum(const struct cme_folder *folder)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int64_t all = 0;
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((entry = readdir(dir)))
		if (fstatat(folder->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			all += st.st_size;
	closedir(dir);
	return all;
}

int cme_folder_check(struct cme_folder *folder, struct cme_err *err)
{
	int64_t now_us = cme_now_us();
	struct statvfs fs;

	if (folder->looked_us && now_us - folder->looked_us < CME_SECOND_US)
		return 0;
	folder->looked_us = now_us;
	if (fstatvfs(folder->fd, &fs) != 0)
		return cme_err_set(err, "record.failed", "%s", strerror(errno));
	if (fs.f_bavail < fs.f_blocks / 100 * FREE_PERCENT)
		return cme_err_set(err, "record.full", "less than %d %% of the disk are free", FREE_PERCENT);
	if (folder->total_bytes && sum(folder) >= folder->total_bytes)
		return cme_err_set(err, "record.full",
				   "the recordings have all the %ld bytes that they may have",
				   (long)folder->total_bytes);
	return 0;
}

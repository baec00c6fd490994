/* SPDX-License-Identifier: MIT */
#include "relay/base/cafile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Appends the file and an end of line. 0, or -1 with errno. */
static int append_file(int to, const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	char bytes[16384];
	ssize_t n = -1;

	if (from < 0)
		return -1;
	while ((n = read(from, bytes, sizeof bytes)) > 0)
		if (write(to, bytes, (size_t)n) != n)
			break;
	close(from);
	return n == 0 && write(to, "\n", 1) == 1 ? 0 : -1;
}

int cme_cafile(const char *extra, char *path, size_t size, struct cme_err *err)
{
	int fd;

	if (!extra) {
		snprintf(path, size, "%s", access(CME_CAFILE_SYSTEM, R_OK) == 0 ? CME_CAFILE_SYSTEM : "");
		return 0;
	}
	fd = memfd_create("cme-relay-ca", MFD_CLOEXEC);
	if (fd < 0)
		return cme_err_set(err, "internal", "memfd_create: %s", strerror(errno));
	if (access(CME_CAFILE_SYSTEM, R_OK) == 0)
		append_file(fd, CME_CAFILE_SYSTEM);
	if (append_file(fd, extra) != 0) {
		cme_err_set(err, "usage", "read '%s': %s", extra, strerror(errno));
		close(fd);
		return -1;
	}
	snprintf(path, size, "/proc/%d/fd/%d", (int)getpid(), fd); /* our children read it, too */
	return 0;
}

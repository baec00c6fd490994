/* SPDX-License-Identifier: MIT */
#include "look/snapshot.h"

#include <fcntl.h>
#include <libavcodec/packet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/write_all.h"

#define UNFINISHED ".part"

static bool name_it(struct cme_snapshot *snapshot, enum cme_verdict state, char *part, size_t size)
{
	char whose[16] = "source";
	int len;

	if (snapshot->index >= 0)
		(void)snprintf(whose, sizeof whose, "%d", snapshot->index);
	len = snprintf(snapshot->path, sizeof snapshot->path, "%s/%s%s%s.jpg", snapshot->folder, whose,
		       state == CME_FINE ? "" : "-", state == CME_FINE ? "" : cme_verdict_name(state));
	if (len < 0 || (size_t)len >= sizeof snapshot->path)
		return false;
	len = snprintf(part, size, "%s%s", snapshot->path, UNFINISHED);
	return len >= 0 && (size_t)len < size;
}

/* Never through a link that somebody else put there. */
static bool write_file(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	bool done;

	if (fd < 0)
		return false;
	done = cme_write_all(fd, data, len);
	return close(fd) == 0 && done;
}

static bool put(const char *part, const char *path, const struct AVPacket *jpeg)
{
	if (write_file(part, jpeg->data, (size_t)jpeg->size) && rename(part, path) == 0)
		return true;
	unlink(part);
	return false;
}

const char *cme_snapshot_take(struct cme_snapshot *snapshot, struct cme_viewer *viewer,
			      enum cme_verdict state)
{
	char part[PATH_MAX];
	struct AVPacket *jpeg;
	bool done;

	if (!snapshot->folder || !name_it(snapshot, state, part, sizeof part))
		return NULL;
	jpeg = cme_viewer_jpeg(viewer);
	done = jpeg && put(part, snapshot->path, jpeg);
	av_packet_free(&jpeg);
	return done ? snapshot->path : NULL;
}

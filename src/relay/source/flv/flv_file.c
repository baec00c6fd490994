/* SPDX-License-Identifier: MIT */
#include "relay/source/flv/flv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/redact.h"
#include "relay/source/flv_reader.h"
#include "stream/flv/file.h"

#define IN_SIZE   ((size_t)64 * 1024)
#define SHOWN_MAX 256

struct flv_source {
	const char *url; /* the feed's */
	int fd;
	struct cme_flv_file file;
	struct cme_flv_reader reader;
	struct cme_err err; /* why the last call failed; code empty: it did not */
	const uint8_t *at;  /* of the bytes read, the first that is not used up */
	size_t len;
	uint8_t in[IN_SIZE];
};

/* ---- opening */

static int open_file(struct flv_source *source)
{
	struct stat stat;

	source->fd = open(source->url + strlen(CME_FLV_FILE_PREFIX), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0)
		return cme_err_set(&source->err, "source.refused", "%s", strerror(errno));
	if (fstat(source->fd, &stat) != 0 || !S_ISREG(stat.st_mode))
		return cme_err_set(&source->err, "source.refused", "not a regular file");
	return 0;
}

static void set_fault(const struct flv_source *source, const char *doing, struct cme_err *err)
{
	char shown[SHOWN_MAX];

	*err = source->err;
	cme_err_prefix(err, "%s '%s'", doing, cme_redact_url(source->url, shown, sizeof shown));
}

static int open_feed(struct cme_feed *feed, struct cme_err *err)
{
	struct flv_source *source = calloc(1, sizeof *source);

	feed->backend = source;
	if (!source)
		return cme_err_set(err, "internal", "out of memory");
	source->url = feed->url;
	cme_flv_file_init(&source->file, CME_PACKET_BYTES_MAX);
	cme_flv_reader_init(&source->reader, feed->track);
	feed->reader = &source->reader;
	if (open_file(source) == 0)
		return 0;
	set_fault(source, "open", err);
	return -1;
}

/* ---- reading */

/* More bytes. 1; 0: the file has no more; -1 with err. */
static int fill(struct flv_source *source)
{
	ssize_t n = read(source->fd, source->in, IN_SIZE);

	if (n < 0)
		return cme_err_set(&source->err, "source.ended", "%s", strerror(errno));
	source->at = source->in;
	source->len = (size_t)n;
	return n > 0;
}

static int end_of_file(struct flv_source *source)
{
	int rc = cme_gather_end(&source->reader.gather);

	if (rc < 0 && rc != CME_END_PICTURE)
		cme_err_set(&source->err, "source.ended", "it has no pictures and no sound that can be read");
	return rc;
}

/* Feeds the reader one tag more. 0, or why it ends (end.h). */
static int feed_tag(struct flv_source *source)
{
	struct cme_flv_tag tag;
	int rc = 0, more = 1;

	while (rc == 0 && more > 0) {
		rc = cme_flv_file_read(&source->file, &source->at, &source->len, &tag, &source->err);
		if (rc == 0)
			more = fill(source);
	}
	if (rc < 0 || more < 0)
		return CME_END_UNREADABLE;
	if (rc == 0)
		return end_of_file(source);
	cme_flv_reader_feed(&source->reader, tag.type, tag.timestamp, tag.data, tag.len);
	return 0;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct flv_source *source = feed->backend;
	struct cme_packet *packet = cme_flv_reader_next(&source->reader, rc);

	if (packet || *rc < 0)
		return packet;
	*rc = feed_tag(source);
	return *rc < 0 ? NULL : cme_flv_reader_next(&source->reader, rc);
}

static void fault(const struct cme_feed *feed, int rc, struct cme_err *err)
{
	struct flv_source *source = feed->backend;

	if (!source->err.code[0])
		cme_flv_reader_fault(&source->reader, rc, &source->err);
	set_fault(source, "read", err);
}

static bool paced(const struct cme_feed *feed)
{
	(void)feed;
	return true;
}

static void close_feed(struct cme_feed *feed)
{
	struct flv_source *source = feed->backend;

	if (!source)
		return;
	if (source->fd >= 0)
		close(source->fd);
	cme_flv_reader_fini(&source->reader);
	cme_flv_file_fini(&source->file);
	free(source);
	feed->backend = NULL;
}

const struct cme_feed_ops cme_source_flv_file = {
	.name = "FLV file",
	.open = open_feed,
	.next = next,
	.fault = fault,
	.paced = paced,
	.close = close_feed,
};

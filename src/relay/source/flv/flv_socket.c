/* SPDX-License-Identifier: MIT */
#include "relay/source/flv/flv_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/redact.h"
#include "relay/base/life.h"
#include "relay/base/sys.h"
#include "relay/source/flv/flv_live.h"

#define PREFIX    "unix:"
#define SLICE_MS  100 /* how often a waiting thread looks up */
#define IN_SIZE   ((size_t)64 * 1024)
#define SHOWN_MAX 256

struct flv_socket {
	struct cme_feed *feed;
	int fd;
	struct cme_flv_live live;
	const uint8_t *at; /* of the bytes read, the first that is not used up */
	size_t len;
	bool ended;
	uint8_t in[IN_SIZE];
};

/* ---- opening */

static int refused(struct flv_socket *source, int number)
{
	const char *code = number == ENOENT || number == EACCES ? "source.refused" : "network.connect";

	return cme_err_set(&source->live.err, code, "%s", strerror(number));
}

/* A unix socket connects at once, or not at all. */
static int dial(struct flv_socket *source)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = source->feed->url + strlen(PREFIX);

	if (strlen(path) >= sizeof address.sun_path)
		return refused(source, ENAMETOOLONG);
	memcpy(address.sun_path, path, strlen(path));
	source->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (source->fd < 0)
		return cme_err_set(&source->live.err, "internal", "no descriptor left");
	if (connect(source->fd, (const struct sockaddr *)(const void *)&address, sizeof address) != 0)
		return refused(source, errno);
	return 0;
}

static void set_fault(const struct flv_socket *source, const char *doing, struct cme_err *err)
{
	char shown[SHOWN_MAX];

	*err = source->live.err;
	cme_err_prefix(err, "%s '%s'", doing, cme_redact_url(source->feed->url, shown, sizeof shown));
}

static int open_feed(struct cme_feed *feed, struct cme_err *err)
{
	struct flv_socket *source = calloc(1, sizeof *source);

	feed->backend = source;
	if (!source)
		return cme_err_set(err, "internal", "out of memory");
	source->feed = feed;
	source->fd = -1;
	cme_flv_live_init(&source->live, feed->track);
	feed->reader = &source->live.reader;
	if (dial(source) == 0)
		return 0;
	set_fault(source, "open", err);
	return -1;
}

/* ---- reading */

static void receive(struct flv_socket *source)
{
	struct pollfd fd = { .fd = source->fd, .events = POLLIN };
	ssize_t n;

	if (cme_wait_for_peer(&fd, 1, SLICE_MS, &source->live.due_us) <= 0)
		return;
	n = read(source->fd, source->in, IN_SIZE);
	source->at = source->in;
	source->len = n > 0 ? (size_t)n : 0;
	source->ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static int end_of_media(struct flv_socket *source)
{
	int rc = cme_flv_live_end(&source->live);

	if (rc < 0 && rc != CME_END_PICTURE)
		cme_err_set(&source->live.err, "source.ended", "the source ended");
	return rc;
}

/* Takes the next tag, or waits for more. 0, or why it ends (end.h). */
static int take_more(struct cme_feed *feed)
{
	struct flv_socket *source = feed->backend;
	int rc;

	cme_life_sign();
	if (!source->len && !source->ended) {
		cme_feed_rest(feed);
		receive(source);
	}
	rc = cme_flv_live_feed(&source->live, &source->at, &source->len);
	if (rc < 0)
		return CME_END_UNREADABLE;
	if (rc == 0 && source->ended)
		return end_of_media(source);
	return cme_cancelled(feed->cancel) || cme_flv_live_overdue(&source->live) ? CME_END_CUT : 0;
}

static struct cme_packet *next(struct cme_feed *feed, int *rc)
{
	struct flv_socket *source = feed->backend;

	return cme_flv_live_next(&source->live, feed, take_more, rc);
}

static void fault(const struct cme_feed *feed, int rc, struct cme_err *err)
{
	(void)rc;
	set_fault(feed->backend, "read", err);
}

static bool paced(const struct cme_feed *feed)
{
	(void)feed;
	return false;
}

static void close_feed(struct cme_feed *feed)
{
	struct flv_socket *source = feed->backend;

	if (!source)
		return;
	if (source->fd >= 0)
		close(source->fd);
	cme_flv_live_fini(&source->live);
	free(source);
	feed->backend = NULL;
}

const struct cme_feed_ops cme_source_flv_socket = {
	.name = "FLV socket",
	.open = open_feed,
	.next = next,
	.fault = fault,
	.paced = paced,
	.close = close_feed,
};

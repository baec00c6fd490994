/* SPDX-License-Identifier: MIT */
#include "relay/output/push/window.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BEFORE_MAX ((size_t)256 * 1024)
#define PARTS      3

void cme_window_init(struct cme_window *window)
{
	*window = (struct cme_window){ .count = 0 };
	cme_flv_writer_init(&window->writer);
	cme_buf_init(&window->before, BEFORE_MAX);
}

static struct cme_packet **entry(struct cme_window *window, size_t i)
{
	return &window->ring[(window->head + i) & (CME_WINDOW_MAX - 1)];
}

static void drop_head(struct cme_window *window)
{
	struct cme_packet *packet = *entry(window, 0);

	window->bytes -= packet->size;
	window->head = (window->head + 1) & (CME_WINDOW_MAX - 1);
	window->count--;
	cme_packet_unref(packet);
}

void cme_window_fini(struct cme_window *window)
{
	while (window->count)
		drop_head(window);
	cme_flv_writer_fini(&window->writer);
	cme_buf_fini(&window->before);
}

bool cme_window_room(const struct cme_window *window)
{
	return !window->sending && window->count < CME_WINDOW_MAX && window->bytes < CME_WINDOW_BYTES_MAX;
}

int cme_window_add(struct cme_window *window, struct cme_packet *packet)
{
	cme_buf_reset(&window->before);
	if (cme_flv_writer_put(&window->writer, packet, &window->before, window->trailer) != 0) {
		cme_packet_unref(packet);
		return -1;
	}
	*entry(window, window->count++) = packet;
	window->bytes += packet->size;
	window->sending = true;
	window->sent = 0;
	return 0;
}

/* What is left of the three parts. */
static size_t fill(struct cme_window *window, struct iovec iov[PARTS])
{
	const struct cme_packet *packet = *entry(window, window->count - 1);
	const struct iovec parts[PARTS] = {
		{ window->before.data, window->before.len },
		{ (uint8_t *)packet->data, packet->size },
		{ window->trailer, sizeof window->trailer },
	};
	size_t skip = window->sent, n = 0;

	for (int i = 0; i < PARTS; i++) {
		size_t skipped = skip < parts[i].iov_len ? skip : parts[i].iov_len;

		skip -= skipped;
		if (parts[i].iov_len > skipped)
			iov[n++] = (struct iovec){ (char *)parts[i].iov_base + skipped,
						   parts[i].iov_len - skipped };
	}
	return n;
}

int cme_window_send(struct cme_window *window, int fd)
{
	while (window->sending) {
		struct iovec iov[PARTS];
		struct msghdr message = { .msg_iov = iov, .msg_iovlen = fill(window, iov) };
		ssize_t n = message.msg_iovlen ? sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		window->sent += (size_t)n;
		window->sending = fill(window, iov) > 0;
	}
	return 0;
}

void cme_window_acknowledge(struct cme_window *window, size_t count, cme_window_done *done, void *ctx)
{
	while (count-- && window->count > window->sending) {
		done(ctx, *entry(window, 0));
		drop_head(window);
	}
}

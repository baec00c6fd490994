/* SPDX-License-Identifier: MIT */
#include "pull/send.h"

#include <errno.h>
#include <libavutil/error.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pull/limit.h"
#include "stream/gather.h"

#define SOCKET_FD STDIN_FILENO
#define HEAD_MAX  ((size_t)256 * 1024) /* two configurations and a head */

void cme_sender_init(struct cme_sender *sender)
{
	cme_flv_writer_init(&sender->writer);
	cme_buf_init(&sender->head, HEAD_MAX);
}

void cme_sender_fini(struct cme_sender *sender)
{
	cme_flv_writer_fini(&sender->writer);
	cme_buf_fini(&sender->head);
}

/* Moves past what was sent. */
static void advance(struct iovec *parts, int count, size_t n)
{
	for (int i = 0; i < count; i++) {
		size_t here = n < parts[i].iov_len ? n : parts[i].iov_len;

		parts[i].iov_base = (uint8_t *)parts[i].iov_base + here;
		parts[i].iov_len -= here;
		n -= here;
	}
}

static size_t left(const struct iovec *parts, int count)
{
	size_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += parts[i].iov_len;
	return sum;
}

static int send_all(struct iovec *parts, int count, struct cme_err *err)
{
	while (left(parts, count)) {
		ssize_t n = writev(SOCKET_FD, parts, count);

		if (n > 0)
			advance(parts, count, (size_t)n);
		else if (errno != EINTR || cme_limit_asked())
			return cme_err_set(err, "internal", "the engine takes no media any more");
	}
	return 0;
}

int cme_send_bytes(uint8_t *data, size_t len, struct cme_err *err)
{
	struct iovec part = { data, len };

	return send_all(&part, 1, err);
}

/* What FLV has no form for, MPEG-TS has none for either (stream/flv/codec.h). */
static int refuse(const struct cme_packet *packet, struct cme_err *err)
{
	const struct cme_params *par = packet->media->par[packet->stream];

	cme_err_set(err, "media.unsupported", "%s does not carry %s", "MPEG-TS", cme_params_name(par));
	return AVERROR_PATCHWELCOME;
}

int cme_send_packet(struct cme_sender *sender, const struct cme_packet *packet, struct cme_err *err)
{
	uint8_t trailer[CME_FLV_TRAILER];
	struct iovec parts[3];

	cme_buf_reset(&sender->head);
	if (cme_flv_writer_put(&sender->writer, packet, &sender->head, trailer) != 0)
		return refuse(packet, err);
	parts[0] = (struct iovec){ sender->head.data, sender->head.len };
	parts[1] = (struct iovec){ (uint8_t *)packet->data, packet->size };
	parts[2] = (struct iovec){ trailer, sizeof trailer };
	return send_all(parts, 3, err) == 0 ? 0 : AVERROR_EXIT;
}

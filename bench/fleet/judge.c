/* SPDX-License-Identifier: MIT
 *
 * A platform that refuses nobody: it admits any number of publishers of a key at once, and says when each
 * message of picture and sound came. Whether two hosts published at once can be seen here only: a strict
 * platform hides it.
 *
 *   judge HOST:PORT
 *
 * Lines on stdout; ID counts publishes, TIME is microseconds of CLOCK_MONOTONIC when the bytes were read:
 *
 *   publish ID TIME ADDRESS KEY    somebody publishes
 *   k ID TIME TIMESTAMP            a keyframe, and its message's time in milliseconds
 *   v ID TIME TIMESTAMP            another picture
 *   a ID TIME TIMESTAMP            sound
 *   end ID TIME                    the publisher is gone
 *
 * Connections are read in the order in which they came, so that what an older one had sent is known before
 * what a newer one sends. Ends with stdin. One thread.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "edge/endpoint.h"
#include "rtmp/server/server.h"
#include "stream/packet.h" /* CME_PACKET_BYTES_MAX */

#define CONNECTIONS_MAX 1024
#define READ            ((size_t)64 * 1024)
#define BACKLOG         256
#define KEYFRAME        1 /* the upper half of a picture's first byte (FLV, E.4.3.1) */
#define SEQUENCE_HEADER 0 /* the second byte of H.264: no picture */

struct publisher {
	struct cme_rtmp_server server;
	unsigned id; /* 0: it does not publish */
	char address[CME_ENDPOINT_MAX];
};

/* Places 0 and 1 are stdin and the listener; publishers follow in the order in which they came. */
static struct pollfd watched[2 + CONNECTIONS_MAX];
static struct publisher *publishers[2 + CONNECTIONS_MAX];
static nfds_t count = 2;
static unsigned last_id;

static int fail(const char *what)
{
	fprintf(stderr, "judge: %s: %s\n", what, strerror(errno));
	return 1;
}

/* ---- what is said */

static void say_end(const struct publisher *one)
{
	if (one->id)
		printf("end %u %" PRId64 "\n", one->id, cme_now_us());
}

static void say_publish(struct publisher *one, const struct cme_rtmp_key *key)
{
	say_end(one);
	one->id = ++last_id;
	printf("publish %u %" PRId64 " %s %.*s\n", one->id, cme_now_us(), one->address, (int)key->len,
	       key->text);
}

/* 'k', 'v' or 'a'; 0 for what shows and sounds nothing. Only what the benches send is known: H.264 and AAC.
 */
static char kind_of(const struct cme_chunk_message *message)
{
	if (message->len < 2 || message->data[1] == SEQUENCE_HEADER)
		return 0;
	if (message->type == CME_RTMP_AUDIO)
		return 'a';
	if (message->type != CME_RTMP_VIDEO)
		return 0;
	return message->data[0] >> 4 == KEYFRAME ? 'k' : 'v';
}

static void say_media(const struct publisher *one, const struct cme_chunk_message *message, int64_t now_us)
{
	char kind = kind_of(message);

	if (kind)
		printf("%c %u %" PRId64 " %" PRIu32 "\n", kind, one->id, now_us, message->timestamp);
}

/* ---- publishers */

static void drop(nfds_t at)
{
	say_end(publishers[at]);
	cme_rtmp_server_fini(&publishers[at]->server);
	free(publishers[at]);
	close(watched[at].fd);
	watched[at].fd = -1;
}

/* Closes the gaps and keeps the order. */
static void forget_dropped(void)
{
	nfds_t kept = 2;

	for (nfds_t i = 2; i < count; i++) {
		if (watched[i].fd < 0)
			continue;
		publishers[kept] = publishers[i];
		watched[kept++] = watched[i];
	}
	count = kept;
}

/* 0, or -1: it is gone, or does not take what it is told. */
static int answer(nfds_t at)
{
	struct cme_buf *out = &publishers[at]->server.out;

	while (out->len) {
		ssize_t n = send(watched[at].fd, out->data, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			return -1;
		cme_buf_consume(out, (size_t)n);
	}
	return 0;
}

static int hear(struct publisher *one, const uint8_t *data, size_t len)
{
	struct cme_rtmp_heard_what what;
	int64_t now_us = cme_now_us();
	struct cme_err err;
	int heard;

	while ((heard = cme_rtmp_server_read(&one->server, &data, &len, &what, &err)) > 0) {
		if (heard == CME_RTMP_HEARD_CONNECT) {
			cme_rtmp_server_accept(&one->server);
		} else if (heard == CME_RTMP_HEARD_PUBLISH) {
			say_publish(one, &what.key);
			cme_rtmp_server_admit(&one->server, CME_PACKET_BYTES_MAX);
		} else if (heard == CME_RTMP_HEARD_MEDIA) {
			say_media(one, &what.message, now_us);
		}
	}
	return heard;
}

/* All that has come, so that a newer connection has its turn after it. */
static void receive(nfds_t at)
{
	static uint8_t in[READ];
	ssize_t n;

	while ((n = recv(watched[at].fd, in, sizeof in, MSG_DONTWAIT)) > 0) {
		if (hear(publishers[at], in, (size_t)n) < 0 || answer(at) != 0) {
			drop(at);
			return;
		}
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drop(at);
}

static void admit(int listener)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof address;
	int fd = accept(listener, (struct sockaddr *)&address, &len);
	struct publisher *one = fd < 0 || count == 2 + CONNECTIONS_MAX ? NULL : calloc(1, sizeof *one);

	if (!one) {
		if (fd >= 0)
			close(fd);
		return;
	}
	cme_rtmp_server_init(&one->server, (uint64_t)cme_now_us());
	cme_endpoint_show(one->address, (struct sockaddr *)&address);
	publishers[count] = one;
	watched[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* ---- the loop */

static int listen_at(const char *where)
{
	struct sockaddr_storage address;
	struct cme_err err;
	socklen_t len;
	int fd;

	if (cme_endpoint_read(where, &address, &len, &err) != 0) {
		fprintf(stderr, "judge: %s\n", err.message);
		return -1;
	}
	fd = socket(address.ss_family, SOCK_STREAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0) {
		fail(where);
		return -1;
	}
	return fd;
}

static void serve(int listener)
{
	watched[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	watched[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
	while (!watched[0].revents) {
		if (poll(watched, count, -1) < 0)
			continue;
		for (nfds_t i = 2; i < count; i++) {
			if (watched[i].revents)
				receive(i);
		}
		forget_dropped();
		if (watched[1].revents)
			admit(listener);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	int listener;

	if (argc != 2) {
		fprintf(stderr, "usage: judge HOST:PORT\n");
		return 2;
	}
	listener = listen_at(argv[1]);
	if (listener < 0)
		return 1;
	printf("listening\n");
	fflush(stdout);
	serve(listener);
	return 0;
}

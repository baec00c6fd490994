/* SPDX-License-Identifier: MIT
 *
 * The least that relaying can cost: receive once, send the same bytes to N sockets, know nothing of them.
 * What a relay spends beyond this is its own. No queue, no protocol, no fault is survived; sends block.
 *
 *   floor sink             listens on a free port of 127.0.0.1, says which, and throws away what it gets
 *   floor relay FROM TO N  connects to FROM once and to port TO N times, and copies; FROM is the path of a
 *                          unix socket, or the port of a server whose live/show it plays by RTMP
 *
 * "Bare loop" is meant: each read is sent at once, as it came.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512
#define BUFFER          (256 * 1024)
#define HANDSHAKE       1536 /* bytes of C1, S1, C2 and S2 */

static char buffer[BUFFER];

static int fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	return 1;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int connect_to(int port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static int connect_to_path(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ? -1 : fd;
}

static bool send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Adobe's RTMP 1.0: 5.2 the handshake, 5.3.1 chunks (type 0, of one message each), 7.2.1 the commands, which
 * are AMF 0. No answer is read: they are copied with the rest. */
static const char ASK[] = "\3\0\0\0\0\0\x42\x14\0\0\0\0"
			  "\2\0\7connect\0\x3f\xf0\0\0\0\0\0\0\3"
			  "\0\3app\2\0\4live\0\5tcUrl\2\0\x15rtmp://127.0.0.1/live\0\0\x9"
			  "\3\0\0\0\0\0\x19\x14\0\0\0\0"
			  "\2\0\x0c"
			  "createStream\0\x40\0\0\0\0\0\0\0\5"
			  "\3\0\0\0\0\0\x18\x14\1\0\0\0"
			  "\2\0\4play\0\0\0\0\0\0\0\0\0\5\2\0\4show";

static int play(int port)
{
	char hello[1 + 2 * HANDSHAKE] = { 3 };
	int fd = connect_to(port);

	if (fd >= 0 && send_all(fd, hello, 1 + HANDSHAKE) &&
	    recv(fd, hello, sizeof hello, MSG_WAITALL) == sizeof hello &&
	    send_all(fd, hello + 1, HANDSHAKE) && send_all(fd, ASK, sizeof ASK - 1))
		return fd;
	return -1;
}

static int relay(const char *from, int to, int count)
{
	int out[CONNECTIONS_MAX];
	int in = from[0] == '/' ? connect_to_path(from) : play((int)strtol(from, NULL, 10));
	ssize_t n;

	if (in < 0)
		return fail("connect to the source");
	for (int i = 0; i < count; i++)
		if ((out[i] = connect_to(to)) < 0)
			return fail("connect to the sink");
	while ((n = recv(in, buffer, sizeof buffer, 0)) > 0)
		for (int i = 0; i < count; i++)
			if (!send_all(out[i], buffer, (size_t)n))
				return fail("send");
	return n == 0 ? 0 : fail("receive");
}

/* Reads from every connection until it ends. */
static int sink(void)
{
	struct pollfd fds[1 + CONNECTIONS_MAX] = { { .events = POLLIN } };
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof address;
	nfds_t count = 1;

	fds[0].fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fds[0].fd < 0 || bind(fds[0].fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(fds[0].fd, CONNECTIONS_MAX) != 0 ||
	    getsockname(fds[0].fd, (struct sockaddr *)&address, &len) != 0)
		return fail("listen");
	printf("listening on %d\n", ntohs(address.sin_port));
	fflush(stdout);
	while (poll(fds, count, -1) > 0) {
		for (nfds_t i = count; i-- > 1;) {
			if (!fds[i].revents || recv(fds[i].fd, buffer, sizeof buffer, 0) > 0)
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[0].revents && count <= CONNECTIONS_MAX)
			fds[count++] =
				(struct pollfd){ .fd = accept(fds[0].fd, NULL, NULL), .events = POLLIN };
	}
	return fail("poll");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "sink") == 0)
		return sink();
	if (argc == 5 && strcmp(argv[1], "relay") == 0) {
		long count = strtol(argv[4], NULL, 10);

		if (count >= 1 && count <= CONNECTIONS_MAX)
			return relay(argv[2], (int)strtol(argv[3], NULL, 10), (int)count);
	}
	fprintf(stderr, "usage: floor sink | floor relay FROM TO N\n");
	return 2;
}

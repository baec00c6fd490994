/* SPDX-License-Identifier: MIT */
#include "httpd/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "httpd/limits.h"

/* errno of bind and listen, in words for people; what is not here is said by strerror. */
static const struct {
	int number;
	const char *fact;
	const char *advice;
} reasons[] = {
	{ EADDRINUSE, "address already in use",
	  "another process listens there: stop it or choose another port" },
	{ EACCES, "permission denied", "ports below 1024 need privileges: choose another port" },
	{ EADDRNOTAVAIL, "address not available", "no interface of this machine has it" },
	{ EAFNOSUPPORT, "address family not supported", "IPv6 is off on this machine" },
	{ EMFILE, "too many open files", "raise the process's limit of descriptors" },
};

static void write_address(const char *host, unsigned port, char *out, size_t size)
{
	snprintf(out, size, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

static int fail(struct cme_err *err, const char *host, unsigned port, int number)
{
	char text[160];

	write_address(host, port, text, sizeof text);
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].number == number)
			return cme_err_set(err, "server.listen", "listen '%s': %s (%s)", text,
					   reasons[i].fact, reasons[i].advice);
	return cme_err_set(err, "server.listen", "listen '%s': %s", text, strerror(number));
}

static int bind_and_listen(int fd, const struct addrinfo *info)
{
	const int on = 1, off = 0;

	/* A restarted service must not wait for the old one's TIME_WAIT connections. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return -1;
	if (info->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
		return -1;
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0)
		return -1;
	return listen(fd, SOMAXCONN);
}

int cme_httpd_listen_open(const char *host, unsigned port, struct cme_err *err)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	const char *node = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	struct addrinfo *info = NULL;
	char service[16];
	int fd, number;

	snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(node, service, &hints, &info) != 0)
		return cme_err_set(
			err, "server.listen",
			"listen '%.80s:%u': not an address (give a numeric one, such as 127.0.0.1 or ::1)",
			host, port);
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind_and_listen(fd, info) != 0) {
		number = errno;
		if (fd >= 0)
			close(fd);
		fd = fail(err, host, port, number);
	}
	freeaddrinfo(info);
	return fd;
}

/* Writes the host and returns the port; "" and 0 for an address that is neither IPv4 nor IPv6. */
static unsigned split(const struct sockaddr *address, char *host, size_t size)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	host[0] = '\0';
	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof in);
		inet_ntop(AF_INET, &in.sin_addr, host, (socklen_t)size);
		return ntohs(in.sin_port);
	}
	if (address->sa_family != AF_INET6)
		return 0;
	memcpy(&in6, address, sizeof in6);
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], host, (socklen_t)size);
	else
		inet_ntop(AF_INET6, &in6.sin6_addr, host, (socklen_t)size);
	return ntohs(in6.sin6_port);
}

unsigned cme_httpd_listen_address(int fd, char *host)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		address.ss_family = AF_UNSPEC;
	return split((const struct sockaddr *)&address, host, CME_HTTPD_ADDRESS_MAX);
}

void cme_httpd_address_text(const struct sockaddr *address, char *out)
{
	char host[INET6_ADDRSTRLEN];
	unsigned port = split(address, host, sizeof host);

	write_address(host, port, out, CME_HTTPD_ADDRESS_MAX);
}

unsigned cme_httpd_descriptors_ensure(unsigned wanted)
{
	struct rlimit limit;
	rlim_t needed = cme_httpd_descriptors_for(wanted);

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted;
	if (limit.rlim_cur < needed) {
		rlim_t old = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			limit.rlim_cur = old;
	}
	return cme_httpd_connections_for(wanted, limit.rlim_cur);
}

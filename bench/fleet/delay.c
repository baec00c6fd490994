/* SPDX-License-Identifier: MIT
 *
 * Holds up what a host sends, on kernels that have no netem: a tun device that gives each packet back to the
 * kernel after a while. Routes send packets in; a rule by the interface they come from sends them on. See
 * spec/support/proofs/fleet/network.lua.
 *
 *   delay DEVICE MILLISECONDS
 *
 * Ends when it is killed; the device goes with it. One thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/clock.h"

#define PACKETS_MAX 8192 /* held at a time; more are lost, as in a router */
#define PACKET_MAX  2048

struct held {
	int64_t due_us;
	ssize_t len;
	char bytes[PACKET_MAX];
};

static struct held ring[PACKETS_MAX];
static size_t first, count;

static int open_tun(const char *name)
{
	struct ifreq wanted = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(wanted.ifr_name, sizeof wanted.ifr_name, "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &wanted) != 0) {
		fprintf(stderr, "delay: %s: %s\n", name, strerror(errno));
		return -1;
	}
	return fd;
}

static void take(int fd, int64_t delay_us)
{
	while (count < PACKETS_MAX) {
		struct held *one = &ring[(first + count) % PACKETS_MAX];

		one->len = read(fd, one->bytes, sizeof one->bytes);
		if (one->len <= 0)
			return;
		one->due_us = cme_now_us() + delay_us;
		count++;
	}
}

static void give(int fd)
{
	for (; count && ring[first].due_us <= cme_now_us(); count--) {
		if (write(fd, ring[first].bytes, (size_t)ring[first].len) < 0 && errno == EAGAIN)
			return;
		first = (first + 1) % PACKETS_MAX;
	}
}

static int wait_ms(void)
{
	int64_t left_us = count ? ring[first].due_us - cme_now_us() : 0;

	if (!count)
		return -1;
	return left_us > 0 ? (int)(left_us / CME_MS_US) + 1 : 0;
}

int main(int argc, char **argv)
{
	long delay_ms = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct pollfd tun = { .events = POLLIN };

	if (delay_ms <= 0) {
		fprintf(stderr, "usage: delay DEVICE MILLISECONDS\n");
		return 2;
	}
	tun.fd = open_tun(argv[1]);
	if (tun.fd < 0)
		return 1;
	printf("open\n");
	fflush(stdout);
	for (;;) {
		(void)poll(&tun, 1, wait_ms());
		take(tun.fd, delay_ms * CME_MS_US);
		give(tun.fd);
	}
}

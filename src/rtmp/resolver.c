/* SPDX-License-Identifier: MIT */
#include "rtmp/resolver.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)512 * 1024) /* name service modules are not modest */

struct cme_lookup {
	_Atomic int owners;
	_Atomic bool done; /* what follows is settled */
	int rc;            /* of getaddrinfo */
	struct addrinfo *list;
	int wake_fd; /* our own descriptor of the caller's eventfd */
	char port[8];
	char host[];
};

static void release(struct cme_lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->owners, 1) != 1)
		return;
	if (lookup->list)
		freeaddrinfo(lookup->list);
	if (lookup->wake_fd >= 0)
		close(lookup->wake_fd);
	free(lookup);
}

static void look_up(struct cme_lookup *lookup, int flags)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM,
				  .ai_flags = flags | AI_NUMERICSERV };

	lookup->rc = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->list);
}

static void *run(void *arg)
{
	struct cme_lookup *lookup = arg;

	look_up(lookup, AI_ADDRCONFIG);
	atomic_store(&lookup->done, true);
	eventfd_write(lookup->wake_fd, 1);
	release(lookup);
	return NULL;
}

static int start_thread(struct cme_lookup *lookup)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	atomic_fetch_add(&lookup->owners, 1);
	rc = pthread_create(&thread, &attr, run, lookup);
	if (rc != 0)
		atomic_fetch_sub(&lookup->owners, 1);
	pthread_attr_destroy(&attr);
	return rc;
}

struct cme_lookup *cme_lookup_start(const char *host, uint16_t port, int wake_fd, struct cme_err *err)
{
	struct cme_lookup *lookup = calloc(1, sizeof *lookup + strlen(host) + 1);

	if (!lookup) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	atomic_init(&lookup->owners, 1);
	atomic_init(&lookup->done, false);
	memcpy(lookup->host, host, strlen(host) + 1);
	snprintf(lookup->port, sizeof lookup->port, "%u", port);
	lookup->wake_fd = -1;
	look_up(lookup, AI_NUMERICHOST);
	if (lookup->rc == 0) {
		atomic_store(&lookup->done, true);
		return lookup;
	}
	lookup->wake_fd = fcntl(wake_fd, F_DUPFD_CLOEXEC, 0);
	if (lookup->wake_fd < 0 || start_thread(lookup) != 0) {
		cme_err_set(err, "internal", "resolve '%s': no thread or descriptor left", host);
		release(lookup);
		return NULL;
	}
	return lookup;
}

int cme_lookup_result(struct cme_lookup *lookup, const struct addrinfo **list, struct cme_err *err)
{
	if (!atomic_load(&lookup->done))
		return 0;
	if (lookup->rc != 0)
		return cme_err_set(err, "network.resolve", "could not resolve '%s'", lookup->host);
	*list = lookup->list;
	return 1;
}

void cme_lookup_drop(struct cme_lookup *lookup)
{
	if (lookup)
		release(lookup);
}

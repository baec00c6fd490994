/* SPDX-License-Identifier: MIT */
#include "edge/srt/door.h"

#include <errno.h>
#include <pthread.h>
#include <srt/access_control.h>
#include <srt/srt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "edge/srt/line.h"

#define ANSWER_MS   500 /* for the main thread, which is asked */
#define WAIT_MS     10  /* libsrt looks that often anyway */
#define BACKLOG     64
#define READY_ONCE  64
#define MIN_VERSION 0x010300 /* the first with stream ids in the handshake */
#define RCVBUF      (8 * 1024 * 1024)

/* Somebody whom a thread of libsrt waits for; lives on that thread's stack. */
struct ask {
	struct cme_door_news news;
	bool told; /* to the main thread */
	bool answered;
	int reject;
	char passphrase[CME_DOOR_PASSPHRASE_MAX];
	struct ask *next;
};

/* What one thread tells the other. */
struct note {
	enum { NEWS, EXPECT, PUMP, HANG_UP } kind;
	enum cme_door_what what; /* NEWS */
	int socket;
	int fd; /* PUMP */
	struct note *next;
};

struct notes {
	struct note *first, **last;
};

struct cme_door {
	int listeners[CME_DOOR_ADDRESSES_MAX];
	char shown[CME_DOOR_ADDRESSES_MAX][CME_ENDPOINT_MAX];
	size_t count;
	int poll;
	int news_fd;
	bool started; /* the thread runs */
	pthread_t thread;
	struct cme_lines lines; /* the thread's own */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t answered;
	bool closing;
	struct ask *asks;
	struct notes news, orders;
};

/* ---- between the threads */

static void put_locked(struct notes *notes, struct note note)
{
	struct note *kept = malloc(sizeof *kept);

	if (!kept) /* the main thread's own limits of time are left */
		return;
	*kept = note;
	kept->next = NULL;
	*notes->last = kept;
	notes->last = &kept->next;
}

static bool take_locked(struct notes *notes, struct note *note)
{
	struct note *first = notes->first;

	if (!first)
		return false;
	*note = *first;
	notes->first = first->next;
	if (!notes->first)
		notes->last = &notes->first;
	free(first);
	return true;
}

static void ring(struct cme_door *door)
{
	uint64_t one = 1;
	ssize_t ignored = write(door->news_fd, &one, sizeof one);

	(void)ignored;
}

static void order(struct cme_door *door, struct note note)
{
	pthread_mutex_lock(&door->lock);
	put_locked(&door->orders, note);
	pthread_mutex_unlock(&door->lock);
}

static void tell(void *ctx, enum cme_door_what what, int socket)
{
	struct cme_door *door = ctx;

	pthread_mutex_lock(&door->lock);
	put_locked(&door->news, (struct note){ .kind = NEWS, .what = what, .socket = socket });
	pthread_mutex_unlock(&door->lock);
	ring(door);
}

/* ---- the handshake, in a thread of libsrt */

static struct timespec deadline(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ANSWER_MS * 1000000L;
	at.tv_sec += at.tv_nsec / 1000000000L;
	at.tv_nsec %= 1000000000L;
	return at;
}

static void leave_locked(struct cme_door *door, const struct ask *ask)
{
	struct ask **link = &door->asks;

	while (*link != ask)
		link = &(*link)->next;
	*link = ask->next;
}

/* The main thread's answer; without one in time there are too many who ask. */
static void wait_for_answer(struct cme_door *door, struct ask *ask)
{
	struct timespec until = deadline();
	struct ask **last = &door->asks;
	int rc = 0;

	ask->reject = SRT_REJX_OVERLOAD;
	pthread_mutex_lock(&door->lock);
	while (*last)
		last = &(*last)->next;
	*last = ask;
	ring(door);
	while (!ask->answered && !door->closing && rc == 0)
		rc = pthread_cond_timedwait(&door->answered, &door->lock, &until);
	leave_locked(door, ask);
	if (ask->answered && ask->reject == 0)
		put_locked(&door->orders, (struct note){ .kind = EXPECT, .socket = ask->news.socket });
	pthread_mutex_unlock(&door->lock);
}

static int reject(SRTSOCKET socket, int code)
{
	srt_setrejectreason(socket, code);
	return -1;
}

static int asked(void *opaque, SRTSOCKET socket, int version, const struct sockaddr *address,
		 const char *stream_id)
{
	struct ask ask = { .news = { .what = CME_DOOR_ASKED, .socket = socket } };
	size_t len = strlen(stream_id);
	int rc = 0;

	(void)version;
	if (len >= sizeof ask.news.stream_id)
		return reject(socket, SRT_REJX_BAD_REQUEST);
	memcpy(ask.news.stream_id, stream_id, len);
	memcpy(&ask.news.address, address,
	       address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	wait_for_answer(opaque, &ask);
	if (ask.reject == 0 && ask.passphrase[0] &&
	    srt_setsockflag(socket, SRTO_PASSPHRASE, ask.passphrase, (int)strlen(ask.passphrase)) != 0)
		ask.reject = SRT_REJX_ISE;
	if (ask.reject)
		rc = reject(socket, ask.reject);
	explicit_bzero(&ask, sizeof ask);
	return rc;
}

/* ---- the door's thread */

static bool is_listener(const struct cme_door *door, SRTSOCKET socket)
{
	for (size_t i = 0; i < door->count; i++)
		if (door->listeners[i] == socket)
			return true;
	return false;
}

static void obey(struct cme_door *door, const struct note *note)
{
	switch (note->kind) {
	case EXPECT:
		cme_lines_expect(&door->lines, note->socket);
		break;
	case PUMP:
		cme_lines_pump(&door->lines, note->socket, note->fd);
		break;
	default:
		cme_lines_hang_up(&door->lines, note->socket);
	}
}

/* false: the door closes. */
static bool take_orders(struct cme_door *door)
{
	struct note note;
	bool there = true, closing;

	while (there) {
		pthread_mutex_lock(&door->lock);
		there = take_locked(&door->orders, &note);
		closing = door->closing;
		pthread_mutex_unlock(&door->lock);
		if (there)
			obey(door, &note);
	}
	return !closing;
}

static void accept_all(struct cme_door *door, SRTSOCKET listener)
{
	SRTSOCKET socket;

	while ((socket = srt_accept(listener, NULL, NULL)) != SRT_INVALID_SOCK) {
		take_orders(door); /* to expect it is one of them by now */
		cme_lines_arrive(&door->lines, socket);
	}
}

static void *serve(void *opaque)
{
	struct cme_door *door = opaque;
	SRT_EPOLL_EVENT ready[READY_ONCE];

	pthread_setname_np(pthread_self(), "srt door");
	while (take_orders(door)) {
		int n = srt_epoll_uwait(door->poll, ready, READY_ONCE, WAIT_MS);

		for (int i = 0; i < n; i++) {
			if (is_listener(door, ready[i].fd))
				accept_all(door, ready[i].fd);
			else
				cme_lines_ready(&door->lines, ready[i].fd);
		}
		cme_lines_tick(&door->lines);
	}
	cme_lines_fini(&door->lines);
	return NULL;
}

/* ---- opening and closing */

static int refuse_address(const char *address, struct cme_err *err)
{
	int number = 0;
	const char *reason = srt_getlasterror(&number) && number ? strerror(number) : srt_getlasterror_str();

	return cme_err_set(err, "local.listen", "listen '%s': %s", address, reason);
}

static int set_options(SRTSOCKET socket, int family)
{
	int off = 0, buffer = RCVBUF, version = MIN_VERSION;

	return srt_setsockflag(socket, SRTO_RCVSYN, &off, sizeof off) |
	       srt_setsockflag(socket, SRTO_RCVBUF, &buffer, sizeof buffer) |
	       srt_setsockflag(socket, SRTO_UDP_RCVBUF, &buffer, sizeof buffer) |
	       srt_setsockflag(socket, SRTO_MINVERSION, &version, sizeof version) |
	       (family == AF_INET6 ? srt_setsockflag(socket, SRTO_IPV6ONLY, &off, sizeof off) : 0);
}

static int listen_on(struct cme_door *door, const char *text, struct cme_err *err)
{
	int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
	struct sockaddr_storage address;
	socklen_t len;
	SRTSOCKET socket;
	int shown_len = sizeof address;

	if (cme_endpoint_read(text, &address, &len, err) != 0)
		return -1;
	socket = srt_create_socket();
	if (socket == SRT_INVALID_SOCK)
		return refuse_address(text, err);
	door->listeners[door->count] = socket;
	door->count++;
	if (set_options(socket, address.ss_family) != 0 ||
	    srt_bind(socket, (struct sockaddr *)&address, (int)len) != 0 ||
	    srt_listen_callback(socket, asked, door) != 0 || srt_listen(socket, BACKLOG) != 0 ||
	    srt_epoll_add_usock(door->poll, socket, &events) != 0 ||
	    srt_getsockname(socket, (struct sockaddr *)&address, &shown_len) != 0)
		return refuse_address(text, err);
	cme_endpoint_show(door->shown[door->count - 1], (struct sockaddr *)&address);
	return 0;
}

/* What strangers make it say stays in no log. */
static void say_nothing(void *opaque, int level, const char *file, int line, const char *area,
			const char *message)
{
	(void)opaque;
	(void)level;
	(void)file;
	(void)line;
	(void)area;
	(void)message;
}

static struct cme_door *new_door(void)
{
	struct cme_door *door = calloc(1, sizeof *door);
	pthread_condattr_t attr;

	if (!door)
		return NULL;
	door->poll = -1;
	door->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	door->news.last = &door->news.first;
	door->orders.last = &door->orders.first;
	pthread_mutex_init(&door->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&door->answered, &attr);
	pthread_condattr_destroy(&attr);
	return door;
}

static int start(struct cme_door *door, const char *const *addresses, size_t count, struct cme_err *err)
{
	if (door->news_fd < 0)
		return cme_err_set(err, "internal", "eventfd: %s", strerror(errno));
	srt_setloghandler(NULL, say_nothing);
	if (srt_startup() < 0 || (door->poll = srt_epoll_create()) < 0)
		return cme_err_set(err, "internal", "libsrt: %s", srt_getlasterror_str());
	srt_epoll_set(door->poll, SRT_EPOLL_ENABLE_EMPTY);
	cme_lines_init(&door->lines, door->poll, tell, door);
	for (size_t i = 0; i < count; i++)
		if (listen_on(door, addresses[i], err) != 0)
			return -1;
	if (pthread_create(&door->thread, NULL, serve, door) != 0)
		return cme_err_set(err, "internal", "no thread for SRT");
	door->started = true;
	return 0;
}

struct cme_door *cme_door_open(const char *const *addresses, size_t count, struct cme_err *err)
{
	struct cme_door *door = new_door();

	if (!door) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	if (start(door, addresses, count, err) == 0)
		return door;
	cme_door_close(door);
	return NULL;
}

static void drop_notes(struct notes *notes)
{
	struct note note;

	while (take_locked(notes, &note))
		if (note.kind == PUMP)
			close(note.fd);
}

void cme_door_close(struct cme_door *door)
{
	if (!door)
		return;
	pthread_mutex_lock(&door->lock);
	door->closing = true;
	pthread_cond_broadcast(&door->answered);
	pthread_mutex_unlock(&door->lock);
	if (door->started)
		pthread_join(door->thread, NULL);
	for (size_t i = 0; i < door->count; i++)
		srt_close(door->listeners[i]);
	if (door->poll >= 0)
		srt_epoll_release(door->poll);
	srt_cleanup(); /* its threads are gone, and so is whoever asks */
	drop_notes(&door->news);
	drop_notes(&door->orders);
	if (door->news_fd >= 0)
		close(door->news_fd);
	pthread_cond_destroy(&door->answered);
	pthread_mutex_destroy(&door->lock);
	free(door);
}

/* ---- for the main thread */

const char *cme_door_shown(const struct cme_door *door, size_t index)
{
	return door && index < door->count ? door->shown[index] : NULL;
}

int cme_door_fd(const struct cme_door *door)
{
	return door->news_fd;
}

/* Those who ask wait, so they come first. */
static bool take_ask_locked(struct cme_door *door, struct cme_door_news *news)
{
	struct ask *ask = door->asks;

	while (ask && ask->told)
		ask = ask->next;
	if (!ask)
		return false;
	ask->told = true;
	*news = ask->news;
	return true;
}

bool cme_door_next(struct cme_door *door, struct cme_door_news *news)
{
	struct note note;
	uint64_t rings;
	bool there;

	if (read(door->news_fd, &rings, sizeof rings) < 0 && errno != EAGAIN)
		return false;
	pthread_mutex_lock(&door->lock);
	there = take_ask_locked(door, news);
	if (!there && take_locked(&door->news, &note)) {
		*news = (struct cme_door_news){ .what = note.what, .socket = note.socket };
		there = true;
	}
	pthread_mutex_unlock(&door->lock);
	return there;
}

void cme_door_answer(struct cme_door *door, int socket, int code, const char *passphrase)
{
	pthread_mutex_lock(&door->lock);
	for (struct ask *ask = door->asks; ask; ask = ask->next) {
		if (ask->news.socket != socket)
			continue;
		ask->answered = true;
		ask->reject = code;
		memcpy(ask->passphrase, passphrase, strnlen(passphrase, sizeof ask->passphrase - 1));
	}
	pthread_cond_broadcast(&door->answered);
	pthread_mutex_unlock(&door->lock);
}

void cme_door_pump(struct cme_door *door, int socket, int fd)
{
	order(door, (struct note){ .kind = PUMP, .socket = socket, .fd = fd });
}

void cme_door_hang_up(struct cme_door *door, int socket)
{
	order(door, (struct note){ .kind = HANG_UP, .socket = socket });
}

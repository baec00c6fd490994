/* SPDX-License-Identifier: MIT
 *
 * cme-pull: reads one source for the engine, which starts it, so that whatever the source does to a demuxer
 * is done to this process alone. What to read stands in the first line of fd 0 (order.h), a socket on which
 * the media go back as FLV; how it fares goes to fd 1 (tell.h). Its memory, its descriptors and its waits are
 * bounded, and it ends with the thread of the engine that started it.
 */
#include <curl/curl.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "av/avlog.h"
#include "child/enter.h"
#include "pull/limit.h"
#include "pull/public.h"
#include "pull/pull.h"
#include "pull/tell.h"

/* No block of libavformat's is larger, whatever a source says of its sizes: a packet that is relayed, or the
 * index of an MP4 of nine hours, takes less. */
#define ALLOC_MAX ((size_t)32 * 1024 * 1024)
/* What the libraries take is some 20 MB; HLS may take 48 MB for its playlists. */
#define DATA_MAX  ((size_t)160 * 1024 * 1024)
#define FILES_MAX 64
#define STACK     ((size_t)512 * 1024) /* of the threads of libsrt and of the resolver */
#define NICE      5                    /* the engine's own work goes first */

static const struct cme_child_limits limits = { .data_bytes = DATA_MAX,
						.files = FILES_MAX,
						.death_signal = SIGKILL };

static void set_stacks(void)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, STACK) == 0)
		pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
}

static void start_libraries(void)
{
	cme_limit_install();
	cme_avlog_install();
	av_max_alloc(ALLOC_MAX);
	avformat_network_init();
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* One source after the other, until the engine has no more. */
static void run(void)
{
	struct cme_order order;
	struct cme_err err;
	json_t *told;

	while (!cme_limit_asked() && (told = cme_child_told(&err))) {
		if (cme_order_init(&order, told, &err) == 0)
			cme_pull_run(&order);
		else
			cme_tell_end(&err, false);
		cme_order_fini(&order);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("cme-pull %s\n", CME_VERSION);
		return 0;
	}
	if (argc > 1 || isatty(STDIN_FILENO)) {
		fprintf(stderr, "cme-pull: reads a source for cme-relay, which starts it\n");
		return 2;
	}
	cme_child_enter(&limits);
	if (nice(NICE) < 0) /* it runs as it is */
		(void)0;
	set_stacks();
	start_libraries();
	run();
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * cme-look: says what the viewers of an address see and hear. What to look at stands in the first line of fd
 * 0 (order.h); what it sees goes to fd 1 (tell.h). Its memory and its descriptors are bounded, and it ends
 * when its fd 0 does. Exit codes: 0 it looked, 1 it could not, 2 wrong use.
 */
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child/enter.h"
#include "look/look.h"
#include "look/tell.h"

/* A decoder of 4K in 10 bits holds some 500 MB; no block of it is larger than a few pictures. */
#define DATA_MAX  ((size_t)2048 * 1024 * 1024)
#define ALLOC_MAX ((size_t)256 * 1024 * 1024)
#define FILES_MAX 256
#define NICE      5 /* what it looks at goes first */

static const struct cme_child_limits limits = { .data_bytes = DATA_MAX, .files = FILES_MAX };

int main(int argc, char **argv)
{
	struct cme_look_order order;
	struct cme_err err;
	json_t *told;
	int rc = -1;

	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("cme-look %s\n", CME_VERSION);
		return 0;
	}
	if (argc > 1 || isatty(STDIN_FILENO)) {
		fprintf(stderr, "cme-look: looks at a stream for `cme look`, which starts it\n");
		return 2;
	}
	cme_child_enter(&limits);
	if (nice(NICE) < 0) /* it runs as it is */
		(void)0;
	av_log_set_level(AV_LOG_QUIET); /* what a decoder complains of is what viewers see */
	av_max_alloc(ALLOC_MAX);
	cme_look_install();
	told = cme_child_told(&err);
	if (told && cme_look_order_init(&order, told, &err) == 0)
		rc = cme_look_run(&order, &err);
	if (rc != 0)
		cme_tell_error(&err);
	if (told)
		cme_look_order_fini(&order);
	fflush(NULL);
	_exit(rc == 0 ? 0 : 1); /* threads that did not end in time end here */
}

/* SPDX-License-Identifier: MIT
 *
 * cme-push: writes one output of an engine with libavformat, and ends when the engine's socket does or the
 * output fails. The engine starts it (child/spawn.h); what it has to do is a line on its fd 0 (task.h), media
 * follow as FLV (source.h). On its fd 1 it says, a line each:
 *
 *     {"opened":true}                the destination takes packets
 *     {"file":..}, {"recorded":..}   of recordings (record.h)
 *     {"sent":12}                    so many more packets were given to it
 *     {"error":{..},"hung_up":true}  why it ends (report.h); hung_up: the destination closed the connection
 *
 * Exit codes: 0 all was sent, 1 there was an error, 2 wrong use.
 */
#include <libavformat/avformat.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "av/averr.h"
#include "av/avlog.h"
#include "child/enter.h"
#include "child/report.h"
#include "push/fence.h"
#include "push/hls.h"
#include "push/network.h"
#include "push/record.h"
#include "push/source.h"
#include "push/task.h"

/* One packet and what libavformat keeps: a picture is at most 8 MiB. */
static const struct cme_child_limits limits = { .data_bytes = (size_t)192 * 1024 * 1024,
						.files = 64,
						.death_signal = SIGKILL };

#define HANG_S 15 /* longer than any deadline of network.h */

/* What packets go to. */
enum writer_kind { TO_NETWORK, TO_RECORDING, TO_HLS };

struct writer {
	const struct cme_push_task *task;
	enum writer_kind kind;
	union {
		struct cme_push_network network;
		struct cme_push_record record;
		struct cme_push_hls hls;
	};
};

static enum writer_kind kind_of(const struct cme_push_task *task)
{
	if (task->record.folder)
		return TO_RECORDING;
	return strncmp(task->url, CME_HLS_SCHEME, strlen(CME_HLS_SCHEME)) == 0 ? TO_HLS : TO_NETWORK;
}

static int open_writer(struct writer *writer, struct cme_err *err)
{
	writer->kind = kind_of(writer->task);
	switch (writer->kind) {
	case TO_RECORDING:
		return cme_push_record_open(&writer->record, writer->task, err);
	case TO_HLS:
		return cme_push_hls_open(&writer->hls, writer->task, err);
	default:
		return cme_push_network_open(&writer->network, writer->task, err);
	}
}

static int write_one(struct writer *writer, AVPacket *av, struct cme_err *err)
{
	switch (writer->kind) {
	case TO_RECORDING:
		return cme_push_record_write(&writer->record, av, err);
	case TO_HLS:
		return cme_push_hls_write(&writer->hls, av, err);
	default:
		return cme_push_network_write(&writer->network, av, err);
	}
}

/* Returns whether the peer had closed the connection. */
static bool close_writer(struct writer *writer, bool goodbye)
{
	switch (writer->kind) {
	case TO_RECORDING:
		cme_push_record_close(&writer->record);
		return false;
	case TO_HLS:
		cme_push_hls_close(&writer->hls);
		return false;
	default:
		cme_push_network_close(&writer->network, goodbye);
		return cme_averr_hung_up(writer->network.rc);
	}
}

static void report_sent(unsigned *count)
{
	if (*count)
		cme_report(json_pack("{s:i}", "sent", (int)*count));
	*count = 0;
}

/* Between two waits for the engine: all that has come. 0, or -1 with err. */
static int write_all(struct writer *writer, struct cme_push_source *source, struct cme_err *err)
{
	AVPacket *av = av_packet_alloc();
	unsigned count = 0;
	int rc = av ? 1 : cme_err_set(err, "internal", "out of memory");

	cme_child_watchdog(HANG_S);
	while (rc == 1 && (rc = cme_push_source_next(source, av, err)) == 1) {
		rc = write_one(writer, av, err) == 0 ? 1 : -1;
		count += rc == 1;
	}
	av_packet_free(&av);
	report_sent(&count);
	cme_child_watchdog(0);
	return rc;
}

static int pump(struct writer *writer, struct cme_err *err)
{
	static struct cme_push_source source;
	int rc;

	cme_push_source_init(&source, STDIN_FILENO, (AVCodecParameters **)writer->task->par);
	while ((rc = cme_push_source_read(&source, err)) == 1)
		if ((rc = write_all(writer, &source, err)) != 0)
			break;
	cme_push_source_fini(&source);
	return rc;
}

static int push(const struct cme_push_task *task, bool *hung_up, struct cme_err *err)
{
	static struct writer writer;
	int rc;

	writer.task = task;
	cme_child_watchdog(HANG_S);
	rc = open_writer(&writer, err);
	if (rc == 0) {
		cme_report(json_pack("{s:b}", "opened", 1));
		rc = pump(&writer, err);
	}
	cme_child_watchdog(HANG_S);
	*hung_up = close_writer(&writer, rc == 0);
	return rc;
}

static int run(bool *hung_up, struct cme_err *err)
{
	json_t *line = cme_child_told(err);
	struct cme_push_task task;
	int rc;

	if (!line)
		return -1;
	cme_avlog_install();
	avformat_network_init();
	rc = cme_push_task_init(&task, line, err);
	if (rc == 0 && task.until_ms)
		rc = cme_push_fence(task.until_ms, err);
	if (rc == 0)
		rc = push(&task, hung_up, err);
	cme_push_task_fini(&task);
	return rc;
}

int main(int argc, char **argv)
{
	struct cme_err err;
	bool hung_up = false;
	json_t *line;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("cme-push %s\n", CME_VERSION);
		return 0;
	}
	if (argc != 1 || isatty(STDIN_FILENO)) {
		fprintf(stderr, "cme-push: cme-relay starts it, without arguments\n");
		return 2;
	}
	cme_child_enter(&limits);
	if (run(&hung_up, &err) == 0)
		return 0;
	line = cme_report_error(&err);
	json_object_set_new(line, "hung_up", json_boolean(hung_up));
	cme_report(line);
	return 1;
}

/* SPDX-License-Identifier: MIT */
#include "pull/tell.h"

#include <string.h>

#include "child/report.h"
#include "common/clock.h"

#define SIGN_US (100 * CME_MS_US) /* how often it is said at most that media are held back */

void cme_tell_open(bool paced, bool flv)
{
	cme_report(json_pack("{s:{s:b,s:b}}", "open", "paced", paced, "flv", flv));
}

void cme_tell_streams(struct cme_teller *teller, const struct cme_media *media)
{
	if (teller->streams)
		return;
	teller->streams = true;
	cme_report(json_pack("{s:[b,b]}", "streams", media->par[CME_VIDEO] != NULL,
			     media->par[CME_AUDIO] != NULL));
}

static json_t *of_stream(const struct cme_promise *promise, int kind)
{
	return promise->made[kind] ? json_string(promise->unreadable[kind]) : json_null();
}

void cme_tell_progress(struct cme_teller *teller, const struct cme_promise *promise, unsigned dropped,
		       bool held)
{
	int64_t now_us = cme_now_us();

	if (memcmp(promise, &teller->promise, sizeof *promise) == 0 && !dropped &&
	    (!held || now_us - teller->told_us < SIGN_US))
		return;
	teller->promise = *promise;
	teller->told_us = now_us;
	cme_report(json_pack("{s:[o,o],s:i}", "promise", of_stream(promise, CME_VIDEO),
			     of_stream(promise, CME_AUDIO), "dropped", (int)dropped));
}

void cme_tell_end(const struct cme_err *err, bool over)
{
	json_t *line = cme_report_error(err);

	json_object_set_new(line, "over", json_boolean(over));
	cme_report(line);
}

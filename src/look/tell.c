/* SPDX-License-Identifier: MIT */
#include "look/tell.h"

#include <jansson.h>
#include <math.h>
#include <time.h>

#include "child/report.h"
#include "common/redact.h"

#define SHOWN_MAX 512

static double wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return floor(((double)now.tv_sec + (double)now.tv_nsec / 1e9) * 1000) / 1000;
}

/* Rounded to so many digits behind the point; null of what is not known. */
static json_t *number(double value, int digits)
{
	double scale = pow(10, digits);

	return isfinite(value) ? json_real(round(value * scale) / scale) : json_null();
}

static json_t *whole(double value)
{
	return isfinite(value) ? json_integer((json_int_t)llround(value)) : json_null();
}

static json_t *known(double value, int digits)
{
	return number(value > 0 ? value : (double)NAN, digits);
}

static json_t *video_of(const struct cme_told *told)
{
	const struct cme_viewer_facts *facts = told->facts;

	if (!facts->pictures)
		return json_null();
	return json_pack("{s:s,s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "codec", facts->media.video, "width",
			 facts->media.width, "height", facts->media.height, "fps", number(facts->rate, 2),
			 "declared_fps", known(facts->declared_rate, 2), "keyframe_s",
			 known(facts->keyframe_s, 2), "luma", number(facts->mean_luma, 1), "spread",
			 number(facts->spread, 1), "unmoved_s", number(told->sight->unmoved_s, 1));
}

static json_t *levels_of(const struct cme_ear_facts *ear)
{
	json_t *levels = json_array();

	for (unsigned i = 0; i < ear->channels; i++)
		json_array_append_new(levels, number(ear->level_db[i], 1));
	return levels;
}

static json_t *audio_of(const struct cme_viewer_facts *facts)
{
	const struct cme_ear_facts *ear = &facts->ear;

	if (!facts->sounds)
		return json_null();
	return json_pack("{s:s,s:i,s:i,s:o,s:o,s:o,s:o,s:o}", "codec", facts->media.audio, "sample_rate",
			 facts->media.sample_rate, "channels", facts->media.channels, "levels_db",
			 levels_of(ear), "clipped", number(ear->channels ? ear->clipped : (double)NAN, 4),
			 "momentary_lufs", number(ear->momentary, 1), "integrated_lufs",
			 number(ear->integrated, 1), "true_peak_db", number(ear->true_peak_db, 1));
}

/* null: nothing was read from the address yet, and it is not gone yet. */
static json_t *state_of(const struct cme_told *told, enum cme_verdict verdict)
{
	bool read = told->facts->pictures || told->facts->sounds;

	return read || verdict != CME_FINE ? json_string(cme_verdict_name(verdict)) : json_null();
}

static json_t *head_of(const struct cme_told *told)
{
	char shown[SHOWN_MAX];

	return json_pack("{s:i,s:s,s:f,s:o}", "index", told->index, "url",
			 cme_redact_url(told->url, shown, sizeof shown), "at", wall_now(), "state",
			 state_of(told, told->verdict));
}

static void add_picture(json_t *line, const struct cme_told *told)
{
	json_object_set_new(line, "picture", told->picture ? json_string(told->picture) : json_null());
}

static void add_error(json_t *line, const struct cme_told *told)
{
	json_t *error = told->facts->err.code[0] ? cme_report_error(&told->facts->err) : NULL;

	if (error)
		json_object_update(line, error);
	json_decref(error);
}

static json_t *whole_of(const struct cme_told *told)
{
	json_t *line = head_of(told);
	double delay_ms = told->sight->delay_s * 1000;

	json_object_set_new(line, "video", video_of(told));
	json_object_set_new(line, "audio", audio_of(told->facts));
	json_object_set_new(line, "bitrate_kbps", whole(told->facts->bits / 1000));
	json_object_set_new(line, "av_offset_ms", whole(told->facts->offset_s * 1000));
	json_object_set_new(line, "delay_ms", whole(delay_ms));
	add_picture(line, told);
	add_error(line, told);
	return line;
}

static json_t *names_of(const struct cme_told *told, bool all)
{
	json_t *names = json_array();

	for (int i = 0; i < CME_VERDICTS; i++)
		if (all ? told->seen[i] : told->judge->fault[i].on)
			json_array_append_new(names, json_string(cme_verdict_name((enum cme_verdict)i)));
	return names;
}

static void tell(const char *kind, json_t *line)
{
	cme_report(json_pack("{s:o}", kind, line));
}

void cme_tell_look(const struct cme_told *told)
{
	json_t *line = whole_of(told);

	json_object_set_new(line, "all", names_of(told, false));
	tell("look", line);
}

void cme_tell_change(const struct cme_told *told)
{
	json_t *line = head_of(told);

	json_object_set_new(line, "was", state_of(told, told->before));
	add_picture(line, told);
	add_error(line, told);
	tell("change", line);
}

void cme_tell_end(const struct cme_told *told)
{
	json_t *line = whole_of(told);

	json_object_set_new(line, "seen", names_of(told, true));
	tell("end", line);
}

void cme_tell_error(const struct cme_err *err)
{
	cme_report(cme_report_error(err));
}

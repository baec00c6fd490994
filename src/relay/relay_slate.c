/* SPDX-License-Identifier: MIT
 *
 * The slate's way onto the air and off it; slate.h decides. All with relay->lock held.
 */
#include "relay/failover.h"
#include "relay/relay_state.h"
#include "relay/slate.h"

int cme_relay_on_air(const struct cme_relay *relay)
{
	return relay->slate.on ? CME_SLATE : relay->active;
}

/* The programme has a picture, or may get one. */
static bool wants_picture(const struct cme_relay *relay)
{
	return !relay->programme.media || relay->programme.media->par[CME_VIDEO];
}

static bool has_picture(const struct cme_source *source)
{
	return source->media && source->media->par[CME_VIDEO];
}

/* It is on the air, or would be put there by a failover. */
static bool input_live(const struct cme_relay *relay, int i)
{
	const struct cme_source *source = &relay->source[i];
	bool could =
		source->state == CME_SOURCE_LIVE || (source->state == CME_SOURCE_READY && i != relay->active);

	if (source->state == CME_SOURCE_ENDED && i == relay->active)
		return !relay->failover || !relay->source[!i].input; /* the engine ends */
	return source->input && could && (i == relay->active || relay->failover) &&
	       (has_picture(source) || !wants_picture(relay));
}

/* Nothing came of it yet, neither packets nor a failure. */
static bool in_first_try(const struct cme_source *source)
{
	return source->input && source->opens == 0 && !source->error.code[0];
}

/* Since when destinations are without a picture. At a start inputs get the time that a failover gives them.
 */
static int64_t last_picture_us(const struct cme_relay *relay)
{
	int64_t at_us = relay->slate.picture_us;

	if (at_us)
		return at_us;
	for (int i = 0; i < CME_INPUTS; i++)
		if (in_first_try(&relay->source[i]))
			return relay->slate.since_us + CME_FAILOVER_FIRST_US;
	return relay->slate.since_us;
}

static bool playable(const struct cme_relay *relay)
{
	const struct cme_source *source = &relay->source[CME_SLATE];

	return source->input && (source->state == CME_SOURCE_READY || source->state == CME_SOURCE_LIVE ||
				 (source->state == CME_SOURCE_CONNECTING && relay->slate.on));
}

static bool fits(const struct cme_relay *relay)
{
	const struct cme_media *media = relay->source[CME_SLATE].media;

	return !relay->delivered || !media || cme_media_fits(relay->delivered, media);
}

void cme_relay_announce_slate(struct cme_relay *relay, int64_t gap_ms)
{
	relay->slate.announce = false;
	cme_events_push(relay->events,
			&(struct cme_event){ .kind = CME_EVENT_SLATE,
					     .slate = { .on = relay->slate.on, .gap_ms = gap_ms } });
}

static void put_on(struct cme_relay *relay, bool on)
{
	relay->slate.on = on;
	relay->slate.announce = true;
	if (on)
		cme_relay_merge_reset(relay);
	cme_relay_begin_segment(relay, cme_relay_on_air(relay));
}

/* Tells once that it cannot be used. */
static void check_fit(struct cme_relay *relay, bool fit)
{
	char old_text[64], new_text[64];
	struct cme_err err;

	if (fit == !relay->slate.unfit)
		return;
	relay->slate.unfit = !fit;
	if (fit)
		return;
	cme_media_text(relay->delivered, old_text, sizeof old_text);
	cme_media_text(relay->source[CME_SLATE].media, new_text, sizeof new_text);
	cme_err_set(
		&err, "media.incompatible",
		"the slate carries %s, the destinations were opened with %s (one publish cannot change its "
		"codecs)",
		new_text, old_text);
	cme_source_tell(relay, CME_SLATE, &err);
}

void cme_relay_leave_slate(struct cme_relay *relay)
{
	if (!relay->slate.on)
		return;
	relay->slate.on = false;
	relay->slate.announce = true;
}

int64_t cme_relay_check_slate(struct cme_relay *relay, int64_t now_us)
{
	struct cme_slate_view view = { .on = relay->slate.on,
				       .playable = playable(relay),
				       .fits = fits(relay),
				       .input_live =
					       input_live(relay, CME_MAIN) || input_live(relay, CME_BACKUP),
				       .now_us = now_us,
				       .after_us = relay->slate.after_us,
				       .last_picture_us = last_picture_us(relay) };
	struct cme_slate_verdict verdict = cme_slate_decide(&view);

	check_fit(relay, view.fits);
	if (verdict.act != CME_SLATE_STAY)
		put_on(relay, verdict.act == CME_SLATE_BEGIN);
	if (verdict.act == CME_SLATE_END) /* nothing may follow that it could be told with */
		cme_relay_announce_slate(relay, 0);
	return verdict.check_at_us;
}

bool cme_relay_slate_yields(const struct cme_relay *relay, int i, const struct cme_packet *packet)
{
	struct cme_slate_packet seen = { .start = packet->start,
					 .picture = packet->media->par[CME_VIDEO] != NULL,
					 .active = i == relay->active,
					 .failover = relay->failover,
					 .wanted = wants_picture(relay) };

	return relay->slate.on && i != CME_SLATE && cme_slate_yields(&seen);
}

void cme_relay_end_slate(struct cme_relay *relay, int i)
{
	if (i == relay->active)
		put_on(relay, false);
	else
		cme_relay_change_to(relay, i, "failover", false);
}

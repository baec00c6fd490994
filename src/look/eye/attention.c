/* SPDX-License-Identifier: MIT */
#include "look/eye/attention.h"

#include "common/clock.h"

#define RARE_US     (3 * CME_SECOND_US) /* keyframes further apart than this do not tell enough */
#define STRETCH_US  (1 * CME_SECOND_US) /* decoded in full then */
#define COMPARED_US (400 * CME_MS_US)   /* and of what is compared: some pictures in a row tell the delay */
#define APART_US    (6200 * CME_MS_US)  /* the most between two pictures */
#define CLOSELY_US  (2200 * CME_MS_US)  /* and of those that are compared, or may be a fault */

void cme_attention_restart(struct cme_attention *attention)
{
	attention->in_stretch = attention->any = false;
	attention->stretch_at_us = 0;
}

/* How long the stretch of a look is; 0: there is none. */
static int64_t length(const struct cme_attention *attention, int64_t gop_us)
{
	if (gop_us <= 0 || gop_us > RARE_US)
		return STRETCH_US;
	return attention->compared ? COMPARED_US : 0;
}

static bool is_over(const struct cme_attention *attention, const struct cme_attention_packet *packet)
{
	int64_t into_us = packet->dts_us - attention->stretch_dts_us;

	return attention->in_stretch && !attention->full &&
	       (into_us < 0 || into_us >= length(attention, packet->gop_us));
}

static bool begins(const struct cme_attention *attention, const struct cme_attention_packet *packet)
{
	bool due = !attention->stretch_at_us ||
		   packet->arrival_us - attention->stretch_at_us >= attention->every_us;

	return attention->full || (due && length(attention, packet->gop_us) > 0);
}

/* Whether the next keyframe would come too late. */
static bool is_needed(const struct cme_attention *attention, const struct cme_attention_packet *packet)
{
	int64_t since_us = packet->dts_us - attention->key_dts_us,
		most_us = attention->compared || packet->doubtful ? CLOSELY_US : APART_US;

	return !attention->any || since_us < 0 || packet->gop_us <= 0 || since_us + packet->gop_us > most_us;
}

static void decode_key(struct cme_attention *attention, const struct cme_attention_packet *packet,
		       struct cme_attention_next *next)
{
	if (begins(attention, packet)) {
		attention->in_stretch = true;
		attention->stretch_dts_us = packet->dts_us;
		attention->stretch_at_us = packet->arrival_us;
	} else if (!is_needed(attention, packet)) {
		return;
	}
	next->decode = true;
	next->alone = !attention->in_stretch;
	attention->any = true;
	attention->key_dts_us = packet->dts_us;
}

struct cme_attention_next cme_attention_take(struct cme_attention *attention,
					     const struct cme_attention_packet *packet)
{
	struct cme_attention_next next = { .ends = is_over(attention, packet) };

	if (next.ends)
		attention->in_stretch = false;
	if (attention->in_stretch)
		next.decode = true;
	else if (packet->key)
		decode_key(attention, packet, &next);
	return next;
}

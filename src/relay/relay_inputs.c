/* SPDX-License-Identifier: MIT
 *
 * What inputs tell, each on its own thread: taken with relay->lock held, and not at all of an input that
 * was replaced and has not ended yet.
 */
#include "relay/relay_state.h"

#include "relay/base/sys.h"

/* The slot of an input; -1 for one that was replaced and has not ended yet. */
static int slot_of(const struct cme_relay *relay, const struct cme_input *input)
{
	for (int i = 0; i < CME_SOURCES; i++)
		if (relay->source[i].input == input)
			return i;
	return -1;
}

/* A source that is being read is not stalled, even if nothing of it can be sent yet. */
static void on_alive(void *ctx, struct cme_input *input)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0 && relay->source[i].state == CME_SOURCE_CONNECTING)
		relay->source[i].last_packet_us = cme_now_us();
	pthread_mutex_unlock(&relay->lock);
}

static void on_promise(void *ctx, struct cme_input *input, const struct cme_promise *promise)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0)
		relay->source[i].promise = *promise;
	for (int stream = 0; i >= 0 && stream < CME_STREAMS; stream++)
		if (promise->made[stream])
			cme_liveness_promise(&relay->source[i].life, stream, cme_now_us());
	pthread_mutex_unlock(&relay->lock);
}

static void on_packet(void *ctx, struct cme_input *input, struct cme_packet *packet)
{
	struct cme_relay *relay = ctx;
	uint64_t print = cme_relay_merge_print(relay, packet);
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	relay->carrying = true;
	if (i >= 0 && (relay->source[i].playing || !relay->source[i].list))
		cme_relay_take(relay, i, packet, print);
	relay->carrying = false;
	pthread_mutex_unlock(&relay->lock);
	cme_packet_unref(packet);
}

/* What the input's packets brought goes out, on its own thread: no other is woken for that. */
static void on_rest(void *ctx, struct cme_input *input)
{
	struct cme_relay *relay = ctx;
	void (*carry)(void);

	(void)input;
	pthread_mutex_lock(&relay->lock);
	carry = relay->carry;
	relay->carry = NULL;
	pthread_mutex_unlock(&relay->lock);
	if (carry)
		carry();
}

static void on_dropped(void *ctx, struct cme_input *input, unsigned count)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0)
		relay->source[i].dropped += count;
	pthread_mutex_unlock(&relay->lock);
}

static void on_opening(void *ctx, struct cme_input *input)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0) {
		relay->source[i].fresh = true;
		relay->source[i].started = false;
		relay->source[i].promise = (struct cme_promise){ 0 };
		cme_liveness_open(&relay->source[i].life, cme_now_us());
		cme_gop_clear(&relay->source[i].gop);
		cme_source_set_state(relay, i, CME_SOURCE_CONNECTING, NULL);
	}
	pthread_mutex_unlock(&relay->lock);
}

static void on_ended(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0) {
		cme_gop_clear(&relay->source[i].gop);
		cme_source_set_state(relay, i, CME_SOURCE_DOWN, err);
		cme_relay_merge_end(relay, i);
	}
	pthread_mutex_unlock(&relay->lock);
}

static void on_ready(void *ctx, struct cme_input *input, struct cme_media *media)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0) {
		cme_media_unref(relay->source[i].media);
		relay->source[i].media = cme_media_ref(media);
		if (!relay->source[i].playing)
			cme_source_set_state(relay, i, CME_SOURCE_READY, NULL);
	}
	pthread_mutex_unlock(&relay->lock);
}

static void on_fault(void *ctx, struct cme_input *input, const struct cme_err *err)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0)
		cme_source_tell(relay, i, err);
	pthread_mutex_unlock(&relay->lock);
}

static void on_late(void *ctx, struct cme_input *input)
{
	struct cme_relay *relay = ctx;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0)
		cme_cadence_restart(&relay->source[i].cadence);
	if (i == cme_relay_on_air(relay))
		cme_timeline_cut(&relay->timeline);
	pthread_mutex_unlock(&relay->lock);
}

static void on_played_out(void *ctx, struct cme_input *input)
{
	struct cme_relay *relay = ctx;
	struct cme_err err;
	int i;

	pthread_mutex_lock(&relay->lock);
	i = slot_of(relay, input);
	if (i >= 0) {
		cme_gop_clear(&relay->source[i].gop);
		cme_source_set_state(relay, i, CME_SOURCE_ENDED, NULL);
	}
	if (i >= 0 && i != relay->active) {
		cme_err_set(&err, "switch.played_out", "switch to '%s': its list is played out",
			    cme_endpoint_names[i]);
		cme_relay_change_failed(relay, &err);
	}
	pthread_mutex_unlock(&relay->lock);
}

const struct cme_input_sink cme_relay_sink = {
	.opening = on_opening,
	.alive = on_alive,
	.promise = on_promise,
	.packet = on_packet,
	.rest = on_rest,
	.dropped = on_dropped,
	.ended = on_ended,
	.ready = on_ready,
	.fault = on_fault,
	.late = on_late,
	.played_out = on_played_out,
};

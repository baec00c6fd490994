/* SPDX-License-Identifier: MIT */
#include "relay/output/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/base/scheme.h"
#include "relay/base/sys.h"

#define MEGABYTE ((size_t)1024 * 1024)

static const struct cme_queue_limits queue_limits = { .max_us = 4 * CME_SECOND_US,
						      .max_bytes = 8 * MEGABYTE,
						      .max_items = 4096 };

static void destroy(struct cme_output *out)
{
	cme_queue_fini(&out->queue);
	pthread_mutex_destroy(&out->lock);
	free(out->id);
	free(out->name);
	free(out->url);
	free(out->ca_file);
	cme_record_free(out->record);
	free(out);
}

struct cme_output *cme_output_new(const struct cme_output_ops *ops, const struct cme_output_config *config,
				  struct cme_err *err)
{
	struct cme_output *out = calloc(1, sizeof *out);

	if (!out) {
		cme_err_set(err, "internal", "out of memory");
		return NULL;
	}
	out->ops = ops;
	out->events = config->events;
	out->fence = config->record ? NULL : config->fence;
	out->codecs = config->codecs;
	out->no_uplink = config->no_uplink;
	out->id = strdup(config->id);
	out->name = strdup(config->name);
	out->url = strdup(config->url);
	out->ca_file = config->ca_file ? strdup(config->ca_file) : NULL;
	out->record = cme_record_copy(config->record);
	cme_timeline_init(&out->tap.timeline);
	out->since = cme_wall_now();
	pthread_mutex_init(&out->lock, NULL);
	cme_queue_init(&out->queue, queue_limits, cme_packet_unref);
	cme_backoff_init(&out->backoff, cme_backoff_outputs);
	if (cme_output_leased_until_ms(out) != CME_FENCE_NEVER)
		cme_output_opened(out);
	if (!out->id || !out->name || !out->url || !out->record != !config->record) {
		cme_err_set(err, "internal", "out of memory");
		destroy(out);
		return NULL;
	}
	if (ops->start(out, err) != 0) {
		cme_err_prefix(err, "output '%s'", config->id);
		destroy(out);
		return NULL;
	}
	return out;
}

void cme_output_put(struct cme_output *out, struct cme_packet *packet)
{
	struct cme_queue_item item = { .packet = cme_packet_ref(packet),
				       .at_us = packet->arrival_us,
				       .bytes = packet->size,
				       .start = packet->start };

	pthread_mutex_lock(&out->lock);
	cme_queue_push(&out->queue, item);
	pthread_mutex_unlock(&out->lock);
}

void cme_output_push(struct cme_output *out, struct cme_packet *packet)
{
	cme_output_put(out, packet);
	cme_output_wake(out);
}

void cme_output_stop(struct cme_output *out, int64_t end_by_us)
{
	out->ops->end_by(out, end_by_us);
	pthread_mutex_lock(&out->lock);
	out->stopping = true;
	out->ops->wake(out);
	pthread_mutex_unlock(&out->lock);
}

void cme_output_wake(struct cme_output *out)
{
	pthread_mutex_lock(&out->lock);
	out->ops->wake(out);
	pthread_mutex_unlock(&out->lock);
}

int64_t cme_output_ask(struct cme_output *out, int64_t now_us)
{
	int64_t quiet_us = cme_life_ask(out->ops->life(out), now_us);

	cme_output_wake(out);
	return quiet_us;
}

bool cme_output_open(const struct cme_output *out)
{
	return !out->fence || cme_fence_open(out->fence);
}

void cme_output_opened(struct cme_output *out)
{
	pthread_mutex_lock(&out->lock);
	cme_backoff_take_over(&out->backoff, (double)cme_now_us() / 1e6);
	pthread_mutex_unlock(&out->lock);
}

int64_t cme_output_leased_until_ms(const struct cme_output *out)
{
	return out->fence ? atomic_load(&out->fence->until_ms) : CME_FENCE_NEVER;
}

int64_t cme_output_open_until_us(const struct cme_output *out, int64_t now_us)
{
	if (cme_output_leased_until_ms(out) == CME_FENCE_NEVER)
		return INT64_MAX;
	return now_us + cme_fence_left_us(out->fence, cme_boot_ms());
}

bool cme_output_resolving(const struct cme_output *out)
{
	return cme_life_resolving(out->ops->life(out));
}

bool cme_output_done(const struct cme_output *out)
{
	return out->ops->done(out);
}

void cme_output_free(struct cme_output *out)
{
	out->ops->join(out);
	destroy(out);
}

void cme_output_rename(struct cme_output *out, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return;
	pthread_mutex_lock(&out->lock);
	free(out->name);
	out->name = copy;
	pthread_mutex_unlock(&out->lock);
}

static void look_at_queue(const struct cme_queue *queue, struct cme_output_stat *stat)
{
	stat->queue.dropped = queue->dropped;
	stat->queue.overflows = queue->overflows;
	stat->queue.packets = queue->count;
	stat->queue.bytes = queue->bytes;
	stat->queue.span_us = cme_queue_span_us(queue);
	stat->queue.high_bytes = queue->high_bytes;
	stat->queue.high_us = queue->high_us;
}

static void look_at_sent(struct cme_output *out, struct cme_output_stat *stat, int64_t now_us)
{
	struct cme_output_link link = { .unsent_bytes = -1 };

	if (out->ops->stat)
		out->ops->stat(out, &link);
	cme_rate_settle(&out->rate, now_us);
	cme_delay_settle(&out->delay, now_us);
	stat->bytes = out->bytes;
	stat->packets = out->packets;
	stat->kbps = out->rate.kbps;
	stat->fps = out->rate.fps;
	stat->unsent_bytes = link.unsent_bytes;
	stat->wrote = out->last_write_us != 0;
	stat->write_age_us = now_us - out->last_write_us;
	stat->last_dts_us = out->last_dts_us;
	stat->delay_p50_us = cme_delay_quantile(&out->delay, 0.5);
	stat->delay_p99_us = cme_delay_quantile(&out->delay, 0.99);
}

void cme_output_stat(struct cme_output *out, struct cme_output_stat *stat)
{
	*stat = (struct cme_output_stat){ .state = CME_OUTPUT_WAITING };
	pthread_mutex_lock(&out->lock);
	snprintf(stat->id, sizeof stat->id, "%s", out->id);
	snprintf(stat->name, sizeof stat->name, "%s", out->name);
	stat->records = out->record ? cme_record_of(out->record) : NULL;
	snprintf(stat->file, sizeof stat->file, "%s", out->file);
	stat->state = out->state;
	stat->since = out->since;
	stat->connects = out->connects;
	stat->error = (struct cme_error_stat){ out->error, out->error_at };
	look_at_sent(out, stat, cme_now_us());
	look_at_queue(&out->queue, stat);
	pthread_mutex_unlock(&out->lock);
}

void cme_output_look(struct cme_output *out, struct cme_uplink_output *seen, int64_t now_us)
{
	*seen = (struct cme_uplink_output){ .mark = &out->uplink };
	pthread_mutex_lock(&out->lock);
	cme_rate_settle(&out->rate, now_us);
	seen->live = out->state == CME_OUTPUT_LIVE && !out->record && !out->no_uplink &&
		     cme_scheme_has_host(out->url); /* a disk is no uplink */
	seen->held_us = cme_queue_span_us(&out->queue);
	seen->kbps = out->rate.kbps;
	pthread_mutex_unlock(&out->lock);
}

static void announce(const struct cme_output *out, enum cme_output_state state, const struct cme_err *err)
{
	struct cme_event event = { .kind = CME_EVENT_OUTPUT, .output.state = state };

	snprintf(event.output.id, sizeof event.output.id, "%s", out->id);
	if (err)
		event.err = *err;
	cme_events_push(out->events, &event);
}

void cme_output_set_state(struct cme_output *out, enum cme_output_state state, const struct cme_err *err)
{
	bool other;

	pthread_mutex_lock(&out->lock);
	if (err) {
		out->error = *err;
		out->error_at = cme_wall_now();
	}
	other = out->state != state;
	if (other) {
		out->state = state;
		out->since = cme_wall_now();
		out->connects += state == CME_OUTPUT_LIVE;
	}
	pthread_mutex_unlock(&out->lock);
	if (other)
		announce(out, state, err);
}

void cme_output_connected(struct cme_output *out)
{
	pthread_mutex_lock(&out->lock);
	out->queue.holding = false;
	pthread_mutex_unlock(&out->lock);
}

int64_t cme_output_proof_us(struct cme_output *out)
{
	int64_t proof_us;

	pthread_mutex_lock(&out->lock);
	proof_us = (int64_t)(out->backoff.proof_s * 1e6);
	pthread_mutex_unlock(&out->lock);
	return proof_us;
}

/* The peer said no, or what we have cannot be published there: the next attempts will hardly differ. */
static bool is_refusal(const struct cme_err *err)
{
	static const char *const codes[] = { "publish.refused", "media.unsupported", "invalid.url",
					     "record.full" };

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(err->code, codes[i]) == 0)
			return true;
	return false;
}

int64_t cme_output_failed(struct cme_output *out, int64_t lived_us, bool hung_up, const struct cme_err *err)
{
	struct cme_backoff_end end = { .now_s = (double)cme_now_us() / 1e6,
				       .lived_s = (double)lived_us / 1e6,
				       .refused = is_refusal(err),
				       .hung_up = hung_up,
				       .unit = cme_random_unit() };
	double delay_s;

	pthread_mutex_lock(&out->lock);
	delay_s = cme_backoff_next(&out->backoff, &end);
	pthread_mutex_unlock(&out->lock);
	cme_output_set_state(out, end.refused ? CME_OUTPUT_REFUSED : CME_OUTPUT_BACKOFF, err);
	return (int64_t)(delay_s * 1e6);
}

void cme_output_disconnected(struct cme_output *out, bool keep)
{
	pthread_mutex_lock(&out->lock);
	out->queue.holding = true;
	if (!keep)
		cme_queue_clear(&out->queue);
	pthread_mutex_unlock(&out->lock);
}

void cme_output_sent(struct cme_output *out, const struct cme_packet *packet)
{
	int64_t now_us = cme_now_us();
	size_t bytes = packet->size;

	pthread_mutex_lock(&out->lock);
	out->bytes += bytes;
	out->packets++;
	out->last_write_us = now_us;
	out->last_dts_us = packet->dts_us;
	cme_rate_add(&out->rate, now_us, bytes, packet->stream == CME_VIDEO);
	cme_delay_add(&out->delay, now_us, now_us - packet->arrival_us);
	pthread_mutex_unlock(&out->lock);
}

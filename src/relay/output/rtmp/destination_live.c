/* SPDX-License-Identifier: MIT */
#include "relay/base/sys.h"
#include "relay/output/rtmp/destination_state.h"

#define ANSWER_US (8 * CME_SECOND_US) /* to a command: behind it a server may ask another one */
#define LOOK_US   (500 * CME_MS_US)   /* how often progress is looked at, on a grid common to all */
#define READS_MAX 16                  /* per step, so that a chatty peer does not hold up the others */
#define READ_SIZE 8192

/* Reads what is there and feeds the session. -1 with d->err. */
static int receive(struct cme_destination *d)
{
	uint8_t data[READ_SIZE];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = cme_link_read(&d->link, data, sizeof data, &d->err);

		if (n == 0 && d->link.more)
			break;
		if (n <= 0)
			return (int)n;
		if (cme_rtmp_session_feed(&d->session, data, (size_t)n, &d->err) != 0)
			return -1;
	}
	d->ready = true; /* there may be more, and no event will say so */
	return 0;
}

/* The step sees why, and resets the connection. */
static int fenced(struct cme_destination *d)
{
	return cme_err_set(&d->err, "lease.over", "the lease is over");
}

static void count_sent(void *ctx, const struct cme_packet *packet)
{
	cme_output_sent(ctx, packet);
}

/* A write of all that TLS holds back is one as well. */
static int flush(struct cme_destination *d)
{
	return cme_output_open(d->out) ? cme_link_flush(&d->link, &d->err) : fenced(d);
}

/* Writes what is there: 1: all of it; 0: the socket takes no more; -1 with d->err. */
static int transmit(struct cme_destination *d)
{
	struct cme_plan plan;
	int rc;

	while (!d->blocked) {
		ssize_t n;

		cme_flight_plan(&d->flight, &d->session.out, &plan);
		if (plan.bytes == 0)
			break;
		if (!cme_output_open(d->out))
			return fenced(d);
		n = cme_link_write(&d->link, &plan, &d->err);
		if (n < 0)
			return -1;
		d->blocked = n == 0;
		cme_flight_advance(&d->flight, &d->session.out, (size_t)n, count_sent, d->out);
	}
	rc = d->blocked ? 0 : flush(d);
	d->blocked = rc == 0;
	return rc;
}

static enum cme_verdict go_live(struct cme_destination *d)
{
	d->flight.stream_id = d->session.stream_id;
	d->flight.chunk_size = d->session.chunk_size;
	d->accepted_us = d->at_us = d->now_us;
	d->proven_us = d->now_us + cme_output_proof_us(d->out);
	cme_progress_start(&d->progress, d->now_us);
	d->again = false;
	cme_output_connected(d->out);
	return cme_destination_go(d, CME_PHASE_LIVE);
}

/* The server has told what it takes; nothing is published yet. -1 with d->err: not this. */
static int settle_codecs(struct cme_destination *d)
{
	return cme_rtmp_choose(&d->session.offer, d->out->codecs, d->opened, &d->flight.told, &d->err);
}

/* Every step of the session has a limit of its own. */
enum cme_verdict cme_phase_greet(struct cme_destination *d)
{
	enum cme_rtmp_state before = d->session.state;

	if (receive(d) < 0 ||
	    (before < CME_RTMP_CREATE && d->session.state >= CME_RTMP_CREATE && settle_codecs(d) != 0) ||
	    transmit(d) < 0)
		return CME_VERDICT_FAILED;
	if (d->session.state == CME_RTMP_LIVE)
		return go_live(d);
	if (d->session.state != before)
		d->limit_us =
			d->now_us + (d->session.state >= CME_RTMP_CONNECT ? ANSWER_US : CME_HANDSHAKE_US);
	return CME_VERDICT_WAIT;
}

/* The connection ends before this packet: it cannot carry it, or the server asked for another one, for which
 * a keyframe is the place. */
static bool ends_before(const struct cme_destination *d, const struct cme_queue_item *item)
{
	return !cme_media_fits(d->opened, ((const struct cme_packet *)item->packet)->media) ||
	       (d->session.reconnect && item->start);
}

/* Takes packets from the queue as far as there is room. -1 with d->err. */
static int refill(struct cme_destination *d)
{
	const struct cme_queue_item *head;
	struct cme_queue_item item;
	int rc = 0;

	pthread_mutex_lock(&d->out->lock);
	while (rc == 0 && !d->again && cme_flight_room(&d->flight) &&
	       (head = cme_queue_peek(&d->out->queue))) {
		d->again = ends_before(d, head);
		if (!d->again && cme_queue_pop(&d->out->queue, &item))
			rc = cme_flight_add(&d->flight, item.packet);
	}
	pthread_mutex_unlock(&d->out->lock);
	return rc == 0 ? 0 : cme_err_set(&d->err, "internal", "out of memory");
}

/* Sends what the queue has. 1: all of it; 0: the socket takes no more; -1 with d->err. */
static int drain(struct cme_destination *d)
{
	int rc = 1;

	while (rc == 1) {
		if (refill(d) != 0)
			return -1;
		if (!d->flight.count && !d->session.out.len && !d->news)
			break;
		d->news = false;
		rc = transmit(d);
	}
	return rc;
}

/* The peer has to take something in every CME_PROGRESS_LIMIT_US, or be up to date. */
static int check_progress(struct cme_destination *d)
{
	struct cme_progress_look look = { .answered = d->session.acked, .waiting = d->flight.count > 0 };

	if (d->now_us < d->at_us)
		return 0;
	d->at_us = (d->now_us / LOOK_US + 1) * LOOK_US;
	cme_link_look(&d->link, &look);
	atomic_store(&d->unsent, (int64_t)(look.written - look.delivered));
	if (!cme_progress_stalled(&d->progress, &look, d->now_us))
		return 0;
	return cme_err_set(&d->err, "network.timeout", "the peer took nothing for 4 s");
}

/* Platforms that do not like a key may take the publish and hang up then: the connection has to hold. */
static void check_proof(struct cme_destination *d)
{
	if (d->now_us < d->proven_us)
		return;
	d->proven_us = INT64_MAX;
	d->moves = 0;
	cme_output_set_state(d->out, CME_OUTPUT_LIVE, NULL);
}

enum cme_verdict cme_phase_live(struct cme_destination *d)
{
	int rc;

	if (d->failed || (d->news && receive(d) < 0))
		return CME_VERDICT_FAILED;
	rc = drain(d);
	if (rc < 0 || check_progress(d) != 0)
		return CME_VERDICT_FAILED;
	check_proof(d);
	if (rc == 0 || (!d->again && !d->stopping))
		return CME_VERDICT_WAIT;
	cme_rtmp_session_goodbye(&d->session);
	return cme_destination_go(d, CME_PHASE_LEAVING);
}

bool cme_destination_carry(struct cme_destination *d)
{
	if (d->phase != CME_PHASE_LIVE)
		return d->phase != CME_PHASE_WAITING;
	d->failed = d->failed || drain(d) < 0;
	return !d->failed && !d->again;
}

void cme_destination_disconnect(struct cme_destination *d, bool keep)
{
	cme_link_close(&d->link);
	atomic_store(&d->unsent, -1);
	cme_flight_clear(&d->flight);
	cme_media_unref(d->opened);
	d->opened = NULL;
	d->blocked = d->failed = false;
	d->accepted_us = d->proven_us = 0;
	cme_dial_end(&d->dial);
	cme_output_disconnected(d->out, keep);
}

void cme_destination_forget_redirect(struct cme_destination *d)
{
	struct cme_err ignored;

	if (!d->redirected)
		return;
	d->redirected = false;
	cme_rtmp_url_parse(&d->url, d->out->url, &ignored);
	cme_dial_fini(&d->dial);
}

static enum cme_verdict after_close(struct cme_destination *d)
{
	bool moves = d->again && d->session.reconnect;

	cme_destination_disconnect(d, d->again);
	if (moves && !cme_destination_move(d))
		return CME_VERDICT_FAILED;
	if (!moves)
		cme_destination_forget_redirect(d);
	return cme_destination_go(d, d->stopping ? CME_PHASE_GONE : CME_PHASE_WAITING);
}

/* Says goodbye. What fails from here on is the end as well. */
enum cme_verdict cme_phase_leave(struct cme_destination *d)
{
	int rc = transmit(d);

	if (rc == 0 && !cme_destination_overdue(d))
		return CME_VERDICT_WAIT;
	if (rc <= 0)
		return after_close(d);
	cme_link_end(&d->link);
	return cme_destination_go(d, CME_PHASE_CLOSING);
}

/* Waits for the peer's end: closing on unread bytes would reset what it has not read yet. */
enum cme_verdict cme_phase_close(struct cme_destination *d)
{
	uint8_t data[READ_SIZE];
	struct cme_err ignored;
	ssize_t n = 1;

	for (int i = 0; i < READS_MAX && n > 0; i++)
		n = cme_link_read(&d->link, data, sizeof data, &ignored);
	d->ready = n > 0 || (n == 0 && d->link.more);
	return n < 0 || cme_destination_overdue(d) ? after_close(d) : CME_VERDICT_WAIT;
}

/* SPDX-License-Identifier: MIT
 *
 * Who may publish: the rules by which nodes that share an etcd keep a project on the air once and never twice, as a
 * model that SPIN checks over all interleavings (https://spinroot.com). `spec/model/check.sh` runs it.
 *
 * One project, two nodes, one etcd. All times are steps that are left. Whatever a step allows may happen in any
 * order, be late by any time, or be lost: keepalives, answers, control messages. A node that is paused does nothing
 * for a while, and so does one that is cut off from etcd; an etcd without quorum answers nothing for a while. None of
 * them needs a word of its own here.
 *
 * What is judged: every message that the platform gets carries its epoch. After the first of a newer epoch none of an
 * older one may come. An engine that may write is taken for one that writes.
 *
 * The rules. A macro BREAK_<rule> breaks each, and the checker must then find a run that ends in an assertion:
 *
 *   ABSENCE    a project's key is made only where there is none
 *   OWN_LEASE  a key of one's own counts only if it hangs on the lease that is kept alive now
 *   SENT       a deadline counts from before the keepalive was sent
 *   MARGIN     a deadline is before the lease's end by what clocks may differ
 *   FENCE      an engine looks at its deadline before each write
 *   FLOOR      an engine takes no epoch below one that it had, nor one that it was told to end
 *   NOTICE     a node that sees its key gone ends its engine at once
 *   GRACE      a taker waits after a key's deletion, for that
 *   ORDER      a node that gives a project up ends its engine first
 *   WARM       an engine that stands by is told of no lease before the project's key is its node's
 *   FRESH      what was sent to an engine does not reach the one that comes after it
 *
 *   TOLD       who loses a lease before its time is told within the grace; this is etcd's part, and does not hold
 *              while the node is paused or cut off from etcd: that is not covered
 *
 * Nor is what no program can do: to look at the clock and to write is one step here.
 */

#define NODES 2
#define NOBODY NODES
#ifndef LEASES
#define LEASES 2  /* that the first node has in a run; the other has one */
#endif
#ifndef EPOCHS
#define EPOCHS 2  /* that the project has in a run; the first node takes the first */
#endif
#ifndef TTL
#define TTL 3
#endif
#ifndef DRIFT
#define DRIFT 2   /* by how much etcd's clock may be ahead at the end of a TTL */
#endif

#define LEASE(n, l) ((n) * LEASES + (l) - 1)
#define ALIVE(n, l) (left[LEASE(n, l)] > 0)

#ifdef BREAK_MARGIN
#define MARGIN 0
#else
#define MARGIN DRIFT
#endif
#ifdef BREAK_GRACE
#define GRACE 0
#else
#define GRACE 1
#endif
#ifdef BREAK_ABSENCE
#define FREE(n) (holder != n && revision >= n)
#else
#define FREE(n) (holder == NOBODY && grace == 0 && revision >= n)
#endif
#ifdef BREAK_OWN_LEASE
#define OWN(n) (holder == n)
#else
#define OWN(n) (holder == n && holder_lease == known[n])
#endif
#ifdef BREAK_FLOOR
#define TAKES(n, e) true
#else
#define TAKES(n, e) (e > has[n] || e == has[n] && !ended[n])
#endif
#define OPEN(n) (until[n] > 0)
#ifdef BREAK_TOLD
#define TOLD false
#else
#define TOLD true
#endif

/* ---- etcd */

byte left[3];            /* how long a lease has, and 1; 0: there is none */
byte granted[NODES];     /* how many leases a node has had */
byte holder = NOBODY;    /* whose key of the project there is */
byte holder_lease;       /* on which of its leases it hangs */
byte revision;           /* of the key's last creation: its epoch */
byte grace;              /* what is left of it since the key was deleted */

/* ---- the services, and what is on its way to and from them */

byte known[NODES];       /* the lease that it keeps alive; 0: none */
byte deadline[NODES];    /* how long that lease holds for certain */
byte epoch[NODES];       /* with which it runs the project; 0: it does not */
bool gone[NODES];        /* its key is gone, and it has not seen that */
bool early[NODES];       /* ... and went before its time: etcd tells it within the grace */

mtype = { none, sent, applied }
mtype keepalive[NODES] = none;
byte promise[NODES];     /* the deadline that its answer brings */

byte late_epoch[NODES];  /* a control message of a service that was killed meanwhile */
byte late_until[NODES];
bit late_sent;           /* there is one in a run */

/* ---- the engines */

byte has[NODES];         /* the epoch that it was given last */
byte until[NODES];       /* how long it may write */
bool ended[NODES];       /* it was told to end that one */

/* ---- the platform */

byte newest;             /* epoch that it has seen */

inline tell(n, e, t)
{
	if
	:: e > 0 && t > 0 && TAKES(n, e) ->
		has[n] = e;
		until[n] = t;
		ended[n] = false;
		assert(e >= newest);
		newest = e;
		assert(!OPEN(1 - n) || has[1 - n] >= newest)
#ifdef REACH
		; assert(newest < REACH) /* shows that the model gets this far */
#endif
	:: else
	fi
}

inline end(n)
{
	ended[n] = true;
	until[n] = 0
}

inline delete_key()
{
	holder = NOBODY;
	holder_lease = 0;
	grace = GRACE
}

inline forget_keepalive(n)
{
	keepalive[n] = none;
	promise[n] = 0
}

inline forget_lease(n)
{
	known[n] = 0;
	deadline[n] = 0;
	epoch[n] = 0;
	forget_keepalive(n)
}

/* A lease ends, and with it the key that hangs on it. */
inline drop(n, l, before_time)
{
	left[LEASE(n, l)] = 0;
	if
	:: holder == n && holder_lease == l -> delete_key(); gone[n] = true; early[n] = before_time
	:: else
	fi
}

active [NODES] proctype etcd()
{
	byte n = _pid;

	do
	/* At its end, or early by as much as its clock is ahead. */
	:: atomic { ALIVE(n, 1) && left[LEASE(n, 1)] <= 1 + DRIFT -> drop(n, 1, false) }
	:: atomic { n == 0 && LEASES == 2 && ALIVE(n, 2) && left[LEASE(n, 2)] <= 1 + DRIFT -> drop(n, 2, false) }
	/* Before its time: etcd can do so while its leader hangs. */
	:: atomic { holder == n && ALIVE(n, holder_lease) -> drop(n, holder_lease, TOLD) }
	:: atomic { keepalive[n] == sent && known[n] > 0 && ALIVE(n, known[n]) ->
		left[LEASE(n, known[n])] = 1 + TTL;
		keepalive[n] = applied }
	od
}

active [NODES] proctype node()
{
	byte n = _pid - NODES;

	do
	/* A lease: a new one, or after a start the one on which its key hangs, and that holds until nobody knows when. */
	:: atomic { known[n] == 0 && granted[n] < (n == 0 -> LEASES : 1) ->
		granted[n]++;
		left[LEASE(n, granted[n])] = 1 + TTL;
		known[n] = granted[n];
		deadline[n] = TTL - MARGIN }
	:: atomic { known[n] == 0 && holder == n -> known[n] = holder_lease }

	/* A keepalive; either half of it may be lost. */
	:: atomic { keepalive[n] == none && known[n] > 0 && deadline[n] < TTL - MARGIN -> keepalive[n] = sent; promise[n] = TTL - MARGIN }
	:: atomic { keepalive[n] != none -> forget_keepalive(n) }
	:: atomic { keepalive[n] == applied ->
		deadline[n] = promise[n];
		forget_keepalive(n);
		tell(n, epoch[n], deadline[n]) }

	/* It takes the project. The answer may be lost: then it finds a key of its own later. */
	:: atomic { epoch[n] == 0 && known[n] > 0 && ALIVE(n, known[n]) && !gone[n] && FREE(n) &&
		    revision < EPOCHS ->
		holder = n;
		holder_lease = known[n];
		revision++;
		grace = 0;
		if
		:: epoch[n] = revision; tell(n, epoch[n], deadline[n])
		:: true
		fi }
	:: atomic { epoch[n] == 0 && known[n] > 0 && OWN(n) && !gone[n] ->
		epoch[n] = revision;
		tell(n, epoch[n], deadline[n]) }

	/* It sees that its key is gone. */
	:: atomic { gone[n] ->
		gone[n] = false;
		early[n] = false;
		forget_lease(n);
#ifndef BREAK_NOTICE
		end(n)
#endif
		}

	/* It gives the project up, for another node to take. */
	:: atomic { epoch[n] > 0 && OWN(n) ->
#ifndef BREAK_ORDER
		end(n);
#endif
		epoch[n] = 0;
		delete_key() }

	/* It stands by: a new engine reads the inputs, knows of no epoch and may not write. */
	:: atomic { epoch[n] == 0 && (has[n] > 0 || ended[n]) ->
		has[n] = 0;
		until[n] = 0;
		ended[n] = false
#ifndef BREAK_FRESH
		; late_epoch[n] = 0;
		late_until[n] = 0
#endif
		}
#ifdef BREAK_WARM
	:: atomic { epoch[n] == 0 && known[n] > 0 && !OWN(n) && revision > 0 && revision < EPOCHS ->
		tell(n, revision + 1, deadline[n]) }
#endif

	/* Its service is killed and started again: it knows nothing, and its last message may still be under way. */
	:: atomic { epoch[n] > 0 && deadline[n] > 0 && late_sent == 0 ->
		late_sent = 1;
		late_epoch[n] = epoch[n];
		late_until[n] = deadline[n];
		forget_lease(n) }
	:: atomic { epoch[n] > 0 -> forget_lease(n) }
	:: atomic { late_epoch[n] > 0 ->
		tell(n, late_epoch[n], late_until[n]);
		late_epoch[n] = 0;
		late_until[n] = 0 }

	od
}

inline pass(time)
{
	if
	:: time > 0 -> time--
	:: else
	fi
}

active proctype clock()
{
	do
	/* Not before a lease has ended whose time has come, and who is to be told of an early end has been told. */
	:: atomic { !early[0] && !early[1] && left[0] != 1 && left[1] != 1 && left[2] != 1 ->
		pass(left[0]); pass(left[1]); pass(left[2]);
		pass(grace);
		pass(deadline[0]); pass(deadline[1]);
		pass(late_until[0]); pass(late_until[1])
#ifndef BREAK_FENCE
		; pass(until[0]); pass(until[1])
#endif
#ifndef BREAK_SENT
		; pass(promise[0]); pass(promise[1])
#endif
		}
	od
}

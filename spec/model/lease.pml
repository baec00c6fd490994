/* SPDX-License-Identifier: MIT
 *
 * Who may publish: the rules by which nodes that share an etcd keep a project on the air once and never twice, as a
 * model that SPIN checks over all interleavings (https://spinroot.com). `spec/model/check.sh` runs it.
 *
 * One project, two nodes, one etcd. All times are steps that are left. Whatever a step allows may happen in any
 * order, be late by any time, or be lost: keepalives, requests, answers, control messages. A node that is paused does
 * nothing for a while, and so does one that is cut off from etcd; an etcd without quorum answers nothing for a while.
 * None of them needs a word of its own here.
 *
 * A take is made of the steps of lua/cme/server/fleet/claims.lua, and anything may happen between two of them:
 *
 *    (none) -- look: no key --> waiting -- grace over, send --> sent -- etcd makes the key --> made -- answer --> runs
 *                 any of them: the answer, or the lease, is lost --> (none), where a key of one's own is found later
 *
 * What is judged: every message that the platform gets carries its epoch. After the first of a newer epoch none of an
 * older one may come. An engine that may write is taken for one that writes.
 *
 * The rules. Each can be broken (BROKEN, below), and the checker must then find a run that ends in an assertion:
 *
 *   ABSENCE    a project's key is made only where there is none
 *   LAST       ... and where nobody had the project since its taker looked
 *   OWN_LEASE  a key of one's own is found only if it hangs on the lease that is kept alive now
 *   KEPT       the answer that a key was made counts only while the lease that it hangs on is held
 *   HEARD      ... and only if the node has not seen the key go
 *   SENT       a deadline counts from before the keepalive was sent
 *   MARGIN     a deadline is before the lease's end by what clocks may differ
 *   FENCE      an engine looks at its deadline before each write
 *   FLOOR      an engine takes no epoch below one that it had, nor one that it was told to end
 *   NOTICE     a node that sees its key gone ends its engine at once
 *   GRACE      a taker waits after it has seen no key, for that; but for none that was given up
 *   ORDER      a node that gives a project up ends its engine first
 *   OVER       a run that a node has asked etcd to give up is over for it, whether or not it hears an answer
 *   WARM       an engine that stands by is told of no lease before the project's key is its node's
 *   FRESH      what was sent to an engine does not reach the one that comes after it
 *
 *   TOLD       who loses a lease before its time is told within the grace; this is etcd's part, and does not hold
 *              while the node is paused or cut off from etcd: that is not covered
 *
 * Nor is what no program can do: to look at the clock and to write is one step here. A request to give a project up of
 * a service that is killed reaches etcd before the next service has read what it has, or never.
 */

#define ABSENCE 1
#define LAST 2
#define OWN_LEASE 3
#define KEPT 4
#define HEARD 5
#define SENT 6
#define MARGIN 7
#define FENCE 8
#define FLOOR 9
#define NOTICE 10
#define GRACE 11
#define ORDER 12
#define OVER 13
#define WARM 14
#define FRESH 15
#define TOLD 16

/* What a run is about. One explorer does for all: it takes these from its environment. A trail that spin is to show is
 * made and shown with -DBROKEN=FENCE and so on. */
#ifndef BROKEN
#define BROKEN 0  /* a rule that does not hold; 0: all do */
#endif
#ifndef LEASES
#define LEASES 2  /* that the first node has in a run; the other has one */
#endif
#ifndef EPOCHS
#define EPOCHS 2  /* that the project has in a run; the first node takes the first */
#endif
#ifndef WHOLE
#define WHOLE 0   /* the other node may lose what it has, too: without it that just takes, as fast as it may. That does
                     for two epochs, whose last one counts no more once it is on the air */
#endif
#ifndef TTL
#define TTL 3
#endif
#ifndef DRIFT
#define DRIFT 2   /* by how much etcd's clock may be ahead at the end of a TTL */
#endif
#ifndef REACH
#define REACH 255 /* an epoch that is not to be reached: shows that the model gets this far */
#endif

hidden byte broken = BROKEN;
hidden byte leases = LEASES;
hidden byte epochs = EPOCHS;
hidden byte ttl = TTL;
hidden byte drift = DRIFT;
hidden byte reach = REACH;
hidden byte whole = WHOLE;

c_decl {
\#include <stdlib.h>
	static int asked(const char *name, int without)
	{
		const char *value = getenv(name);

		return value ? atoi(value) : without;
	}
};

#define HOLDS(rule) (broken != rule)
#define NODES 2
#define NOBODY NODES
#define LEASE(n, l) ((n) * 2 + (l) - 1)
#define ALIVE(n, l) (left[LEASE(n, l)] > 0)
#define LIFE (ttl - (HOLDS(MARGIN) -> drift : 0)) /* how long a lease that was renewed now lives for certain */
#define OPEN(n) (until[n] > 0)
#define RUNS(n) (epoch[n] > 0 && (!over[n] || !HOLDS(OVER)))
#define FALLIBLE(n) (n == 0 || whole)
#define GONE(n) (key[n] > 0 && holder != n)

/* ---- etcd */

byte left[3];            /* how long a lease has, and 1; 0: there is none */
byte granted[NODES];     /* how many leases a node has had */
byte holder = NOBODY;    /* whose key of the project there is */
byte revision;           /* of the key's last creation: its epoch */
bool given = true;       /* the last run was given up, or there was none */

/* ---- the services, and what is on its way to and from them */

byte known[NODES];       /* the lease that it keeps alive; 0: none */
byte deadline[NODES];    /* how long that lease holds for certain */
byte epoch[NODES];       /* with which it runs the project; 0: it does not */
byte key[NODES];         /* epoch of its key, until it has seen that it is gone; 0: none */
byte key_lease[NODES];   /* on which of its leases that hangs */
bool early[NODES];       /* it went before its time: etcd tells the node within the grace */
bool over[NODES];        /* it has asked etcd to give that up */

byte promise[NODES];     /* the deadline that the answer to its keepalive brings; 0: none is under way */

mtype = { none, waiting, sent, applied }
mtype take[NODES] = none;
byte wait[NODES];        /* what is left of the grace */
byte claim[NODES];       /* the epoch that the answer brings */
byte claim_lease[NODES]; /* the lease that the request named */

byte late_epoch[NODES];  /* a control message of a service that was killed meanwhile */
byte late_until[NODES];
bit late_sent;           /* there is one in a run */

/* ---- the engines */

byte has[NODES];         /* the epoch that it was given last */
byte until[NODES];       /* how long it may write */
bool ended[NODES];       /* it was told to end that one */

/* ---- the platform */

byte newest;             /* epoch that it has seen */

/* The engine is told to end this epoch, and with it those before. */
inline end(n, e)
{
	if
	:: e >= has[n] && e > 0 ->
		has[n] = e;
		ended[n] = true;
		until[n] = 0
	:: else
	fi
}

inline forget_take(whose)
{
	take[whose] = none;
	wait[whose] = 0;
	claim[whose] = 0;
	claim_lease[whose] = 0
}

inline forget_key(n)
{
	key[n] = 0;
	key_lease[n] = 0;
	early[n] = false;
	over[n] = false
}

/* One on which nothing hangs, and nothing will, counts for nothing more. */
inline forget_lease(n)
{
	if
	:: known[n] > 0 && !(holder == n && key_lease[n] == known[n]) && !(take[n] == sent && claim_lease[n] == known[n]) ->
		left[LEASE(n, known[n])] = 0
	:: else
	fi;
	known[n] = 0;
	deadline[n] = 0;
	epoch[n] = 0;
	promise[n] = 0
}

/* Once the last epoch is on the air, nothing that its node does changes what is judged: a message to its engine may. */
inline retire(n)
{
	forget_lease(n);
	forget_take(n);
	forget_key(n);
	left[LEASE(n, 1)] = 0;
	if
	:: n == 0 -> left[LEASE(n, 2)] = 0
	:: else
	fi;
	granted[n] = 2;
	holder = NOBODY;
	until[n] = 0
}

inline tell(n, e, t)
{
	if
	:: e > 0 && t > 0 && (!HOLDS(FLOOR) || e > has[n] || e == has[n] && !ended[n]) ->
		has[n] = e;
		until[n] = t;
		ended[n] = false;
		assert(e >= newest);
		newest = e;
		assert(!OPEN(1 - n) || has[1 - n] >= newest);
		assert(newest < reach);
		if
		:: e == epochs -> retire(n)
		:: else
		fi
	:: else
	fi
}

inline renew(n)
{
	if
	:: RUNS(n) -> tell(n, epoch[n], deadline[n])
	:: else
	fi
}

/* Its service is killed and started again: it knows what etcd has, and no more. */
inline forget_all(n)
{
	forget_lease(n);
	forget_take(n);
	over[n] = false;
	if
	:: GONE(n) && !early[n] -> forget_key(n)
	:: else
	fi
}

/* Somebody has the project, or gives it up: whoever looked before asks for the key in vain. */
inline refuse(who)
{
	if
	:: HOLDS(LAST) && (take[who] == waiting || take[who] == sent) -> forget_take(who)
	:: else
	fi
}

/* A lease ends, and with it the key that hangs on it. */
inline drop(n, l, before_time)
{
	left[LEASE(n, l)] = 0;
	if
	:: holder == n && key_lease[n] == l -> holder = NOBODY; early[n] = before_time
	:: else
	fi
}

inline make(n)
{
	holder = n;
	revision++;
	given = false;
	refuse(1 - n);
	forget_key(n);
	key[n] = revision;
	key_lease[n] = claim_lease[n];
	take[n] = applied;
	wait[n] = 0;
	claim[n] = revision
}

proctype etcd(byte n)
{
	do
	/* At its end, or early by as much as its clock is ahead. */
	:: atomic { FALLIBLE(n) && ALIVE(n, 1) && left[LEASE(n, 1)] <= 1 + drift -> drop(n, 1, false) }
	:: atomic { n == 0 && ALIVE(n, 2) && left[LEASE(n, 2)] <= 1 + drift -> drop(n, 2, false) }
	/* Before its time: etcd can do so while its leader hangs; and somebody may delete the key. */
	:: atomic { FALLIBLE(n) && holder == n && ALIVE(n, key_lease[n]) -> drop(n, key_lease[n], HOLDS(TOLD)) }
	:: atomic { FALLIBLE(n) && holder == n -> holder = NOBODY; early[n] = HOLDS(TOLD) }
	/* A request to make the key. */
	:: atomic { take[n] == sent && ALIVE(n, claim_lease[n]) && holder != n && (holder == NOBODY || !HOLDS(ABSENCE)) &&
		    revision >= n && revision < epochs -> make(n) }
	/* A request to delete it. */
	:: atomic { over[n] && holder == n ->
		holder = NOBODY;
		given = true;
		refuse(1 - n) }
	od
}

proctype node(byte n)
{
	do
	/* A lease: a new one, or after a start the one on which its key hangs, and that holds until nobody knows when. */
	:: atomic { known[n] == 0 && granted[n] < (n == 0 -> leases : 1) ->
		granted[n]++;
		left[LEASE(n, granted[n])] = 1 + ttl;
		known[n] = granted[n];
		deadline[n] = LIFE }
	:: atomic { known[n] == 0 && holder == n -> known[n] = key_lease[n] }
	/* Its time is over, or etcd says that it is gone. */
	:: atomic { known[n] > 0 && (deadline[n] == 0 || !ALIVE(n, known[n])) ->
		end(n, epoch[n]);
		forget_lease(n) }

	/* A keepalive, and its answer, which may be late or lost. That etcd hears of it late only makes the lease longer. */
	:: atomic { promise[n] == 0 && known[n] > 0 && ALIVE(n, known[n]) && deadline[n] < LIFE ->
		left[LEASE(n, known[n])] = 1 + ttl;
		promise[n] = LIFE }
	:: atomic { promise[n] > 0 -> promise[n] = 0 }
	:: atomic { promise[n] > 0 ->
		deadline[n] = promise[n];
		promise[n] = 0;
		renew(n) }

	/* It takes the project: it looks, waits, asks for the key, and hears that it has it. */
	:: atomic { epoch[n] == 0 && take[n] == none && known[n] > 0 && revision < epochs &&
		    (holder == NOBODY || holder != n && !HOLDS(ABSENCE)) ->
		take[n] = waiting;
		wait[n] = (given || !HOLDS(GRACE) -> 0 : 1) }
	:: atomic { take[n] == waiting && wait[n] == 0 && known[n] > 0 -> take[n] = sent; claim_lease[n] = known[n] }
	:: atomic { take[n] == applied ->
		if
		:: known[n] == claim_lease[n] && deadline[n] > 0 || !HOLDS(KEPT) -> epoch[n] = claim[n]; renew(n)
		:: else -> over[n] = key[n] == claim[n]
		fi;
		forget_take(n) }
	/* The answer is lost, or says no; a key that was made all the same is found later. */
	:: atomic { take[n] != none -> forget_take(n) }
	:: atomic { epoch[n] == 0 && take[n] == none && key[n] > 0 && !over[n] && deadline[n] > 0 &&
		    (key_lease[n] == known[n] || !HOLDS(OWN_LEASE)) ->
		epoch[n] = key[n];
		renew(n) }

	/* It sees that its key is gone. */
	:: atomic { GONE(n) ->
		if
		:: HOLDS(NOTICE) -> end(n, key[n])
		:: else
		fi;
		epoch[n] = 0;
		forget_key(n);
		if
		:: take[n] == applied && HOLDS(HEARD) -> forget_take(n)
		:: else
		fi }

	/* It gives the project up, for another node to take; then it hears that it has. */
	:: atomic { epoch[n] > 0 && !over[n] ->
		if
		:: HOLDS(ORDER) -> end(n, epoch[n])
		:: else
		fi;
		over[n] = true }
	:: atomic { epoch[n] > 0 && over[n] && holder != n -> epoch[n] = 0 }

	/* Another engine: it reads the inputs, knows of no epoch and may not write. So does one that stands by. */
	:: atomic { has[n] > 0 ->
		has[n] = 0;
		until[n] = 0;
		ended[n] = false;
		if
		:: HOLDS(FRESH) -> late_epoch[n] = 0; late_until[n] = 0
		:: else
		fi }
	:: atomic { RUNS(n) -> renew(n) }
	:: atomic { !HOLDS(WARM) && epoch[n] == 0 && known[n] > 0 && holder != n && revision > 0 && revision < epochs ->
		tell(n, revision + 1, deadline[n]) }

	/* Its service is killed, and its last message may still be under way. */
	:: atomic { RUNS(n) && epoch[n] < epochs && deadline[n] > 0 && late_sent == 0 ->
		late_sent = 1;
		late_epoch[n] = epoch[n];
		late_until[n] = deadline[n];
		forget_all(n) }
	:: atomic { epoch[n] > 0 -> forget_all(n) }
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

proctype clock()
{
	do
	/* Not before a lease has ended whose time has come, and who is to be told of an early end has been told. */
	:: atomic { !early[0] && !early[1] && left[0] != 1 && left[1] != 1 && left[2] != 1 ->
		pass(left[0]); pass(left[1]); pass(deadline[0]);
		if
		:: whole -> pass(left[2]); pass(deadline[1])
		:: else
		fi;
		pass(wait[0]); pass(wait[1]);
		pass(late_until[0]); pass(late_until[1]);
		if
		:: HOLDS(FENCE) -> pass(until[0]); pass(until[1])
		:: else
		fi;
		if
		:: HOLDS(SENT) -> pass(promise[0]); pass(promise[1])
		:: else
		fi }
	od
}

init
{
	atomic {
		c_code {
			broken = asked("BROKEN", BROKEN);
			leases = asked("LEASES", LEASES);
			epochs = asked("EPOCHS", EPOCHS);
			ttl = asked("TTL", TTL);
			drift = asked("DRIFT", DRIFT);
			reach = asked("REACH", REACH);
			whole = asked("WHOLE", WHOLE);
		};
		run etcd(0); run etcd(1);
		run node(0); run node(1);
		run clock()
	}
}

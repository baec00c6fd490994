/* SPDX-License-Identifier: MIT
 *
 * What this program is told: one JSON line on fd 0, as child/enter.h reads it, since addresses have secrets.
 *
 *     {"urls":["https://..."],"source":"rtmp://...","for":30,"every":10,"tell":1,"full":false,"late":2.5,
 *      "pictures":"/run/...","ca_file":"/etc/...","public":false,"source_public":false,"peer":false}
 *
 * All but `urls` may be left out. Times are seconds; what is shorter than 0.1 s is taken as that.
 */
#ifndef CME_LOOK_ORDER_H
#define CME_LOOK_ORDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

enum { CME_LOOK_URLS = 32 };

struct cme_look_order {
	json_t *told; /* what the texts below live in; has secrets */
	const char *urls[CME_LOOK_URLS];
	size_t count;
	const char *source;   /* NULL: nothing to compare with */
	const char *pictures; /* the folder that JPEGs are written into; NULL: none are */
	const char *ca_file;  /* NULL: the TLS library's own */
	double for_s;         /* 0: until it is ended */
	double every_s;       /* between two looks */
	double tell_s;        /* between two lines about an address */
	double late_s;        /* 0: by the kind of address */
	bool full;
	bool peer;          /* the source is another input of the same project */
	bool source_public; /* the source is read from public addresses alone */
	bool public;        /* addresses are */
};

/* Takes the reference over. 0, or -1 with err (internal, invalid.url); fini after either. */
int cme_look_order_init(struct cme_look_order *order, json_t *told, struct cme_err *err);
void cme_look_order_fini(struct cme_look_order *order);

/* From which delay on a viewer of that address is late: a playlist is read seconds behind. */
double cme_look_order_late(const struct cme_look_order *order, const char *url);

#endif

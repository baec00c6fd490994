/* SPDX-License-Identifier: MIT
 *
 * What destinations get: codecs, size, profile and sound of what an input sends, and how many pictures a
 * second, as their DTS show it within half a second. Another rate is told once it lasts. A slate is made to
 * this measure. Pure: no clock, no lock.
 */
#ifndef CME_RELAY_PROGRAMME_H
#define CME_RELAY_PROGRAMME_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/base/stat.h"
#include "stream/packet.h"

struct cme_programme {
	struct cme_media *media; /* a reference: what is being measured; NULL: nothing yet */
	int64_t first_us;        /* DTS of its first packet that counts, on the source's time */
	int64_t last_us;
	unsigned count;                   /* of those packets: pictures, or sound where there are none */
	double fps;                       /* of the last measurement that was not the rate in `facts` */
	unsigned agreed;                  /* measurements in a row that were `fps` */
	struct cme_programme_facts facts; /* of the last measurement that was over; without names: none */
};

void cme_programme_fini(struct cme_programme *programme);

/* Takes in a packet of the input on the air. true: `facts` are now others than before. */
bool cme_programme_add(struct cme_programme *programme, const struct cme_packet *packet);

#endif

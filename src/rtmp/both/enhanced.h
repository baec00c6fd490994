/* SPDX-License-Identifier: MIT
 *
 * What a peer that relays everything says of itself in connect and in the answer to it: the codecs by four
 * characters, and what else of Enhanced RTMP it takes (v1: the list; v2, "Enhancing NetConnection connect
 * Command": the maps and capsEx). Pure; any thread.
 */
#ifndef CME_RTMP_BOTH_ENHANCED_H
#define CME_RTMP_BOTH_ENHANCED_H

#include "common/buf.h"

/* Bits of capsEx. */
enum cme_rtmp_caps {
	CME_RTMP_CAPS_RECONNECT = 1,
	CME_RTMP_CAPS_MULTITRACK = 2,
	CME_RTMP_CAPS_MODEX = 4,
	CME_RTMP_CAPS_NANOSECONDS = 8,
};

/* Appends the members to an object that is open. */
void cme_rtmp_put_enhanced(struct cme_buf *body, unsigned caps);

#endif

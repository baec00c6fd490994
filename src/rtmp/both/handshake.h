/* SPDX-License-Identifier: MIT
 *
 * What both halves of the handshake know ("Adobe's Real Time Messaging Protocol", 2012, section 5.2). Pure.
 */
#ifndef CME_RTMP_BOTH_HANDSHAKE_H
#define CME_RTMP_BOTH_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

#define CME_RTMP_VERSION        3    /* C0 and S0 */
#define CME_RTMP_HANDSHAKE_SIZE 1536 /* bytes of C1, C2, S1 and S2 */

/* Random bytes: the handshake asks for such that differ, not for secrets. The seed changes. */
void cme_rtmp_handshake_fill(uint8_t *out, size_t len, uint64_t *seed);

#endif

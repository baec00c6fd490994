/* SPDX-License-Identifier: MIT
 *
 * The print of a payload: what of it stays the same on every way from one encoder, as 64 bits. Length
 * prefixes of any size and start codes count for nothing, nor do the units that muxers add and leave out:
 * access unit delimiters, parameter sets, filler, ends of sequences (ISO/IEC 14496-10 table 7-1, 23008-2
 * table 7-1), AV1's temporal delimiters and padding (AV1 6.2.2). All the rest counts, SEI too: they tell
 * pictures apart that look the same. Sound is taken as it is: it has no header by then. Pure; trusts no
 * length it reads. Any thread.
 */
#ifndef CME_RELAY_MERGE_PRINT_H
#define CME_RELAY_MERGE_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "stream/params.h"

/* par: of the stream that it is a packet of; its extradata say the size of the length prefixes (without
 * extradata: start codes). Two payloads with other contents have the same print about never. */
uint64_t cme_print(const struct cme_params *par, const uint8_t *data, size_t len);

#endif

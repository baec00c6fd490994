/* SPDX-License-Identifier: MIT
 *
 * Outputs through libavformat, a thread each: FLV for rtmp and rtmps, MPEG-TS for srt and udp. Every
 * call into libavformat has a deadline: 10 s to connect, 4 s for a packet to leave, 1 s to close.
 */
#ifndef CME_RELAY_OUTPUT_AV_OUTPUT_AV_H
#define CME_RELAY_OUTPUT_AV_OUTPUT_AV_H

#include "relay/output/output.h"

extern const struct cme_output_ops cme_output_av;

#endif

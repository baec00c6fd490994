/* SPDX-License-Identifier: MIT
 *
 * The backend for rtmp and rtmps destinations: all of them on the publisher's one thread.
 */
#ifndef CME_RELAY_OUTPUT_RTMP_OUTPUT_RTMP_H
#define CME_RELAY_OUTPUT_RTMP_OUTPUT_RTMP_H

#include "relay/output/output.h"

extern const struct cme_output_ops cme_output_rtmp;

#endif

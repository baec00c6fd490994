/* SPDX-License-Identifier: MIT
 *
 * Outputs that a process of their own writes: cme-push, with libavformat. A thread each in here starts the
 * process for a connection, gives it the packets of the queue and hears what became of them; a process that
 * crashes or hangs is a connection that failed, and no more. 12 s to connect, 6 s for a packet to leave (the
 * process has shorter limits of its own), 1.2 s to close.
 */
#ifndef CME_RELAY_OUTPUT_PUSH_OUTPUT_PUSH_H
#define CME_RELAY_OUTPUT_PUSH_OUTPUT_PUSH_H

#include "relay/output/output.h"

extern const struct cme_output_ops cme_output_push_ops;

#endif

/* SPDX-License-Identifier: MIT
 *
 * An engine that reads a stream: a connection of a channel's unix socket, which gets FLV. One thread.
 */
#ifndef CME_EDGE_CHANNEL_SOCKET_READER_H
#define CME_EDGE_CHANNEL_SOCKET_READER_H

#include "edge/channel/reader.h"
#include "edge/poll.h"

/* Takes the descriptor over, even when it fails, and enters the list. NULL: no memory, or no watch. */
struct cme_reader *cme_socket_reader_new(struct cme_poll *poll, int fd, struct cme_reader **list);

#endif

/* SPDX-License-Identifier: MIT
 *
 * All bytes to a descriptor that blocks, whatever a single write(2) takes. Any thread.
 */
#ifndef CME_COMMON_WRITE_ALL_H
#define CME_COMMON_WRITE_ALL_H

#include <stdbool.h>
#include <stddef.h>

/* false: not all of it was written, errno says why. */
bool cme_write_all(int fd, const void *data, size_t len);

#endif

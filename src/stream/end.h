/* SPDX-License-Identifier: MIT
 *
 * Why nothing more comes of a source. Negative, so that 0 says that it goes on. The words that people are
 * told come from whoever knows more of it.
 */
#ifndef CME_STREAM_END_H
#define CME_STREAM_END_H

enum cme_end {
	CME_END_OVER = -1,       /* it ended by itself */
	CME_END_CUT = -2,        /* by its owner, a deadline, or a connection that broke */
	CME_END_UNREADABLE = -3, /* what came is no stream of media */
	CME_END_PICTURE = -4,    /* its picture is of a codec that is not read, or lacks something */
	CME_END_CHANGED = -5,    /* its codec changed: it has to be opened anew */
	CME_END_MEMORY = -6,     /* there is none, or the packet is too large */
};

#endif

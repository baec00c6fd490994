/* SPDX-License-Identifier: MIT
 *
 * Which requests are refused as malformed though libmicrohttpd would take them: those that another program
 * on the way may read as another request, or as two. Refused is a repair that only one of the two would make.
 * RFC 9110, RFC 9112.
 */
#ifndef CME_HTTPD_STRICT_H
#define CME_HTTPD_STRICT_H

#include <stdbool.h>
#include <stddef.h>

#include "httpd/message.h"

/* What is wrong with a request's head, one line to answer with; NULL: nothing. Pure. */
const char *cme_httpd_head_fault(const struct cme_httpd_message *message, const char *version);

/* A head's bytes as the library leaves them in its memory, each part ended by a NUL in place of what stood
 * there. Fed with the parts in their order, it notices a gap between two: the rest of a part that a NUL of
 * the client's cut short, or a line that was folded. */
struct cme_httpd_seam {
	const char *at; /* where the part before ends: its NUL */
	bool torn;      /* out: there was a gap */
};

/* The next part, of which at most `most` bytes stand between it and the end of the one before: one NUL, and
 * blanks or NULs. */
void cme_httpd_seam_part(struct cme_httpd_seam *seam, const char *part, size_t len, size_t most);

#endif

/* SPDX-License-Identifier: MIT
 *
 * What header fields need of text: the white space of RFC 9110, 5.6.3 (space and tab), which around a
 * value is not part of it. Pure; by length, so a NUL is a byte like any other.
 */
#ifndef CME_COMMON_TEXT_H
#define CME_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool cme_is_blank(char c);

/* Narrows [*text, *text + *len) to what is left without blanks around it. */
void cme_trim(const char **text, size_t *len);

#endif

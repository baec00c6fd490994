/* SPDX-License-Identifier: MIT
 *
 * Small things about text: the white space of RFC 9110, 5.6.3 (space and tab), which around the value of a
 * header field is not part of it, and the percent-encoding of URLs. Pure.
 */
#ifndef CME_COMMON_TEXT_H
#define CME_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool cme_is_blank(char c);

/* Narrows [*text, *text + *len) to what is left without blanks around it; a NUL is a byte like any other. */
void cme_trim(const char **text, size_t *len);

/* The byte that a percent-encoding at the start of text stands for ("%41"); -1: there is none. Of text with a
 * NUL at its end, len may be 3. */
int cme_percent_byte(const char *text, size_t len);

/* Percent-decodes in place (RFC 3986, 2.1). What is no encoding stays as it is, and so does %00. */
void cme_percent_decode(char *text);

#define CME_FILE_NAME_MAX 80 /* bytes */

/* Whether a text, which may come from a stranger, is fit to begin a file's name in a folder: one component of
 * a path, 1 to 80 bytes without '/' and control characters, not beginning with '.'. */
bool cme_file_name_fits(const char *name);

#endif

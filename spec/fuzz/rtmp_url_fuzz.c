/* SPDX-License-Identifier: MIT
 *
 * Any text as an RTMP URL, and as the place a server sends its clients to: what is taken has a host, and
 * its parts stand in the text.
 */
#include "rtmp/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cme_rtmp_url url, known;
	struct cme_err err;
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cme_rtmp_url_parse(&url, text, &err) == 0 &&
	    (!url.host[0] || !url.app[0] || !strstr(text, url.key) || !strstr(text, url.app)))
		abort();
	if (cme_rtmp_url_parse(&known, "rtmps://h/live/key-7?a=1", &err) != 0)
		abort();
	if (cme_rtmp_url_redirect(&known, text, &err) == 0 &&
	    (!known.tls || strcmp(known.key, "key-7?a=1") != 0))
		abort();
	free(text);
	return 0;
}

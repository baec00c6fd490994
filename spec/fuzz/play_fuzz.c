/* SPDX-License-Identifier: MIT
 *
 * Any bytes as the name of a stream that a viewer asks for, with its query and that of the application: what
 * is found is bounded, and no token is good that was not made with the secret.
 */
#include "edge/play.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size ? data[0] % size : 0;
	char *text = malloc(len + 1), *query = malloc(size + 1);
	struct cme_play play;

	if (text && query && size) {
		memcpy(text, data + 1, len);
		memcpy(query, data + 1 + len, size - 1 - len);
		query[size - 1 - len] = '\0';
		if (!memchr(text, '\0', len) /* rtmp/server hands out none */ &&
		    cme_play_read(text, len, query, &play)) {
			size_t token = strnlen(play.token, sizeof play.token);

			if (!memchr(play.name, '\0', sizeof play.name) || (token && token != CME_PLAY_TOKEN))
				abort();
			if (cme_play_check(&play, "hush-fuzz", 0) != CME_PLAY_WRONG)
				abort();
		}
	}
	free(text);
	free(query);
	return 0;
}

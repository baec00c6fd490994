/* SPDX-License-Identifier: MIT
 *
 * Any text as the query of an SRT, RTSP, UDP or RTP URL: what is taken is on the list and within its bounds,
 * what is refused says so without a byte of a value, and what is left of the URL is a part of it.
 */
#include "av/options.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET    "sekretsekret"
#define VALUE_MAX 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const AVDictionary *options)
{
	const AVDictionaryEntry *entry = NULL;

	while ((entry = av_dict_get(options, "", entry, AV_DICT_IGNORE_SUFFIX))) {
		assert(strlen(entry->value) <= VALUE_MAX);
		assert(strcmp(entry->key, "mode") != 0 || strcmp(entry->value, "caller") == 0);
		assert(strspn(entry->key, "abcdefghijklmnopqrstuvwxyz_") == strlen(entry->key));
	}
}

static void check(const char *prefix, const char *query)
{
	size_t size = strlen(prefix) + strlen(query) + 1;
	char *url = malloc(size), *bare;
	struct cme_err err = { 0 };
	AVDictionary *options = NULL;

	snprintf(url, size, "%s%s", prefix, query);
	bare = cme_options_take(url, &options, &err);
	if (bare)
		assert(strlen(bare) <= strlen(url) && strncmp(bare, "srt://h:9?sekret", 16) != 0);
	else
		assert(strcmp(err.code, "invalid.url") == 0 &&
		       (!strstr(err.message, SECRET) || strstr(query, SECRET)));
	check_taken(options);
	av_dict_free(&options);
	free(bare);
	free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *query = malloc(size + 1);

	memcpy(query, data, size);
	query[size] = '\0';
	check("srt://h:9?passphrase=" SECRET "&", query);
	check("srt://h:9?streamid=", query);
	check("rtsp://h/cam?", query);
	check("udp://h:9?", query);
	check("rtp://h:9?sources=", query);
	check("", query);
	free(query);
	return 0;
}

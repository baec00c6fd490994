/* SPDX-License-Identifier: MIT */
#include "stream/params.h"

#include <stdlib.h>
#include <string.h>

struct cme_params *cme_params_new(enum cme_codec codec)
{
	struct cme_params *params = calloc(1, sizeof *params);

	if (params)
		params->codec = codec;
	return params;
}

struct cme_params *cme_params_copy(const struct cme_params *params)
{
	struct cme_params *copy = malloc(sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *params;
	copy->extradata = NULL;
	copy->extradata_len = 0;
	if (cme_params_configure(copy, params->extradata, params->extradata_len) != 0)
		cme_params_free(&copy);
	return copy;
}

void cme_params_free(struct cme_params **params)
{
	if (*params)
		free((*params)->extradata);
	free(*params);
	*params = NULL;
}

int cme_params_configure(struct cme_params *params, const uint8_t *data, size_t len)
{
	uint8_t *copy = len ? malloc(len) : NULL;

	if (len && !copy)
		return -1;
	if (len)
		memcpy(copy, data, len);
	free(params->extradata);
	params->extradata = copy;
	params->extradata_len = len;
	return 0;
}

const char *cme_params_name(const struct cme_params *params)
{
	return params->codec == CME_CODEC_OTHER && params->other ? params->other
								 : cme_codec_name(params->codec);
}

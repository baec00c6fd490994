/* SPDX-License-Identifier: MIT */
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cme_err_set(struct cme_err *err, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	snprintf(err->code, sizeof err->code, "%s", code);
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	return -1;
}

int cme_err_prefix(struct cme_err *err, const char *fmt, ...)
{
	char inner[CME_ERR_MESSAGE_MAX];
	va_list ap;
	size_t len;

	if (!err)
		return -1;
	memcpy(inner, err->message, sizeof inner);
	va_start(ap, fmt);
	vsnprintf(err->message, sizeof err->message, fmt, ap);
	va_end(ap);
	len = strlen(err->message);
	snprintf(err->message + len, sizeof err->message - len, ": %s", inner);
	return -1;
}

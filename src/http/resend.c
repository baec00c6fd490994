/* SPDX-License-Identifier: MIT */
#include "http/resend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_READ  128 /* the words looked for come early in their lines */
#define QUICK_ROUNDS   2   /* without a pause: one connection that is retired is nothing unusual */
#define FIRST_PAUSE_MS 25
#define PAUSE_MAX_MS   400

/* The number after the words, or -1 when the line does not have them. */
static long number_after(const char *line, const char *words)
{
	const char *found = strstr(line, words);

	return found ? strtol(found + strlen(words), NULL, 10) : -1;
}

static void remember(struct cme_http_goaways *goaways, int port, long last_stream)
{
	unsigned place = goaways->next++ % CME_HTTP_GOAWAYS;

	goaways->seen[place].port = port;
	goaways->seen[place].last_stream = last_stream;
}

static void forget(struct cme_http_goaways *goaways, int port)
{
	for (size_t i = 0; i < CME_HTTP_GOAWAYS; i++)
		if (goaways->seen[i].port == port)
			goaways->seen[i].port = 0;
}

/* Most lines are of no use, and a call has many. */
static bool may_matter(const char *line, size_t len)
{
	if (len == 0)
		return false;
	return *line == 'U' || *line == 'R' || *line == 'C' || *line == 's' || memmem(line, len, "GOAWAY", 6);
}

void cme_http_resend_trace(struct cme_http_resend *resend, struct cme_http_goaways *goaways, const char *line,
			   size_t len)
{
	char text[LINE_MAX_READ];
	long number;

	if (!may_matter(line, len))
		return;
	snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), line);
	if (strncmp(text, "Using Stream ID: ", 17) == 0) {
		resend->stream = number_after(text, "Stream ID: ");
	} else if (strncmp(text, "REFUSED_STREAM, retrying", 24) == 0) {
		resend->refused = true;
	} else if (strncmp(text, "Connection died, retrying", 25) == 0) {
		/* By the time it has another connection the table may have forgotten this one. */
		resend->refused = cme_http_resend_is_unread(resend, goaways);
	} else if (strncmp(text, "stream ", 7) == 0 && strstr(text, " closed")) { /* on writing to it */
		resend->unfinished = true;
	} else if (strstr(text, "GOAWAY, error=")) {
		number = number_after(text, "last_stream=");
		if (number >= 0)
			remember(goaways, resend->port, number);
	}
}

/* Did the server say that it takes no care of the request? */
static bool is_refused(const struct cme_http_resend *resend, const struct cme_http_goaways *goaways)
{
	if (resend->refused)
		return true;
	for (size_t i = 0; i < CME_HTTP_GOAWAYS && resend->port > 0; i++)
		if (goaways->seen[i].port == resend->port && resend->stream > goaways->seen[i].last_stream)
			return true;
	return false;
}

bool cme_http_resend_is_unread(const struct cme_http_resend *resend, const struct cme_http_goaways *goaways)
{
	return resend->attempts == 0 || resend->unfinished || is_refused(resend, goaways);
}

bool cme_http_resend_allow(struct cme_http_resend *resend, struct cme_http_goaways *goaways, int port)
{
	if (!cme_http_resend_is_unread(resend, goaways))
		return false;
	forget(goaways, port);
	*resend = (struct cme_http_resend){ .rounds = resend->rounds,
					    .attempts = resend->attempts + 1,
					    .port = port };
	return true;
}

bool cme_http_resend_again(struct cme_http_resend *resend, const struct cme_http_goaways *goaways)
{
	if (resend->attempts == 0 || resend->rounds >= CME_HTTP_ROUNDS || !is_refused(resend, goaways))
		return false;
	*resend = (struct cme_http_resend){ .rounds = resend->rounds + 1 };
	return true;
}

int64_t cme_http_resend_pause_ms(const struct cme_http_resend *resend)
{
	int64_t pause_ms = FIRST_PAUSE_MS;

	if (resend->rounds <= QUICK_ROUNDS)
		return 0;
	for (unsigned i = QUICK_ROUNDS + 1; i < resend->rounds && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	return pause_ms;
}

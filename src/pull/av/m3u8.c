/* SPDX-License-Identifier: MIT */
#include "pull/av/m3u8.h"

#include <stdbool.h>
#include <string.h>

#define ENTRY_COST   256   /* a segment's record, and what the allocator adds */
#define VARIANT_COST 32768 /* a playlist's record, and the buffers to read it */

void cme_m3u8_init(struct cme_m3u8 *m3u8, size_t base_len)
{
	*m3u8 = (struct cme_m3u8){ .base_len = base_len };
}

static size_t line_cost(const struct cme_m3u8 *m3u8)
{
	static const struct {
		const char *head;
		size_t cost;
	} costly[] = { { "#EXT-X-STREAM-INF:", VARIANT_COST },
		       { "#EXT-X-MEDIA:", VARIANT_COST },
		       { "#EXT-X-MAP:", ENTRY_COST } };

	if (m3u8->head[0] != '#')
		return m3u8->head[0] ? ENTRY_COST + m3u8->base_len + m3u8->line_len + m3u8->key_len : 0;
	for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++)
		if (strncmp(m3u8->head, costly[i].head, strlen(costly[i].head)) == 0)
			return costly[i].cost + m3u8->base_len + m3u8->line_len;
	return 0;
}

static void end_line(struct cme_m3u8 *m3u8)
{
	if (strncmp(m3u8->head, "#EXT-X-KEY:", 11) == 0)
		m3u8->key_len = m3u8->base_len + m3u8->line_len;
	m3u8->cost += line_cost(m3u8);
	m3u8->line_len = 0;
	memset(m3u8->head, 0, sizeof m3u8->head);
}

/* As libavformat reads lines: a NUL ends one too. */
static bool ends_line(uint8_t byte)
{
	return byte == '\n' || byte == '\r' || byte == '\0';
}

size_t cme_m3u8_feed(struct cme_m3u8 *m3u8, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (ends_line(data[i])) {
			end_line(m3u8);
			continue;
		}
		if (m3u8->line_len < sizeof m3u8->head - 1)
			m3u8->head[m3u8->line_len] = (char)data[i];
		m3u8->line_len++;
	}
	return m3u8->cost;
}

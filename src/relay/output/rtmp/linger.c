/* SPDX-License-Identifier: MIT */
#include "relay/output/rtmp/linger.h"

#define MEMORY 16 /* batches */

int64_t cme_linger_us(size_t count)
{
	size_t most = CME_LINGER_MAX_US / CME_LINGER_EACH_US;

	if (count > most)
		return CME_LINGER_MAX_US;
	return (int64_t)(count + !count) * CME_LINGER_EACH_US;
}

bool cme_linger_pays(struct cme_linger *linger, size_t count, int64_t now_us)
{
	bool met = now_us - linger->last_us < cme_linger_us(count);

	linger->met -= linger->met / MEMORY;
	linger->met += met ? CME_LINGER_ALL / MEMORY : 0;
	linger->last_us = now_us;
	return linger->met * count > (size_t)CME_LINGER_WAKE * CME_LINGER_ALL;
}

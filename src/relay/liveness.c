/* SPDX-License-Identifier: MIT */
#include "relay/liveness.h"

void cme_liveness_open(struct cme_liveness *life, int64_t now_us)
{
	for (int i = 0; i < CME_STREAMS; i++)
		life->due_us[i] = now_us;
}

void cme_liveness_promise(struct cme_liveness *life, int stream, int64_t now_us)
{
	if (!life->promised[stream])
		life->due_us[stream] = now_us;
	life->promised[stream] = true;
}

void cme_liveness_packet(struct cme_liveness *life, int stream, int64_t now_us)
{
	life->promised[stream] = true;
	life->last_us[stream] = life->due_us[stream] = now_us;
}

bool cme_liveness_kept(const struct cme_liveness *life, int stream)
{
	return !life->promised[stream] ||
	       (life->last_us[stream] && life->last_us[stream] >= life->due_us[stream]);
}

bool cme_liveness_outlived(const struct cme_liveness *life, int stream, int64_t last_packet_us,
			   int64_t limit_us)
{
	return last_packet_us - life->due_us[stream] >= limit_us / 2;
}

struct cme_liveness_verdict cme_liveness_judge(const struct cme_liveness *life, int64_t now_us,
					       int64_t limit_us)
{
	struct cme_liveness_verdict verdict = { .check_at_us = INT64_MAX };

	for (int i = 0; i < CME_STREAMS; i++) {
		int64_t at_us = life->due_us[i] + limit_us;

		if (!life->promised[i])
			continue;
		verdict.lost[i] = now_us >= at_us;
		if (!verdict.lost[i] && at_us < verdict.check_at_us)
			verdict.check_at_us = at_us;
	}
	return verdict;
}

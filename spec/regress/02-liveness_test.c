/* SPDX-License-Identifier: MIT
 *
 * An input is alive when everything it promised is alive: scripts of what came when, and what is lost then.
 */
#include "relay/liveness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define S     1000000LL
#define LIMIT (2 * S)

enum act { END, OPEN, PROMISE, PACKET };

struct step {
	enum act act;
	int stream;
	int64_t at_s;
};

static const struct {
	const char *what;
	struct step steps[8];
	int64_t now_us;
	bool picture_lost, sound_lost, picture_kept;
	int64_t check_at_us;
} rows[] = {
	{ "nothing promised", { { OPEN, 0, 1 } }, 100 * S, false, false, true, INT64_MAX },
	{ "both come",
	  { { OPEN, 0, 1 }, { PACKET, CME_VIDEO, 10 }, { PACKET, CME_AUDIO, 11 } },
	  11 * S,
	  false,
	  false,
	  true,
	  12 * S },
	{ "sound alone, never a picture",
	  { { OPEN, 0, 1 }, { PACKET, CME_AUDIO, 11 } },
	  12 * S,
	  false,
	  false,
	  true,
	  13 * S },
	{ "the picture stops",
	  { { OPEN, 0, 1 }, { PACKET, CME_VIDEO, 10 }, { PACKET, CME_AUDIO, 12 } },
	  12 * S,
	  true,
	  false,
	  true,
	  14 * S },
	{ "the sound stops",
	  { { OPEN, 0, 1 }, { PACKET, CME_AUDIO, 10 }, { PACKET, CME_VIDEO, 12 } },
	  12 * S,
	  false,
	  true,
	  true,
	  14 * S },
	{ "a header and no picture: the time runs",
	  { { OPEN, 0, 1 }, { PROMISE, CME_VIDEO, 5 }, { PACKET, CME_AUDIO, 6 } },
	  6 * S,
	  false,
	  false,
	  false,
	  7 * S },
	{ "a header and no picture: it is over",
	  { { OPEN, 0, 1 }, { PROMISE, CME_VIDEO, 5 }, { PROMISE, CME_VIDEO, 7 }, { PACKET, CME_AUDIO, 7 } },
	  7 * S,
	  true,
	  false,
	  false,
	  9 * S },
	{ "back, its picture not yet",
	  { { PACKET, CME_VIDEO, 10 },
	    { PACKET, CME_AUDIO, 10 },
	    { OPEN, 0, 50 },
	    { PACKET, CME_AUDIO, 51 } },
	  51 * S,
	  false,
	  false,
	  false,
	  52 * S },
	{ "back without its picture",
	  { { PACKET, CME_VIDEO, 10 },
	    { PACKET, CME_AUDIO, 10 },
	    { OPEN, 0, 50 },
	    { PACKET, CME_AUDIO, 52 } },
	  52 * S,
	  true,
	  false,
	  false,
	  54 * S },
	{ "back with all of it",
	  { { PACKET, CME_VIDEO, 10 }, { OPEN, 0, 50 }, { PACKET, CME_VIDEO, 51 } },
	  51 * S,
	  false,
	  false,
	  true,
	  53 * S },
};

static void play(struct cme_liveness *life, const struct step *step)
{
	for (; step->act != END; step++) {
		if (step->act == OPEN)
			cme_liveness_open(life, step->at_s * S);
		else if (step->act == PROMISE)
			cme_liveness_promise(life, step->stream, step->at_s * S);
		else
			cme_liveness_packet(life, step->stream, step->at_s * S);
	}
}

static void what_was_promised_has_to_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_liveness life = { 0 };
		struct cme_liveness_verdict verdict;

		play(&life, rows[i].steps);
		verdict = cme_liveness_judge(&life, rows[i].now_us, LIMIT);
		if (verdict.lost[CME_VIDEO] != rows[i].picture_lost ||
		    verdict.lost[CME_AUDIO] != rows[i].sound_lost ||
		    verdict.check_at_us != rows[i].check_at_us ||
		    cme_liveness_kept(&life, CME_VIDEO) != rows[i].picture_kept)
			fail_msg("%s: picture %d, sound %d, kept %d, again at %lld", rows[i].what,
				 verdict.lost[CME_VIDEO], verdict.lost[CME_AUDIO],
				 cme_liveness_kept(&life, CME_VIDEO), (long long)verdict.check_at_us);
	}
}

/* A source that was killed: its last picture came a moment before its last sound. */
static void an_end_of_all_is_silence(void **state)
{
	struct cme_liveness life = { 0 };

	(void)state;
	cme_liveness_open(&life, 1 * S);
	cme_liveness_packet(&life, CME_VIDEO, 10 * S);
	cme_liveness_packet(&life, CME_AUDIO, 10 * S + S / 20);
	assert_true(cme_liveness_judge(&life, 12 * S, LIMIT).lost[CME_VIDEO]);
	assert_false(cme_liveness_outlived(&life, CME_VIDEO, 10 * S + S / 20, LIMIT));
	assert_false(cme_liveness_outlived(&life, CME_AUDIO, 10 * S + S / 20, LIMIT));
	cme_liveness_packet(&life, CME_AUDIO, 11 * S);
	assert_true(cme_liveness_outlived(&life, CME_VIDEO, 11 * S, LIMIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_promised_has_to_come),
					    cmocka_unit_test(an_end_of_all_is_silence) };

	return cmocka_run_group_tests_name("02-liveness", tests, NULL, NULL);
}

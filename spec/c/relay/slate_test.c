/* SPDX-License-Identifier: MIT
 *
 * Every situation of the slate as one row of a table.
 */
#include "relay/slate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S 1000000LL

/* now 100 s, 3 s to the slate; then: on, playable, fits, an input is live, last picture */
#define VIEW(on, playable, fits, live, picture)                            \
	{                                                                  \
		on, playable, fits, live, 100 * S, 3 * S, (picture)*S / 10 \
	}

static const struct {
	const char *what;
	struct cme_slate_view view;
	enum cme_slate_act act;
	int64_t check_at_us;
} rows[] = {
	{ "pictures came until now", VIEW(false, true, true, false, 990), CME_SLATE_STAY, 102 * S },
	{ "none for long enough", VIEW(false, true, true, false, 970), CME_SLATE_BEGIN, INT64_MAX },
	{ "none for long, but an input lives", VIEW(false, true, true, true, 900), CME_SLATE_STAY,
	  INT64_MAX },
	{ "none for long, there is no slate", VIEW(false, false, true, false, 900), CME_SLATE_STAY,
	  INT64_MAX },
	{ "none for long, its codecs differ", VIEW(false, true, false, false, 900), CME_SLATE_STAY,
	  INT64_MAX },
	{ "on the air", VIEW(true, true, true, false, 999), CME_SLATE_STAY, INT64_MAX },
	{ "on the air, its own pictures are old", VIEW(true, true, true, false, 900), CME_SLATE_STAY,
	  INT64_MAX },
	{ "on the air, an input lives: a keyframe ends it", VIEW(true, true, true, true, 999), CME_SLATE_STAY,
	  INT64_MAX },
	{ "on the air, it broke", VIEW(true, false, true, false, 999), CME_SLATE_END, INT64_MAX },
	{ "on the air, it is of another codec by now", VIEW(true, true, false, false, 999), CME_SLATE_END,
	  INT64_MAX },
};

static void decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cme_slate_verdict verdict = cme_slate_decide(&rows[i].view);

		if (verdict.act != rows[i].act || verdict.check_at_us != rows[i].check_at_us)
			fail_msg("%s: %d, look again at %lld", rows[i].what, verdict.act,
				 (long long)verdict.check_at_us);
	}
}

/* start, picture, active, failover, wanted */
static const struct {
	const char *what;
	struct cme_slate_packet packet;
	bool yields;
} packets[] = {
	{ "a keyframe of the active input", { true, true, true, false, true }, true },
	{ "a keyframe of the other one", { true, true, false, true, true }, true },
	{ "of the other one, which may not take over", { true, true, false, false, true }, false },
	{ "a picture that is no keyframe", { false, true, true, true, true }, false },
	{ "sound alone, in place of a picture", { true, false, true, true, true }, false },
	{ "sound alone, where there was no picture", { true, false, true, true, false }, true },
};

static void yields_to_what_viewers_wait_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++)
		if (cme_slate_yields(&packets[i].packet) != packets[i].yields)
			fail_msg("%s", packets[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decides),
					    cmocka_unit_test(yields_to_what_viewers_wait_for) };

	return cmocka_run_group_tests_name("slate", tests, NULL, NULL);
}

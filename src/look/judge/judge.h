/* SPDX-License-Identifier: MIT
 *
 * What is wrong with what a viewer sees and hears, decided from numbers alone. Each fault is a row of one
 * table: the number it reads, from which value on it counts as bad, from which as good again, and for how
 * long either has to last. Between the two values nothing changes, and a number that nobody can tell (NAN:
 * the level of a sound that does not come) changes nothing either. Pure: the clock is an argument.
 */
#ifndef CME_LOOK_JUDGE_JUDGE_H
#define CME_LOOK_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which one is named when several are true. */
enum cme_verdict {
	CME_GONE,       /* nothing can be read from the address */
	CME_NO_PICTURE, /* none comes, or none can be decoded */
	CME_BLACK,
	CME_FLAT,   /* one colour: the green of a broken decoder */
	CME_FROZEN, /* the picture stands still, that of the source moves */
	CME_WRONG,  /* the picture is none of the source's */
	CME_NO_SOUND,
	CME_SILENT,
	CME_ONE_SIDED, /* one ear hears nothing */
	CME_CLIPPED,
	CME_STUTTERING, /* media come slower than they play */
	CME_SLOW,       /* fewer pictures a second than the source has */
	CME_LATE,
	CME_STILL, /* the picture stands still; no fault by itself */
	CME_VERDICTS,
	CME_FINE = CME_VERDICTS,
};

/* "gone", ...; "ok" of CME_FINE. */
const char *cme_verdict_name(enum cme_verdict verdict);

/* A viewer's numbers at one time. NAN: cannot be told. */
struct cme_sight {
	double absent_s;      /* nothing came for so long */
	double pictureless_s; /* no picture could be seen, while something came */
	double soundless_s;
	double top_luma;    /* 0 to 255: all but the brightest specks of the picture are darker */
	double colour;      /* how far its pixels lie from their mean, 0 to 128: the largest of the planes */
	double unmoved_s;   /* the picture has not moved for so long */
	double frozen_s;    /* and the source's has, all the while */
	double strange_s;   /* no picture was one of the source's for so long */
	double loudest_db;  /* dBFS, level of the louder channel */
	double apart_db;    /* how far apart the levels of two channels are, the louder being heard */
	double clipped;     /* share of the samples that are at full scale, 0 to 1 */
	double missing;     /* share of the last seconds for which no media came */
	double frame_ratio; /* pictures a second, of those of the source */
	double delay_s;     /* behind the source */
};

/* From the options. */
struct cme_bounds {
	double late_s;
	bool peer; /* the source is no origin but another input: only whether it moves meanwhile is told of it
		    */
};

struct cme_judge {
	struct cme_bounds bounds;
	int64_t at_us; /* of the last sight; 0: none yet */
	struct {
		bool on;
		int64_t held_us; /* how long the numbers have said the opposite */
	} fault[CME_VERDICTS];
};

void cme_judge_init(struct cme_judge *judge, struct cme_bounds bounds);

/* Takes the numbers of a time, later than the last. Returns what is named. */
enum cme_verdict cme_judge_look(struct cme_judge *judge, const struct cme_sight *sight, int64_t now_us);

/* What is named by now. */
enum cme_verdict cme_judge_verdict(const struct cme_judge *judge);

/* A sight of which nothing can be told. */
struct cme_sight cme_sight_blank(void);

#endif

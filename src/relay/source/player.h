/* SPDX-License-Identifier: MIT
 *
 * Plays a list of files (playlist.h) to an input's sink at its own pace, as one source that never jumps.
 *
 *   filler thread: open -> read -> list time -> [ shelf: 8 s, 32 MB ] -> pace -> sink: the input's thread
 *
 * Packets leave the shelf in the order of presentation, however far apart sound and picture lie in the file
 * (shelf.h), so the pace is that of the list's time. The filler reads ahead by what the shelf holds, so the
 * next entry is open before the one on the air has ended. While the list is not `playing` the shelf stays
 * full and nothing goes out; when it plays again it goes on from the next keyframe. An entry that cannot be
 * opened, breaks off or has other codecs than the first one played is reported to the sink and left; when
 * nothing of a whole round could be played the round is tried again with backoff.
 *
 * The lock inside is a leaf, never held across the sink or a source.
 */
#ifndef CME_RELAY_SOURCE_PLAYER_H
#define CME_RELAY_SOURCE_PLAYER_H

#include "relay/base/spec.h"
#include "relay/source/input.h"

struct cme_player;

/* spec and ca_file outlive the player. NULL: no memory. */
struct cme_player *cme_player_new(const struct cme_input_spec *spec, const char *ca_file);

/* On the input's thread: plays until all is played or cancelled. */
void cme_player_run(struct cme_player *player, const struct cme_input_sink *sink, struct cme_input *input);

/* Any thread. */
void cme_player_play(struct cme_player *player, bool playing);
void cme_player_position(struct cme_player *player, struct cme_position *position);
/* Of the filler, as cme_input_ask and cme_input_resolving; wakes both threads. */
int64_t cme_player_ask(struct cme_player *player, int64_t now_us);
bool cme_player_resolving(const struct cme_player *player);
void cme_player_cancel(struct cme_player *player);

/* After run. */
void cme_player_free(struct cme_player *player);

#endif

/* SPDX-License-Identifier: MIT
 *
 * A JPEG of a decoded picture, for people: made smaller, in its own shape, as full-range BT.601 (JFIF). Its
 * size is bounded in pixels and bytes, whatever the picture is. No state; any thread.
 */
#ifndef CME_LOOK_EYE_JPEG_H
#define CME_LOOK_EYE_JPEG_H

#include <stddef.h>
#include <stdint.h>

enum { CME_JPEG_SIDE = 640, CME_JPEG_BYTES = 100 * 1024 };

struct AVFrame;
struct AVPacket;

/* The file's bytes, which the caller frees (av_packet_free). NULL: no memory, or no picture of that kind can
 * be scaled. */
struct AVPacket *cme_jpeg_make(const struct AVFrame *frame);

#endif

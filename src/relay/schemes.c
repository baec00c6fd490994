/* SPDX-License-Identifier: MIT
 *
 * The table of schemes: one row says what reads a source and what writes to a destination. A new protocol is
 * a folder of source/ or output/ and a row here.
 */
#include "relay/base/scheme.h"

#include <stddef.h>

#include "relay/output/push/output_push.h"
#include "relay/output/rtmp/output_rtmp.h"
#include "relay/source/flv/flv_file.h"
#include "relay/source/flv/flv_socket.h"
#include "relay/source/pull/source_pull.h"
#include "relay/source/rtmp/source_rtmp.h"

#define PULL &cme_source_pull
#define LIVE CME_SCHEME_LIVE
#define HOST CME_SCHEME_HOST
#define PORT CME_SCHEME_PORT

const struct cme_scheme cme_schemes[] = {
	{ "rtmp://", &cme_source_rtmp, &cme_output_rtmp, LIVE | HOST | CME_SCHEME_TRACKS, "flv" },
	{ "rtmps://", &cme_source_rtmp, &cme_output_rtmp, LIVE | HOST | CME_SCHEME_TRACKS, "flv" },
	{ "srt://", PULL, &cme_output_push_ops, LIVE | HOST | PORT | CME_SCHEME_MODE, "mpegts" },
	{ "udp://", PULL, &cme_output_push_ops, LIVE | HOST | PORT, "mpegts" },
	{ "rtp://", PULL, NULL, LIVE | HOST | PORT, NULL },
	{ "rtsp://", PULL, NULL, LIVE | HOST, NULL },
	{ "http://", PULL, NULL, HOST, NULL },
	{ "https://", PULL, NULL, HOST, NULL },
	{ "file:///", PULL, NULL, 0, NULL },
	{ "flv:/", &cme_source_flv_file, NULL, 0, NULL },
	{ "unix:/", &cme_source_flv_socket, NULL, LIVE, NULL },
	{ "hls:/", NULL, &cme_output_push_ops, 0, "mp4" },
	{ "", PULL, NULL, 0, NULL },
};

const struct cme_output_ops *const cme_scheme_recorder = &cme_output_push_ops;

const char cme_schemes_of_sources[] =
	"rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected";
const char cme_schemes_of_destinations[] = "rtmp://, rtmps://, srt:// or udp:// expected";

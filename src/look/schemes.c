/* SPDX-License-Identifier: MIT
 *
 * The table of schemes of this program: what viewers read, by the engine's own kinds of source. Nothing is
 * written.
 */
#include <stddef.h>

#include "relay/base/scheme.h"
#include "relay/source/flv/flv_file.h"
#include "relay/source/flv/flv_socket.h"
#include "relay/source/pull/source_pull.h"
#include "relay/source/rtmp/source_rtmp.h"

#define PULL &cme_source_pull
#define LIVE CME_SCHEME_LIVE
#define HOST CME_SCHEME_HOST

const struct cme_scheme cme_schemes[] = {
	{ "rtmp://", &cme_source_rtmp, NULL, LIVE | HOST, NULL },
	{ "rtmps://", &cme_source_rtmp, NULL, LIVE | HOST, NULL },
	{ "srt://", PULL, NULL, LIVE | HOST | CME_SCHEME_MODE, NULL },
	{ "udp://", PULL, NULL, LIVE | HOST, NULL },
	{ "rtp://", PULL, NULL, LIVE | HOST, NULL },
	{ "rtsp://", PULL, NULL, LIVE | HOST, NULL },
	{ "http://", PULL, NULL, HOST, NULL },
	{ "https://", PULL, NULL, HOST, NULL },
	{ "file:///", PULL, NULL, 0, NULL },
	{ "flv:/", &cme_source_flv_file, NULL, 0, NULL },
	{ "unix:/", &cme_source_flv_socket, NULL, LIVE, NULL },
	{ "", PULL, NULL, 0, NULL },
};

const char cme_schemes_of_sources[] =
	"rtmp://, rtmps://, http://, https://, srt://, rtsp://, udp://, rtp:// or a file expected";
const char cme_schemes_of_destinations[] = "rtmp://, rtmps://, srt:// or udp:// expected";

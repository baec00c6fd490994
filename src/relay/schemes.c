/* SPDX-License-Identifier: MIT
 *
 * The table of schemes: one row says what reads a source and what writes to a destination. A new protocol is
 * a folder of source/ or output/ and a row here.
 */
#include "relay/base/scheme.h"

#include <stddef.h>

#include "relay/output/push/output_push.h"
#include "relay/output/rtmp/output_rtmp.h"
#include "relay/source/av/demux.h"
#include "relay/source/flv/flv_file.h"
#include "relay/source/rtmp/source_rtmp.h"

/* Twins of the lists in lua/cme/playout/arguments.lua. */
#define CONTAINERS \
	"mov,mp4,m4a,3gp,matroska,webm,flv,live_flv,mpegts,mpeg,avi,asf,ogg,mp3,aac,wav,flac,h264,hevc"
#define PLAYLISTS CONTAINERS ",hls,applehttp"
#define HTTP      "http,https,httpproxy,tcp,tls,crypto,data"
#define HTTPS     "https,httpproxy,tcp,tls,crypto,data"
#define FLV       "flv,live_flv"

#define AV   &cme_source_av
#define LIVE CME_SCHEME_LIVE
#define HOST CME_SCHEME_HOST

const struct cme_scheme cme_schemes[] = {
	{ "rtmp://", &cme_source_rtmp, &cme_output_rtmp, LIVE | HOST, "flv", NULL, NULL },
	{ "rtmps://", &cme_source_rtmp, &cme_output_rtmp, LIVE | HOST, "flv", NULL, NULL },
	{ "srt://", AV, &cme_output_push_ops, LIVE | HOST | CME_SCHEME_MODE, "mpegts", "srt", "mpegts" },
	{ "udp://", NULL, &cme_output_push_ops, LIVE | HOST, "mpegts", "udp", "mpegts" },
	{ "http://", AV, NULL, HOST, NULL, HTTP, PLAYLISTS },
	{ "https://", AV, NULL, HOST | CME_SCHEME_TLS, NULL, HTTPS, PLAYLISTS },
	{ "file:///", AV, NULL, 0, NULL, "file", CONTAINERS },
	{ "flv:/", &cme_source_flv_file, NULL, 0, NULL, NULL, NULL },
	{ "unix:/", AV, NULL, LIVE, NULL, "unix", FLV },
	{ "", AV, NULL, 0, NULL, "file", CONTAINERS },
};

const struct cme_output_ops *const cme_scheme_recorder = &cme_output_push_ops;

const char cme_schemes_of_sources[] = "rtmp://, rtmps://, http://, https://, srt:// or a file expected";
const char cme_schemes_of_destinations[] = "rtmp://, rtmps://, srt:// or udp:// expected";

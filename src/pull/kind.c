/* SPDX-License-Identifier: MIT */
#include "pull/kind.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Twins of the lists in lua/cme/playout/arguments.lua. */
#define CONTAINERS "mov,mp4,m4a,3gp,matroska,webm,mpegts,mpeg,avi,asf,ogg,mp3,aac,wav,flac,h264,hevc"
#define PLAYLISTS  CONTAINERS ",hls,applehttp"
#define HTTP       "http,https,httpproxy,tcp,tls,crypto,data"
#define HTTPS      "https,httpproxy,tcp,tls,crypto,data"

const char cme_kind_decoders[] =
	"h264,hevc,mpeg1video,mpeg2video,mpeg4,aac,aac_latm,mp3,mp3float,mp2,mp2float,"
	"ac3,eac3,opus";

/* RTP may lose its packets in a network: TCP unless the URL asks for another way, and from the negotiated
 * address alone. A reader that is late loses packets, not the source. */
#define RTSP_SETTINGS "rtsp_transport=tcp:rtsp_flags=filter_src"
#define UDP_SETTINGS  "overrun_nonfatal=1"

const struct cme_kind cme_kinds[] = {
	{ .prefix = "pipe:0",
	  .protocols = "pipe",
	  .formats = "mpegts",
	  .live = true,
	  .nameless = true }, /* of the edge, which has them by SRT */
	{ .prefix = "srt://", .protocols = "srt", .formats = "mpegts", .live = true },
	{ .prefix = "rtsp://",
	  .demuxer = "rtsp",
	  .settings = RTSP_SETTINGS,
	  .protocols = "tcp,rtp,udp",
	  .formats = "rtsp,rtp,mpegts",
	  .live = true },
	{ .prefix = "udp://",
	  .settings = UDP_SETTINGS,
	  .protocols = "udp",
	  .formats = "mpegts",
	  .live = true,
	  .local = true },
	{ .prefix = "rtp://",
	  .demuxer = "rtp",
	  .protocols = "rtp,udp",
	  .formats = "rtp,sdp,mpegts",
	  .live = true,
	  .local = true },
	{ .prefix = "http://", .protocols = HTTP, .formats = PLAYLISTS },
	{ .prefix = "https://", .protocols = HTTPS, .formats = PLAYLISTS, .tls = true },
	{ .prefix = "file:///", .protocols = "file", .formats = CONTAINERS },
	{ .prefix = "", .protocols = "file", .formats = CONTAINERS },
};

const struct cme_kind *cme_kind_find(const char *url)
{
	const struct cme_kind *kind = cme_kinds;

	while (strncasecmp(url, kind->prefix, strlen(kind->prefix)) != 0)
		kind++;
	if (kind->prefix[0])
		return kind;
	/* libavformat reads "word:" as a protocol */
	return url[0] && (url[0] == '/' || !strchr(url, ':')) ? kind : NULL;
}

bool cme_kind_allows(const struct cme_kind *kind, const char *location)
{
	return !kind->tls || strncasecmp(location, "http:", 5) != 0;
}

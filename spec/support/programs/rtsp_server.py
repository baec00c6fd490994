# SPDX-License-Identifier: MIT
# A camera: GStreamer's RTSP server, with a live test picture and sound at /cam, or what a pipeline says.
#   rtsp_server.py PORT h264|hevc|PIPELINE [USER PASSWORD]
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PICTURE = "videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1"
SOUND = "audiotestsrc is-live=true ! audioconvert ! audioresample"
MEDIA = {
    "h264": f"( {PICTURE} ! x264enc tune=zerolatency key-int-max=25 ! rtph264pay name=pay0 pt=96 "
            f"{SOUND} ! audio/x-raw,rate=44100 ! avenc_aac ! rtpmp4gpay name=pay1 pt=97 )",
    "hevc": f"( {PICTURE} ! x265enc tune=zerolatency key-int-max=25 ! rtph265pay name=pay0 pt=96 "
            f"{SOUND} ! audio/x-raw,rate=48000 ! opusenc ! rtpopuspay name=pay1 pt=97 )",
}


def protect(server, factory, user, password):
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main(port, media, *login):
    Gst.init(None)
    server, factory = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory.set_launch(MEDIA.get(media, media))
    factory.set_shared(True)
    if login:
        protect(server, factory, *login)
    server.get_mount_points().add_factory("/cam", factory)
    if not server.attach(None):
        sys.exit("port " + port + " is taken")
    print("listening", flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:])

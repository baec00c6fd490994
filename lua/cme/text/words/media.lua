-- SPDX-License-Identifier: MIT
-- What the media of a source is like, as a playout says it: sentences of the codes media.*. The engine's are in C. See
-- cme.codes.
return {
  ["media.unsupported:not_flv"] = { "the stream is not FLV", "流不是 FLV 格式" },
  ["media.unsupported:long_flv_header"] = { "the stream's FLV header is too long", "流的 FLV 头过长" },
  ["media.unsupported:no_probe"] = { "ffprobe's answer cannot be read", "无法读取 ffprobe 的结果" },
  ["media.unsupported:nothing"] = { "there is neither picture nor sound in it", "其中既没有画面也没有声音" },
  ["media.no_picture:none"] = { "it has no picture", "其中没有画面" },
}

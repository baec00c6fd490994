-- SPDX-License-Identifier: MIT
-- Chinese for the parts of the API's error messages that are not in the catalogue yet, by the English text as it stands
-- in the sources; %s and %d stand for the same things in the same order. See messages.lua.
return {
  -- states
  ["it was adopted while it ran, so what it sends is known to its engine only"]
    = "它是在播出时被接管的，推送的内容只有它的引擎知道",
  ["its row in the database is damaged (%s)"] = "数据库中它的记录已损坏（%s）",

  -- inputs and outputs
  ["main"] = "主",
  ["backup"] = "备",

  -- media casts
  ["not confirmed within %d s"] = "未在 %d 秒内确认",

  -- runs

  -- what a database, a key or a clock says
  ["master key '%s': %s: put the right file back"] = "主密钥“%s”：%s：请放回正确的文件",
  ["master key '%s': it is missing, though keys were sealed with it: put it back, or revoke them all"]
    = "主密钥“%s”：文件不存在，但已有密钥用它加密：请放回该文件，或撤销全部密钥",
  ["key '%s': %s: put the right master.key back, or revoke the key and add another"]
    = "密钥“%s”：%s：请放回正确的 master.key，或撤销此密钥并另加一个",

  -- fields and parameters
  ["an empty array"] = "空数组",
  ["an empty object"] = "空对象",
  ["unknown"] = "没有这个字段",
  ["parameter '%s': it does not fit the parameters beside it"] = "参数“%s”：与其他参数不相容",
  ["parameter '%s': a percent sign must be followed by two hex digits"] = "参数“%s”：百分号后必须是两位十六进制数字",
  ["parameter '%s': given twice"] = "参数“%s”：重复给出",
  ["out of range (years 1 to 9999)"] = "超出范围（公元 1 至 9999 年）",

  -- engines and playouts
  ["engine 'cme-relay'"] = "引擎“cme-relay”",
  ["run make build, or name it with cme serve --relay"] = "请运行 make build，或用 cme serve --relay 指定",
  ["run make build"] = "请运行 make build",
  ["install ffmpeg"] = "请安装 ffmpeg",
  ["start %s: it ended (%s)"] = "启动 %s：它已结束（%s）",
  ["start %s: it ended (%s): %s"] = "启动 %s：它已结束（%s）：%s",
  ["it ended"] = "它已结束",
  ["it was ended"] = "它被终止",
  ["the stream is not FLV"] = "流不是 FLV 格式",
  ["the stream's FLV header is too long"] = "流的 FLV 头过长",
  ["ffprobe's answer cannot be read"] = "无法读取 ffprobe 的结果",
  ["there is neither picture nor sound in it"] = "其中既没有画面也没有声音",
  ["it has no picture"] = "其中没有画面",
  ["nothing came within %d s"] = "%d 秒内没有收到内容",
  ["silent for %d s"] = "已有 %d 秒没有内容",
  ["the playing is over"] = "播放已结束",
  ["there is no such source"] = "没有这个源",
  ["another switch was asked for meanwhile"] = "期间又有人请求了另一次切换",
}

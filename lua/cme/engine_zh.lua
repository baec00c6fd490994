-- SPDX-License-Identifier: MIT
-- What the engine says of its inputs and outputs, in Chinese: `texts` by the English text of src/relay, with %s and %d
-- for the same things in the same order, and `codes` for words that no table can hold, such as a library's or a
-- peer's: what a failure with this code means. See cme.translation; docs/control-protocol.md lists the codes.
return {
  texts = {
    -- what was being done
    ["open '%s': %s"] = "打开“%s”：%s",
    ["read '%s': %s"] = "读取“%s”：%s",
    ["send '%s': %s"] = "发送到“%s”：%s",
    ["play '%s': %s"] = "播放“%s”：%s",
    ["publish to '%s': %s"] = "推流到“%s”：%s",
    ["input '%s': %s"] = "输入“%s”：%s",
    ["output '%s': %s"] = "推流目标“%s”：%s",
    ["main input: %s"] = "主输入：%s",
    ["backup input: %s"] = "备输入：%s",

    -- the network
    ["connection refused"] = "连接被拒绝",
    ["network unreachable"] = "网络不可达",
    ["the network is unreachable"] = "网络不可达",
    ["no route to host"] = "没有到主机的路由",
    ["no route to the host"] = "没有到主机的路由",
    ["connection timed out"] = "连接超时",
    ["the peer does not answer"] = "对端没有响应",
    ["the host does not answer"] = "主机没有响应",
    ["connection reset by the peer"] = "连接被对端重置",
    ["connection closed by the peer"] = "连接被对端关闭",
    ["the peer closed the connection"] = "对端关闭了连接",
    ["connection failed"] = "连接失败",
    ["host name not resolved"] = "无法解析主机名",
    ["could not resolve '%s'"] = "无法解析“%s”",
    ["no answer within %d s"] = "%d 秒内没有应答",
    ["no data within %d s"] = "%d 秒内没有数据",
    ["no progress within %d s"] = "%d 秒内没有进展",
    ["TLS failed"] = "TLS 失败",
    ["TLS could not be set up"] = "无法初始化 TLS",

    -- sources
    ["no such file (what is not a file begins with rtmp://, rtmps://, srt://, http:// or https://)"]
      = "没有这个文件（不是文件的地址以 rtmp://、rtmps://、srt://、http:// 或 https:// 开头）",
    ["permission denied"] = "没有权限",
    ["is a directory"] = "是一个目录",
    ["not found (http 404)"] = "不存在（HTTP 404）",
    ["not authorized (http 401)"] = "未授权（HTTP 401）",
    ["forbidden (http 403)"] = "禁止访问（HTTP 403）",
    ["bad request (http 400)"] = "请求有误（HTTP 400）",
    ["refused (http 4xx)"] = "被拒绝（HTTP 4xx）",
    ["server error (http 5xx)"] = "服务器出错（HTTP 5xx）",
    ["not a stream that can be read"] = "不是可以读取的流",
    ["protocol not supported"] = "不支持该协议",
    ["the server refused"] = "服务器拒绝",
    ["the server closed the connection at the play"] = "服务器在播放时关闭了连接",
    ["the source ended"] = "源已结束",
    ["no packets for %g s"] = "%g 秒没有数据",
    ["no picture for %g s"] = "%g 秒没有画面",

    -- destinations
    ["publish refused"] = "推流被拒绝",
    ["the server closed the connection at the publish"] = "服务器在推流时关闭了连接",
    ["codec not supported by the destination's format"] = "推流目标的封装格式不支持该编码",
    ["the peer took nothing for 4 s"] = "对端 4 秒没有接收数据",
    ["the server does not speak RTMP"] = "服务器不是 RTMP 服务",
    ["out of memory"] = "内存不足",
  },
  codes = {
    ["network.resolve"] = "无法解析主机名",
    ["network.connect"] = "无法连接",
    ["network.timeout"] = "等待超时",
    ["network.reset"] = "连接中断",
    ["network.tls"] = "TLS 失败",
    ["network.protocol"] = "对端的应答不是 RTMP",
    ["invalid.url"] = "地址无法用于推流",
    ["publish.refused"] = "对端拒绝推流",
    ["source.refused"] = "源拒绝访问",
    ["source.ended"] = "源已结束",
    ["source.stalled"] = "源没有数据",
    ["media.unsupported"] = "不支持这种格式或编码",
    ["media.incompatible"] = "编码与前面的文件不同",
    ["internal"] = "内部错误",
  },
}

-- SPDX-License-Identifier: MIT
-- Words in sentences that differ by language. See cme.codes.
return {
  ["word:not_ready"] = { "not ready within {seconds} s", "{seconds} 秒内未就绪" },
  -- why a connection failed
  ["word:connection_refused"] = { "connection refused", "连接被拒绝" },
  ["word:connection_reset"] = { "connection reset", "连接被重置" },
  ["word:connection_closed"] = { "connection closed", "连接被对端关闭" },
  ["word:no_route_to_host"] = { "no route to the host", "没有到主机的路由" },
  ["word:no_route_to_network"] = { "no route to the network", "没有到该网络的路由" },
  ["word:timed_out"] = { "timed out", "超时" },
  ["word:tls_failed"] = { "the TLS handshake failed", "TLS 握手失败" },
  ["word:main"] = { "main", "主" },
  ["word:backup"] = { "backup", "备" },
}

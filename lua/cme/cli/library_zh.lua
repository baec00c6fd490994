-- SPDX-License-Identifier: MIT
-- What the library says when a call fails, in Chinese, by the English text as it stands in lua/cme and src/http; %s and
-- %d stand for the same things in the same order. cme.text.translation puts a message together from these; a
-- message that needs a text which is not here is shown in English as a whole.
return {
  ["project '%s': %s"] = "项目“%s”：%s",
  ["show '%s': %s"] = "节目“%s”：%s",
  ["file '%s': %s"] = "文件“%s”：%s",
  ["option '%s': %s"] = "选项“%s”：%s",
  -- what was being done
  ["memory '%s': %s"] = "记录文件“%s”：%s",

  -- the network
  ["could not connect (%s): is cme serve running?"] = "无法连接（%s）：cme serve 是否在运行？",
  ["could not connect (%s): check the endpoint and the network"] = "无法连接（%s）：请检查服务地址和网络",
  ["could not connect (%s)"] = "无法连接（%s）",
  ["could not connect to the proxy (%s)"] = "无法连接代理（%s）",
  ["could not resolve host (%s)"] = "无法解析主机名（%s）",
  ["could not resolve the proxy's name (%s)"] = "无法解析代理的主机名（%s）",
  ["the proxy did not connect (%s)"] = "代理没有连上目标（%s）",
  ["the proxy refused to connect (%s)"] = "代理拒绝连接（%s）",
  ["timed out (%s)"] = "超时（%s）",
  ["connection lost (%s)"] = "连接中断（%s）",
  ["connection lost in the TLS handshake (%s)"] = "TLS 握手时连接中断（%s）",
  ["connection lost in the TLS handshake (%s): a cme serve without a certificate is reached by http://"]
    = "TLS 握手时连接中断（%s）：没有证书的 cme serve 要用 http:// 访问",
  ["connection closed without an answer (%s)"] = "对端没有应答就关闭了连接（%s）",
  ["connection closed in the middle of the answer (%s)"] = "应答未完时连接被关闭（%s）",
  ["certificate not accepted (%s)"] = "证书不受信任（%s）",
  ["ca_file cannot be used (%s)"] = "无法使用 ca_file（%s）",
  ["TLS handshake failed (%s)"] = "TLS 握手失败（%s）",
  ["TLS handshake failed (%s): a cme serve without a certificate is reached by http://"]
    = "TLS 握手失败（%s）：没有证书的 cme serve 要用 http:// 访问",
  ["%s: Connection refused"] = "%s：连接被拒绝",
  ["%s: No route to host"] = "%s：没有到主机的路由",
  ["%s: Network is unreachable"] = "%s：网络不可达",
  ["%s: Connection reset by peer"] = "%s：连接被对端重置",
  ["%s: no connection within %g s"] = "%s：%g 秒内没有连上",
  ["%s: no whole answer within %g s"] = "%s：%g 秒内没有完整的应答",
  ["%s: self-signed certificate"] = "%s：自签名证书",
  ["%s: unable to get local issuer certificate"] = "%s：找不到签发证书的 CA",

  -- credentials
  ["credentials: %s: %s"] = "密钥：%s：%s",
  ["credentials: %s"] = "密钥：%s",
  ["no credentials (%s); tried %s"] = "没有密钥（%s）；已尝试 %s",
  ["give cme.client secret_id and secret_key, or set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write "
    .. "secret_id and secret_key to ~/.tencentcloud/credentials"]
    = "请给 cme.client 传入 secret_id 和 secret_key，或设置 TENCENTCLOUD_SECRET_ID 和 TENCENTCLOUD_SECRET_KEY，或把 "
    .. "secret_id 和 secret_key 写入 ~/.tencentcloud/credentials",
  ["file '%s': cannot be opened: check %s"] = "文件“%s”：无法打开：请检查%s",
  ["file '%s': no secret_id and secret_key in its [%s] section: add them, or name another file or profile"]
    = "文件“%s”：[%s] 一节中没有 secret_id 和 secret_key：请补上，或指定另一个文件或 profile",
  ["environment: no %s and %s"] = "环境变量：没有 %s 和 %s",
  ["tccli: HOME is not set"] = "tccli：未设置 HOME",
  ["the path that the option gives"] = "该选项给出的路径",
  ["cvm role: switched off"] = "CVM 角色：未启用",
  ["cvm role: no role is bound to this machine (%s)"] = "CVM 角色：本机没有绑定角色（%s）",
  ["tke: %s are not set"] = "TKE：未设置 %s",

  -- URLs and times
  ["zone '%s': not a zone's name (write it like Asia/Shanghai)"] = "时区“%s”：不是时区名（请写成 Asia/Shanghai）",

  -- show files
  ["it must return a table (return { project = { ... }, ... })"] = "它必须返回一个表（return { project = { ... }, ... }）",
  ["the environment variable %s is not set"] = "没有设置环境变量 %s",
  ["stop_at: %s is not after start_at %s"] = "stop_at：%s 不晚于 start_at %s",

  -- what the system says
  ["No such file or directory"] = "没有这个文件或目录",
  ["no such file or directory"] = "没有这个文件或目录",
  ["Permission denied"] = "没有权限",
  ["permission denied"] = "没有权限",
  ["Is a directory"] = "是一个目录",
  ["Not a directory"] = "不是目录",
  ["No space left on device"] = "磁盘已满",
  ["address already in use"] = "地址已被占用",

}

-- SPDX-License-Identifier: MIT
-- What the library says when a call fails, in Chinese, by the English text as it stands in lua/cme and src/http; %s and
-- %d stand for the same things in the same order. cme.text.translation puts a message together from these; a
-- message that needs a text which is not here is shown in English as a whole.
return {
  -- what was being done
  ["project '%s': %s"] = "项目“%s”：%s",
  ["show '%s': %s"] = "节目“%s”：%s",
  ["file '%s': %s"] = "文件“%s”：%s",
  ["field '%s': %s"] = "字段“%s”：%s",
  ["option '%s': %s"] = "选项“%s”：%s",
  ["output '%s': %s"] = "推流目标“%s”：%s",
  ["memory '%s': %s"] = "记录文件“%s”：%s",
  ["create: %s"] = "创建：%s",
  ["start: %s"] = "启动：%s",
  ["stop: %s"] = "停止：%s",
  ["status: %s"] = "查询状态：%s",
  ["info: %s"] = "查询详情：%s",
  ["health: %s"] = "查询健康状况：%s",
  ["delete: %s"] = "删除：%s",
  ["rename: %s"] = "改名：%s",
  ["ensure: %s"] = "对齐：%s",
  ["watch: %s"] = "监视：%s",
  ["switch: %s"] = "切换：%s",
  ["add_input: %s"] = "添加输入：%s",
  ["set_input: %s"] = "修改输入：%s",
  ["remove_input: %s"] = "删除输入：%s",
  ["add_output: %s"] = "添加推流目标：%s",
  ["set_output: %s"] = "修改推流目标：%s",
  ["remove_output: %s"] = "删除推流目标：%s",
  ["enable_output: %s"] = "恢复推流目标：%s",
  ["disable_output: %s"] = "停用推流目标：%s",
  ["set_stop_at: %s"] = "修改停止时间：%s",
  ["extend: %s"] = "推迟停止时间：%s",
  ["push_url: %s"] = "查询推流地址：%s",
  ["position: %s"] = "查询播放位置：%s",

  -- a start that works in part, and the planned stop
  ["started, but not all of it works yet: %s"] = "已开播，但还不是全部正常：%s",
  ["it runs without its stop time: %s"] = "没能设定停止时间：%s",
  ["it is not on the air (start it first)"] = "它没有在转推（请先启动）",
  ["it has no planned stop to move (set_stop_at sets one)"] = "它没有计划停止时间可以推迟（可用 set_stop_at 设定）",

  -- an outcome that is not known
  ["%s; whether the service did it is not known"] = "%s；不知道服务是否已执行",
  ["%s; whether the service did it is not known (%s)"] = "%s；不知道服务是否已执行（%s）",
  ["the service has a project of this name that this call may or may not have made"]
    = "服务中有一个同名项目，可能是这次调用创建的，也可能不是",

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
  ["HTTP status %d with %s instead of an answer of the service: check the endpoint, and proxies in between (%s)"]
    = "收到 HTTP 状态 %d（%s），不是服务的应答：请检查服务地址和中间的代理（%s）",
  ["the answer has no Response object: check that the endpoint is a CME service (%s)"]
    = "应答中没有 Response 对象：请确认该地址是 CME 服务（%s）",

  -- what to do about a refusal
  ["%s (check secret_key: it is not the key of secret id %s)"] = "%s（请检查 secret_key：它不是密钥 %s 的 SecretKey）",
  ["%s (check secret_id: %s is unknown to %s or disabled)"] = "%s（请检查 secret_id：%s 在 %s 上不存在或已停用）",
  ["%s (check token: it is wrong or has expired)"] = "%s（请检查 token：它有误或已过期）",
  ["%s (set this machine's clock: it is more than 5 minutes off)"] = "%s（请校准本机时钟：误差超过 5 分钟）",
  ["%s (set this machine's clock: it is %d s behind)"] = "%s（请校准本机时钟：慢了 %d 秒）",
  ["%s (set this machine's clock: it is %d s ahead)"] = "%s（请校准本机时钟：快了 %d 秒）",
  ["%s (the key has no permission for this: grant it in CAM)"] = "%s（密钥没有此权限：请在 CAM 中授权）",
  ["%s (check platform, or CME_PLATFORM)"] = "%s（请检查 platform 或 CME_PLATFORM）",
  ["%s (check the id and the platform: it may have been deleted)"] = "%s（请检查 ID 和平台：项目可能已被删除）",
  ["%s (more calls in a second than the service allows: try again later)"] = "%s（每秒调用次数超过服务的限制：请稍后再试）",
  ["%s (all relays of the plan are running: stop one or extend the plan)"]
    = "%s（套餐内的转推路数已用完：请停止一路或扩容）",
  ["%s (the plan's push hours are used up: extend it)"] = "%s（套餐内的推流时长已用完：请续费）",

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
  ["%s (give cme.client a platform, or set CME_PLATFORM)"] = "%s（请给 cme.client 传入 platform，或设置 CME_PLATFORM）",
  ["missing (it is required)"] = "缺少（必填）",

  -- a project, and what it cannot do
  ["not created yet (create or start it first)"] = "尚未创建（请先 create 或 start）",
  ["created already (its id is %s)"] = "已经创建（ID 为 %s）",
  ["the service has no such project (deleted, or of another platform)"] = "服务中没有这个项目（已删除，或属于其他平台）",
  ["stop_at %s is in the past (it is %s)"] = "stop_at %s 已过去（现在是 %s）",
  ["stop_at %s is more than 30 days ahead"] = "stop_at %s 超过 30 天",
  ["this service does not tell how inputs and outputs do (`cme serve` does)"]
    = "本服务不提供输入和推流目标的健康状况（`cme serve` 提供）",
  ["no input (give cme.project input = \"https://host/path/live.flv\")"]
    = "没有输入（请给 cme.project 写上 input = \"https://host/path/live.flv\"）",
  ["no outputs (give cme.project outputs = { \"rtmp://host/app/key\" })"]
    = "没有推流目标（请给 cme.project 写上 outputs = { \"rtmp://host/app/key\" }）",
  ["output id '%s' is given twice (leave ids out to have them made)"] = "推流目标 ID“%s”重复（不写 ID 会自动生成）",
  ["the name is not UTF-8"] = "名称不是 UTF-8 文本",
  ["the name has %d characters, the service takes %d"] = "名称有 %d 个字符，服务最多接受 %d 个",

  -- URLs and times
  ["scheme '%s' is not supported (%s)"] = "不支持协议“%s”（%s）",
  ["scheme '%s' is not supported (did you mean '%s'?)"] = "不支持协议“%s”（是否想写“%s”？）",
  ["scheme '%s' is not supported (https or http)"] = "不支持协议“%s”（请用 https 或 http）",
  ["'%s' is not a host (write cme.tencentcloudapi.com, or a URL such as http://127.0.0.1:8156)"]
    = "“%s”不是主机（请写 cme.tencentcloudapi.com，或 http://127.0.0.1:8156 这样的 URL）",
  ["a path or query does not belong here (write a host, or a URL such as http://127.0.0.1:8156)"]
    = "这里不能带路径或查询串（请写主机，或 http://127.0.0.1:8156 这样的 URL）",
  ["no host in the URL"] = "URL 中没有主机名",
  ["the port in the URL must be a number from 1 to 65535"] = "URL 的端口必须是 1 到 65535 的数字",
  ["a space or control character in the URL"] = "URL 中有空格或控制字符",
  ["a file cannot be pulled through the API (serve it over http and give that URL)"]
    = "不能通过 API 拉取文件（请以 http 提供该文件并给出其 URL）",
  ["time '%s': %s"] = "时间“%s”：%s",
  ["no such date or time of day"] = "没有这个日期或时刻",
  ["not a point in time (write it like %s)"] = "不是一个时间（请写成 %s 的形式）",
  ["no offset from UTC (write it like %s, or end it in Z)"] = "缺少与 UTC 的时差（请写成 %s 的形式，或以 Z 结尾）",
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

-- SPDX-License-Identifier: MIT
-- The service could not be reached, or its answer is of no use: sentences of the codes network.*. See cme.codes.
return {
  -- looks at sources and destinations
  ["network.resolve:not_in_time"] = { "the name was not resolved in time", "域名未能及时解析" },
  ["network.resolve:unknown_name"] = { "the name cannot be resolved", "无法解析域名" },
  ["network.connect:knock"] = { "{reason}", "{reason}" },
  ["network.reset:knock"] = { "{reason}", "{reason}" },
  ["network.tls:knock"] = { "{reason}", "{reason}" },
  ["network.timeout:ending"] = { "the service does not answer: the broadcast may still be on the air",
    "服务没有应答：直播可能仍在进行" },
  ["network.timeout:knock"] = { "{reason}", "{reason}" },
  ["network.timeout:no_picture"] = { "no picture came", "没有收到画面" },
  ["network.timeout:no_rtmp"] = { "connected, but no answer to RTMP's handshake", "已连接，但对端不应答 RTMP 握手" },
  ["network.timeout:no_srt"] = { "no answer to SRT's handshake", "对端不应答 SRT 握手" },
  ["network.protocol:not_rtmp"] = { "the answer is not RTMP", "应答不是 RTMP" },
  ["network.protocol:not_srt"] = { "the answer is not SRT", "应答不是 SRT" },
  -- answers, as the client reads them inside nginx
  ["network.protocol:not_http"] = { "the answer is not HTTP: {fact}", "应答不是 HTTP：{fact}" },
  ["network.too_large:head"] = { "a head of more than {limit} bytes", "应答头超过 {limit} 字节" },
  ["network.too_large:lines"] = { "more than {limit} header lines", "应答头超过 {limit} 行" },
  ["network.too_large:size"] = { "the answer is {size} bytes, {limit} are accepted",
    "应答有 {size} 字节，最多接受 {limit} 字节" },
  ["network.too_large:more"] = { "the answer is more than {limit} bytes", "应答超过 {limit} 字节" },
  ["network.reset:incomplete"] = { "the connection was lost before the answer was complete", "应答未完时连接中断" },
  ["network.timeout:silence"] = { "timed out ({host}: nothing came for {limit} s)", "超时（{host}：{limit} 秒内没有收到数据）" },
  ["network.timeout:mirror"] = { "the newest changes did not arrive in time", "最新的变更未能及时到达" },
  ["network.timeout:watch"] = { "nothing happened in time", "超时：没有变化" },
  ["network.cancelled:closed"] = { "the answer was closed before it was read", "应答已被关闭，无法继续读取" },
  ["network.proxy:status"] = { "refused with status {status}", "代理拒绝，状态为 {status}" },
  ["network.http_status"] = {
    "HTTP status {status} with {kind} instead of an answer of the service: check the endpoint, and proxies "
      .. "in between ({host})",
    "收到 HTTP 状态 {status}（{kind}），不是服务的应答：请检查服务地址和中间的代"
      .. "理（{host}）" },
  ["network.not_json"] = { "the answer cannot be read, {bytes} bytes of {kind}: {cause} ({host})",
    "无法解析应答（{bytes} 字节，{kind}）：{cause}（{host}）" },
  ["network.no_response"] = { "the answer has no Response object: check that the endpoint is a CME service ({host})",
    "应答中没有 Response 对象：请确认该地址是 CME 服务（{host}）" },
  ["network.connect:is_it_running"] = { "{cause}: is cme serve running?", "{cause}：cme serve 是否在运行？" },
  ["network.connect:check_endpoint"] = { "{cause}: check the endpoint and the network",
    "{cause}：请检查服务地址和网络" },
  ["network.tls:no_tls_here"] = { "{cause}: a cme serve without a certificate is reached by http://",
    "{cause}：没有证书的 cme serve 要用 http:// 访问" },
  ["network.tls:name_ca"] = {
    "{cause}: if its CA is a private one, name the CA's file by ca_file, --ca-file or CME_CA_FILE",
    "{cause}：如果是私有 CA，请用 ca_file、--ca-file 或 CME_CA_FILE 指定 CA 证书文件" },
  ["network.connect:etcd"] = {
    "{cause}: does etcd run, and can it be reached from here? None of its {count} addresses answered",
    "{cause}：etcd 是否在运行、能否从本机访问？{count} 个地址都没有应答" },
  ["network.tls:etcd_ca"] = { "{cause}: name the file of etcd's CA by --etcd-ca",
    "{cause}：请用 --etcd-ca 指定 etcd 的 CA 证书文件" },
  ["network.tls:etcd_no_tls"] = { "{cause}: an etcd without TLS is reached by http://",
    "{cause}：未启用 TLS 的 etcd 要用 http:// 访问" },
  ["network.reset:etcd_expired"] = {
    "{cause}: the certificate {file}, by which etcd knows this client, expired at {ends}: renew it",
    "{cause}：向 etcd 出示的客户端证书 {file} 已于 {ends} 过期，请更新" },
  ["network.reset:etcd_cert"] = { "{cause}: etcd may not accept the certificate {file}: check that it is signed by "
    .. "etcd's CA (openssl verify -CAfile CA {file}), and its dates",
    "{cause}：etcd 可能不接受客户端证书 {file}：请检查它是否由 etcd 的 CA 签发（openssl verify -CAfile CA {file}）以及有效期" },
  ["network.reset:etcd_no_cert"] = { "{cause}: etcd may ask for a client certificate: give --etcd-cert and --etcd-key",
    "{cause}：etcd 可能要求客户端证书：请指定 --etcd-cert 和 --etcd-key" },
  ["network.timeout:not_sent"] = { "the timeout was over before it could be sent", "还没能发出请求，就已超时" },
  ["network.protocol:no_member"] = { "the answer has no {member}", "应答中没有 {member}" },
  ["network.protocol:no_push_url"] = { "the service gives no address for the {input} input",
    "服务没有给出{input}输入的推流地址" },
}

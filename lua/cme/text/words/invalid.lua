-- SPDX-License-Identifier: MIT
-- What is refused here, before anything is sent: sentences of the codes invalid.*. See cme.codes.
return {
  ["invalid.name_too_long"] = { "the name has {count} characters, the service takes {limit}",
    "名称有 {count} 个字符，服务最多接受 {limit} 个" },
  ["invalid.url:no_host"] = { "no host in the URL", "URL 中没有主机名" },
}

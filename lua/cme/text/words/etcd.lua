-- SPDX-License-Identifier: MIT
-- Sentences of the codes etcd.*: what the store of a fleet refuses, and why. {reason} is etcd's own text. See
-- cme.codes.
return {
  ["etcd.compacted"] = { "the history is gone: what was asked for is older than etcd keeps ({reason})",
    "历史记录已被压缩：所请求的版本早于 etcd 保留的范围（{reason}）" },
  ["etcd.compacted:read_again"] = { "the history was compacted: read the keys again, then watch from there",
    "历史记录已被压缩：请重新读取这些键，再从该版本继续监听" },
  ["etcd.future_revision"] = { "the member has not got there yet ({reason})", "该成员还没有到达此版本（{reason}）" },
  ["etcd.no_space"] = {
    "etcd is full and takes no writes: compact and defragment it, raise its quota, then disarm its alarm ({reason})",
    "etcd 空间已满，拒绝写入：请压缩并整理碎片、提高配额，然后解除告警（{reason}）" },
  ["etcd.lease_gone"] = { "the lease has ended ({reason})", "租约已失效（{reason}）" },
  ["etcd.lease_exists"] = { "there is such a lease already ({reason})", "租约已存在（{reason}）" },
  ["etcd.denied"] = { "etcd's user may not do this: check its roles ({reason})",
    "该 etcd 用户没有权限：请检查其角色（{reason}）" },
  ["etcd.login"] = { "etcd does not accept the user or the password ({reason})",
    "etcd 不接受该用户名或密码（{reason}）" },
  ["etcd.token"] = { "etcd asks for a user and a password ({reason})", "etcd 需要用户名和密码（{reason}）" },
  ["etcd.no_login"] = { "etcd asks for no password: authentication is off ({reason})",
    "etcd 未启用身份验证，无需密码（{reason}）" },
  ["etcd.busy"] = { "etcd has too much to do: try again ({reason})", "etcd 请求过多：请重试（{reason}）" },
  ["etcd.too_large"] = { "more than etcd takes at once ({reason})", "超过 etcd 单次请求的大小上限（{reason}）" },
  ["etcd.corrupt"] = { "etcd has found its data damaged: see its log ({reason})",
    "etcd 发现数据损坏：请查看其日志（{reason}）" },
  ["etcd.no_quorum"] = { "most members of etcd are not in touch ({reason})", "etcd 多数成员失去联系（{reason}）" },
  ["etcd.refused"] = { "etcd refused ({reason})", "etcd 拒绝了请求（{reason}）" },
  ["etcd.protocol"] = { "no answer of etcd's, status {status}: check the endpoint {endpoint}",
    "不是 etcd 的应答（状态 {status}）：请检查地址 {endpoint}" },
  ["etcd.closed"] = { "the watch is closed", "监听已关闭" },
}

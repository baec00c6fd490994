-- SPDX-License-Identifier: MIT
-- Sentences of the codes local.*. See cme.codes.
return {
  ["local.openssl"] = { "openssl is not installed, so TLS cannot be checked", "未安装 openssl，无法检查 TLS" },
  ["local.certificate"] = { "openssl: {reason}", "openssl：{reason}" },
  ["local.folder"] = { "make folder: {reason}", "创建目录：{reason}" },
  -- files
  ["local.file"] = { "{reason}", "{reason}" },
  ["local.file:taken"] = { "there is a file of that name", "已有同名文件" },
  ["local.file.absent"] = { "{reason}", "{reason}" },
  ["local.file.space"] = { "{reason}: free space there", "{reason}：请在该处腾出空间" },
  ["local.file.right"] = { "{reason}: use a folder that this user may write, by --state",
    "{reason}：请用 --state 指定此用户可写的目录" },
  ["local.secret:no_file"] = { "it is not a file ({type})", "不是文件（{type}）" },
  ["local.secret:open"] = { "other users may read it (mode {mode}): run chmod 600 on it",
    "其他用户可以读取它（权限 {mode}）：请对它执行 chmod 600" },
  ["local.secret:open_or_delete"] = { "other users may read it (mode {mode}): run chmod 600 on it, or {way_out}",
    "其他用户可以读取它（权限 {mode}）：请对它执行 chmod 600，或{way_out}" },
  ["local.secret:no_credentials"] = {
    "there is no [default] section with secret_id and secret_key: add it, or delete the file to have a new key made",
    "没有含 secret_id 和 secret_key 的 [default] 段：请补上，或删除该文件以生成新的密钥" },
  ["local.secret:bad_credentials"] = { "{cause}: correct it, or delete the file to have a new key made",
    "{cause}：请更正，或删除该文件以生成新的密钥" },
  ["local.secret:bad_push_keys"] = {
    "'{name}' is missing, or not 16 letters and digits at least: correct it, or delete the file to have new keys made",
    "缺少“{name}”，或不足 16 个字母和数字：请更正，或删除该文件以生成新的密钥" },
  ["local.secret:count"] = { "it holds {count} secrets, 1 to {limit} are needed, one a line",
    "其中有 {count} 个密钥，需要 1 到 {limit} 个，每行一个" },
  ["local.secret:short"] = { "a secret in it is shorter than {limit} characters, one a line",
    "其中有密钥不足 {limit} 个字符，每行一个" },
  ["local.terminal"] = { "terminal: {reason}", "终端：{reason}" },
  ["local.alert:status"] = { "HTTP {status}", "HTTP {status}" },
  ["local.alert:ended"] = { "'{program}' failed: {reason}", "“{program}”失败：{reason}" },
  -- the lock of a show
  ["local.locked"] = { "another cme run has this show", "这场节目正由另一个 cme run 管理" },
  ["local.lock:no_flock"] = { "{cause} (it comes with util-linux)", "{cause}（它由 util-linux 提供）" },
  ["local.lock:unopened"] = { "lock '{path}': it cannot be made or opened (--state names another folder)",
    "锁“{path}”：无法创建或打开（可用 --state 指定其他目录）" },
  ["local.lock:no_answer"] = { "lock '{path}': no answer (--state names another folder)",
    "锁“{path}”：没有应答（可用 --state 指定其他目录）" },
  ["local.listen"] = { "{reason}", "{reason}" },
  ["local.listen:playout"] = { "already running", "已在运行" },
  ["local.listen:edge"] = {
    "edge: listen on {address}: {reason}: end the program that has it, give another address with {option} (port 0: a "
      .. "free one), or do without by --edge off",
    "推流接入：监听 {address}：{reason}：请结束占用它的程序，用 {option} 指定另一个地址（端口 0：任选空闲端口），"
      .. "或用 --edge off 停用" },
  ["local.listen:edge_elsewhere"] = {
    "edge: listen on {address}: {reason}: give another address with {option}, or do without by --edge off",
    "推流接入：监听 {address}：{reason}：请用 {option} 指定另一个地址，或用 --edge off 停用" },
  ["local.no_engine"] = { "engine 'cme-relay': not found: run make build, or name it with --relay",
    "找不到引擎“cme-relay”：请运行 make build，或用 --relay 指定" },
  ["local.no_engine:named"] = { "engine '{path}': there is no program of this name", "引擎“{path}”：没有这个程序" },
  ["local.look_ended"] = { "what viewers see is not known for a while: cme-look ended: {reason}",
    "暂时不知道观众看到了什么：cme-look 已结束：{reason}" },
  ["local.no_look"] = { "'cme-look': not found: run make build", "找不到程序“cme-look”：请运行 make build" },
  ["local.log"] = { "open log '{path}': {reason}", "打开日志“{path}”：{reason}" },
  ["local.program"] = { "start {program}: {reason}", "启动 {program} 失败：{reason}" },
  ["local.memory"] = { "memory '{path}': {reason}", "记录文件“{path}”：{reason}" },
  ["local.memory:foreign"] = { "memory '{path}': not what a show writes",
    "记录文件“{path}”：不是节目写下的内容" },
}

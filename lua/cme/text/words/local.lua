-- SPDX-License-Identifier: MIT
-- Sentences of the codes local.*. See cme.codes.
return {
  ["local.openssl"] = { "openssl is not installed, so TLS cannot be checked", "未安装 openssl，无法检查 TLS" },
  ["local.folder"] = { "make folder: {reason}", "创建文件夹：{reason}" },
  ["local.no_engine"] = { "engine 'cme-relay': not found: run make build, or name it with --relay",
    "找不到引擎“cme-relay”：请运行 make build，或用 --relay 指定" },
  ["local.no_engine:named"] = { "engine '{path}': there is no program of this name", "引擎“{path}”：没有这个程序" },
  ["local.log"] = { "open log '{path}': {reason}", "打开日志“{path}”：{reason}" },
  ["local.program"] = { "start {program}: {reason}", "启动 {program} 失败：{reason}" },
  ["local.memory"] = { "memory '{path}': {reason}", "记录文件“{path}”：{reason}" },
  ["local.memory:foreign"] = { "memory '{path}': not what a show writes",
    "记录文件“{path}”：不是节目写下的内容" },
}

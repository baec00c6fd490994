-- SPDX-License-Identifier: MIT
-- What the pages say, in English and Chinese, and which of the two somebody reads. Pure.

local texts = {}

local ALL = {
  title = { "Control room", "控制室" },
  password = { "Password", "密码" },
  sign_in = { "Sign in", "登录" },
  sign_in_hint = { "This page controls live broadcasts.", "此页面控制正在进行的直播。" },
  wrong_password = { "Wrong password.", "密码不正确。" },
  throttled = { "Too many attempts at once. Try again in %d seconds.", "同时尝试的次数过多，请在 %d 秒后再试。" },
  expired = { "Your session has ended. Sign in again.", "会话已结束，请重新登录。" },
  forged = { "This form was not sent by this page.", "该表单并非由本页面提交。" },
  sign_out = { "Sign out", "退出" },
  other_language = { "中文", "English" },
  skip = { "Skip to the broadcast", "跳到直播内容" },
  projects = { "Broadcasts", "直播" },
  no_projects = { "No broadcast yet. Create the first one.", "还没有直播，请先创建一个。" },
  choose = { "Choose a broadcast.", "请选择一个直播。" },
  new_project = { "New broadcast", "新建直播" },
  create = { "Create", "创建" },
  cancel = { "Cancel", "取消" },
  close = { "Close", "关闭" },
  name = { "Name", "名称" },
  name_hint = { "At most 30 characters.", "最多 30 个字符。" },
  source = { "Main source", "主用源" },
  source_hint = { "URL to pull: rtmp, rtmps, srt, http(s) flv or m3u8.", "拉流地址：rtmp、rtmps、srt，http(s) flv 或 m3u8。" },
  backup_source = { "Backup source (optional)", "备用源（可选）" },
  destination_name = { "Destination name", "推流目标名称" },
  destination_url = { "Destination URL with stream key", "带推流码的推流地址" },
  destination_hint = { "The stream key is never shown again.", "推流码只写入，不再显示。" },
  platform = { "Platform", "平台" },
  platform_url = { "Any (URL)", "任意（推流地址）" },
  platform_other = { "Other (server and key)", "其他（服务器和推流码）" },
  server = { "Server", "服务器" },
  server_shown = { "as the platform shows it", "请填写平台显示的服务器" },
  stream_key = { "Stream key", "推流码" },
  where_key = { "Find it here: %s.", "获取位置：%s。" },
  connecting_page = { "Connecting …", "正在连接…" },
  connected = { "Connected", "已连接" },
  lost = { "Control room not answering", "控制室无响应" },
  lost_more = { "This page has lost the control room and keeps trying.", "本页面与控制室的连接已断开，正在重试。" },
  silent = { "Service not answering", "服务无响应" },
  silent_more = { "The service does not answer. Broadcasts may still be on the air.", "服务没有响应，直播可能仍在进行。" },
  refused_more = { "The service refused the request.", "服务拒绝了查询。" },
  age = { "This data is %s s old.", "显示的是 %s 秒前的数据。" },
  stale_since = { "No data for %s s", "%s 秒未更新" },
  sum_on_air = { "%s on air", "%s 个直播中" },
  sum_live = { "%s destinations live", "%s 个目标正常" },
  sum_starting = { "%s connecting", "%s 个连接中" },
  sum_starved = { "%s without picture from the input", "%s 个目标因输入中断无画面" },
  sum_slate = { "%s showing the slate", "%s 个目标正在播垫片" },
  sum_failing = { "%s destinations failing", "%s 个目标异常" },
  sum_failing_one = { "1 destination failing", "1 个目标异常" },
  sum_input = { "Input on air is down", "播出的输入中断" },
  failing_short = { "%s failing", "%s 异常" },
  filter = { "Show", "显示" },
  filter_all = { "All", "全部" },
  filter_air = { "On air", "直播中" },
  filter_failing = { "Failing", "异常" },
  filter_name = { "Search by name", "按名称搜索" },
  no_match = { "No broadcast matches.", "没有符合条件的直播。" },
  to_list = { "Broadcasts", "直播列表" },
  session_ends = { "You will be signed out in %s.", "您将在 %s 后退出登录。" },
  stay = { "Stay signed in", "保持登录" },
  working = { "On air", "直播中" },
  idle = { "Off air", "未开播" },
  start = { "Start", "开始" },
  stop = { "Stop", "停止" },
  delete = { "Delete", "删除" },
  stop_at = { "Stops at", "停止时间" },
  set_stop = { "Set", "设置" },
  extend_15 = { "15 min", "15 分钟" },
  extend_30 = { "30 min", "30 分钟" },
  stops_in = { "Stops in", "距停止" },
  no_stop = { "No planned stop", "没有计划停止时间" },
  on_air_for = { "On air for", "已直播" },
  pictures = { "Pictures", "画面" },
  main = { "Main", "主用输入" },
  backup = { "Backup", "备用输入" },
  output = { "Output", "推流目标" },
  on_air = { "On air", "播出中" },
  on_slate = { "On slate", "播出垫片" },
  off_air = { "Off air", "已停推" },
  take_off = { "Take off air", "停止推流" },
  take_on = { "Put on air", "恢复推流" },
  edit = { "Edit", "修改" },
  edit_destination = { "Edit the destination", "修改推流目标" },
  keeps_url = { "Leave the URL empty to keep the old one.", "推流地址留空则不变。" },
  save = { "Save", "保存" },
  switch = { "Switch to this", "切换到此路" },
  no_picture = { "No picture", "无画面" },
  waiting_picture = { "Waiting for the picture …", "等待画面…" },
  source_push = { "pushed to the service", "推流到服务" },
  destinations = { "Destinations", "推流目标" },
  no_destinations = { "No destination.", "没有推流目标。" },
  add = { "Add", "添加" },
  add_destination = { "Add a destination", "添加推流目标" },
  remove = { "Remove", "移除" },
  dropped = { "Dropped", "丢包" },
  delay = { "Delay", "延迟" },
  live_of = { "%s of %s destinations live", "%s/%s 个目标正常" },
  not_told = { "This service does not report inputs and destinations.", "该服务不提供输入与目标的健康状况。" },
  happened = { "Events", "事件" },
  no_events = { "Nothing yet.", "暂无事件。" },
  confirm_stop = { "Stop the broadcast “%s”? All destinations lose the picture.", "停止直播“%s”？所有目标都将失去画面。" },
  confirm_delete = { "Delete the broadcast “%s”?", "删除直播“%s”？" },
  confirm_off = { "Take “%s” off the air? Its viewers lose the picture.", "停止向“%s”推流？其观众将失去画面。" },
  confirm_remove = { "Remove the destination “%s”?", "移除推流目标“%s”？" },
  failed = { "Failed: %s", "操作失败：%s" },
  done_create = { "Created.", "已创建。" },
  done_start = { "Started.", "已开始。" },
  done_stop = { "Stopped.", "已停止。" },
  done_delete = { "Deleted.", "已删除。" },
  done_switch = { "Switched.", "已切换。" },
  done_stop_at = { "The stop time was set.", "已设置停止时间。" },
  done_extend = { "The stop time was moved.", "已推迟停止时间。" },
  done_set_output = { "Destination changed.", "已修改推流目标。" },
  done_enable_output = { "The destination is on the air again.", "已恢复向该目标推流。" },
  done_disable_output = { "The destination is off the air.", "已停止向该目标推流。" },
  done_add_output = { "Destination added.", "已添加推流目标。" },
  done_remove_output = { "Destination removed.", "已移除推流目标。" },
  state_connecting = { "Connecting", "连接中" },
  state_live = { "Live", "正常" },
  state_stalled = { "Stalled", "停滞" },
  state_down = { "Down", "中断" },
  state_waiting = { "Waiting", "等待" },
  state_backoff = { "Reconnecting", "重连中" },
  state_retrying = { "Failed, trying again", "失败，重试中" },
  state_starved = { "No picture from the input", "输入中断，无画面" },
  state_slate = { "On slate", "播出垫片" },
  state_refused = { "Refused", "被拒绝" },
  state_stopped = { "Stopped", "已停止" },
  state_working = { "Live", "正常" },
  state_failed = { "Failed", "失败" },
  event_created = { "The broadcast was created", "已创建直播" },
  event_working = { "The broadcast is on the air", "直播已开始" },
  event_started = { "The broadcast is on the air", "直播已开始" },
  event_stopped = { "The broadcast has stopped", "直播已停止" },
  event_switched = { "Switched to another input", "已切换输入" },
  event_stop_moved = { "The planned stop was changed", "已修改计划停止时间" },
  event_edited = { "Inputs, destinations or name were changed", "已修改输入、目标或名称" },
  event_input_interrupted = { "Input interrupted", "输入中断" },
  event_input_recovered = { "Input works again", "输入已恢复" },
  event_output_interrupted = { "Destination interrupted", "推流目标中断" },
  event_output_recovered = { "Destination works again", "推流目标已恢复" },
  event_slate_on = { "No input has a picture: the slate is on the air", "所有输入都没有画面：正在播出垫片" },
  event_slate_off = { "The slate is no longer on the air", "垫片已停止播出" },
  event_source_interrupted = { "Source interrupted", "输入源中断" },
  event_destination_interrupted = { "Destination interrupted", "推流目标中断" },
}

local PLACES = { en = 1, zh = 2 }
local by_language = { en = {}, zh = {} }
for key, pair in pairs(ALL) do
  for language, place in pairs(PLACES) do by_language[language][key] = pair[place] end
end

--- The texts of a language.
---@param language "en"|"zh"
---@return table<string, string>
function texts.of(language)
  return by_language[language]
end

-- Which of ours an Accept-Language header wants most.
local function accepted(header)
  local best, best_weight = "en", 0
  for range, parameters in header:gmatch "([%a*-]+)([^,]*)" do
    local language = range:match "^%a+"
    local weight = tonumber(parameters:match "q=([%d.]+)") or 1
    if PLACES[language and language:lower() or ""] and weight > best_weight then
      best, best_weight = language:lower(), weight
    end
  end
  return best
end

--- The language to answer in: what was chosen, else what the browser asks for.
---@param chosen string|nil
---@param header string|nil Accept-Language
---@return "en"|"zh"
function texts.choose(chosen, header)
  if PLACES[chosen or ""] then return chosen end
  return accepted(type(header) == "string" and header or "")
end

return texts

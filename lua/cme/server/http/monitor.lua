-- SPDX-License-Identifier: MIT
-- /healthz says whether the service works, /metrics how much it does. Neither contains a secret or a URL: projects and
-- outputs are named by id, webhooks by their place on the command line. All engines are asked at the same time with a
-- limit of one second, so that an engine that hangs delays a scrape by at most that; its numbers are missing then, and
-- `cme_engines_unanswered` counts it. The edge is asked after them with the same limit.

local exposition = require "cme.server.http.exposition"
local schema = require "cme.schema"
local version = require "cme.version"

local monitor = {}

local STAT_SECONDS = 1

-- Kept by the monitor, from the service's start.
local COUNTED = {
  { name = "cme_api_requests_total", type = "counter", labels = { "action", "code" },
    help = "Answered requests of the API; the code of a success is ok." },
  { name = "cme_api_request_duration_seconds", type = "histogram", labels = { "action" },
    buckets = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 },
    help = "From the whole request to its answer; Start waits for the destinations." },
}

-- Asked for at each scrape.
local ASKED = {
  { name = "cme_build_info", type = "gauge", labels = { "version" }, help = "The service's version." },
  { name = "cme_start_time_seconds", type = "gauge", help = "When the service started." },
  { name = "cme_projects", type = "gauge", labels = { "category", "status" }, help = "Projects in the database." },
  { name = "cme_projects_waiting", type = "gauge", help = "Projects that no node of the fleet has run for 15 s." },
  { name = "cme_engines", type = "gauge", help = "Engines that run and answer to the service." },
  { name = "cme_engines_unanswered", type = "gauge", help = "Engines that did not tell their numbers in time." },
  { name = "cme_standbys", type = "gauge", help = "Engines of projects that another node of the fleet runs." },
  { name = "cme_engines_started_total", type = "counter", help = "Engines that were started." },
  { name = "cme_engines_adopted_total", type = "counter", help = "Engines of an earlier service, taken over." },
  { name = "cme_engines_lost_total", type = "counter", help = "Engines that ended without being asked to." },
  { name = "cme_playouts", type = "gauge", help = "Playouts of media casts that run and answer to the service." },
  { name = "cme_playouts_lost_total", type = "counter", help = "Playouts that ended without being asked to." },
  { name = "cme_edge_up", type = "gauge", help = "Whether the edge runs and answers to the service." },
  { name = "cme_edge_restarts_total", type = "counter", help = "Times that the edge ended without being asked to." },
  { name = "cme_edge_publishers", type = "gauge", help = "Encoders that push and are live." },
  { name = "cme_edge_viewers", type = "gauge", help = "Viewers by RTMP." },
  { name = "cme_edge_connections", type = "gauge", help = "Connections to the edge, those of engines included." },
  { name = "cme_edge_strangers", type = "gauge", help = "Connections that have not shown a good key yet." },
  { name = "cme_edge_turned_away_total", type = "counter",
    help = "Connections closed at once since there were too many; from zero again with each edge." },
  { name = "cme_edge_refused_total", type = "counter",
    help = "Encoders and viewers that were refused; from zero again with each edge." },
  { name = "cme_inputs", type = "gauge", labels = { "state" }, help = "Inputs of running projects." },
  { name = "cme_outputs", type = "gauge", labels = { "state" }, help = "Outputs of running projects." },
  { name = "cme_input_live", type = "gauge", labels = { "project", "endpoint" }, help = "Whether packets come." },
  { name = "cme_input_active", type = "gauge", labels = { "project", "endpoint" }, help = "Whether it is on the air." },
  { name = "cme_on_slate", type = "gauge", labels = { "project" },
    help = "Whether the slate is on the air in place of the active input." },
  { name = "cme_input_bits_per_second", type = "gauge", labels = { "project", "endpoint" },
    help = "Of the last full two seconds." },
  { name = "cme_output_live", type = "gauge", labels = { "project", "output" },
    help = "Whether the destination takes packets." },
  { name = "cme_output_bytes_total", type = "counter", labels = { "project", "output" },
    help = "Media sent; from zero again with each engine." },
  { name = "cme_output_packets_total", type = "counter", labels = { "project", "output" }, help = "Packets sent." },
  { name = "cme_output_dropped_total", type = "counter", labels = { "project", "output" },
    help = "Packets lost to a full queue." },
  { name = "cme_output_connects_total", type = "counter", labels = { "project", "output" },
    help = "Times that it was connected." },
  { name = "cme_output_queue_seconds", type = "gauge", labels = { "project", "output" }, help = "Media that waits." },
  { name = "cme_output_delay_p99_seconds", type = "gauge", labels = { "project", "output" },
    help = "From the input to the destination's kernel, of the last full five seconds." },
  { name = "cme_look_good", type = "gauge", labels = { "project", "output" },
    help = "Whether viewers of the output have picture and sound, where it is looked at and known." },
  { name = "cme_look_delay_seconds", type = "gauge", labels = { "project", "output" },
    help = "How far viewers are behind the source." },
  { name = "cme_disk_short", type = "gauge", help = "1 while the state folder's disk is full, or nearly." },
  { name = "cme_events_queued", type = "gauge", labels = { "receiver" }, help = "Events that wait for delivery." },
  { name = "cme_events_oldest_seconds", type = "gauge", labels = { "receiver" },
    help = "Age of the oldest event that waits." },
  { name = "cme_events_delivered_total", type = "counter", labels = { "receiver" }, help = "Events that were taken." },
  { name = "cme_events_failures_total", type = "counter", labels = { "receiver" }, help = "Attempts that failed." },
  { name = "cme_events_dropped_total", type = "counter", labels = { "receiver" }, help = "Events that were given up." },
}

---@class cme.server.http.monitor
---@field private _options table
---@field private _counted cme.server.http.exposition
---@field private _fault string|nil why the last /healthz was no
---@field private _short boolean the disk was full, or nearly, at the last
local Monitor = {}
Monitor.__index = Monitor
Monitor.__name = "cme.server.http.monitor"

---@param options { store: cme.server.store.interface, relays: cme.server.process.keepers,
---  processes: cme.server.process.keepers[], webhook: cme.server.events.webhook|nil,
---  looks: cme.server.looks|nil, edge: cme.server.edge|nil, log: cme.server.log, stands: fun(id: string): boolean,
---  waiting: (fun(): integer), now: (fun(): number), started_at: number }
---@return cme.server.http.monitor
function monitor.new(options)
  return setmetatable({ _options = options, _counted = exposition.new(COUNTED), _short = false }, Monitor)
end

--- Counts a request of the API.
---@param action string|nil as the client named it
---@param code string|nil of its refusal
---@param seconds number
function Monitor:request(action, code, seconds)
  local known = schema.actions[action or ""] and action or "unknown" -- what clients make up must not fill the memory
  self._counted:add("cme_api_requests_total", 1, known, code or "ok")
  self._counted:observe("cme_api_request_duration_seconds", math.max(0, seconds), known)
end

-- ---- one scrape

local function put_engines(page, relays, processes, unanswered)
  page:set("cme_engines", relays:count())
  page:set("cme_engines_unanswered", unanswered)
  for name, value in pairs(relays.counts) do
    page:set(("cme_engines_%s_total"):format(name), value)
  end
  for _, each in ipairs(processes) do
    page:set(("cme_%ss"):format(each.what), each:count())
    page:set(("cme_%ss_lost_total"):format(each.what), each.counts.lost)
  end
  for _, state in ipairs { "connecting", "live", "stalled", "down" } do
    page:set("cme_inputs", 0, state)
  end
  for _, state in ipairs { "waiting", "connecting", "live", "backoff", "refused", "fenced" } do
    page:set("cme_outputs", 0, state)
  end
end

local function flag(value)
  return value and 1 or 0
end

local function put_input(page, project, endpoint, input, active)
  page:add("cme_inputs", 1, tostring(input.state))
  page:set("cme_input_live", flag(input.state == "live"), project, endpoint)
  page:set("cme_input_active", flag(active == endpoint), project, endpoint)
  page:set("cme_input_bits_per_second", (tonumber(input.kbps) or 0) * 1000, project, endpoint)
end

local COUNTERS = { bytes = "bytes", packets = "packets", dropped = "dropped", connects = "connects" }

local function put_output(page, project, output)
  local id = tostring(output.id)
  page:add("cme_outputs", 1, tostring(output.state))
  page:set("cme_output_live", flag(output.state == "live"), project, id)
  for member, name in pairs(COUNTERS) do
    page:set(("cme_output_%s_total"):format(name), tonumber(output[member]) or 0, project, id)
  end
  page:set("cme_output_queue_seconds", (tonumber(output.queue_ms) or 0) / 1000, project, id)
  local delay = tonumber(output.delay_p99_ms)
  if delay then
    page:set("cme_output_delay_p99_seconds", delay / 1000, project, id)
  end
end

local function put_look(page, project, id, looks)
  local view = looks and looks:view(project, "output " .. id)
  if not view then return end
  if view.good ~= nil then page:set("cme_look_good", flag(view.good), project, id) end
  if view.delay_ms then page:set("cme_look_delay_seconds", view.delay_ms / 1000, project, id) end
end

local function put_stat(page, project, stat, looks)
  page:set("cme_on_slate", flag(stat.on_slate == true), project)
  for _, endpoint in ipairs { "main", "backup" } do
    local input = type(stat.inputs) == "table" and stat.inputs[endpoint]
    if type(input) == "table" then
      put_input(page, project, endpoint, input, not stat.on_slate and stat.active)
    end
  end
  for _, output in ipairs(type(stat.outputs) == "table" and stat.outputs or {}) do
    put_output(page, project, output)
    put_look(page, project, tostring(output.id), looks)
  end
end

-- What a standby does not publish is no output that fails.
local function put_projects(page, stats, options)
  local standbys = 0
  for project, stat in pairs(stats) do
    local stands = options.stands(project)
    standbys = standbys + flag(stands)
    if not stands then put_stat(page, project, stat, options.looks) end
  end
  page:set("cme_standbys", standbys)
  page:set("cme_projects_waiting", options.waiting())
end

local function put_edge(page, edge)
  local numbers = edge:numbers(STAT_SECONDS)
  page:set("cme_edge_up", flag(numbers))
  page:set("cme_edge_restarts_total", edge:restarts())
  for name, value in pairs(numbers or {}) do page:set("cme_edge_" .. name, value) end
end

local function put_events(page, webhook, now)
  local depth, message, detail = webhook:depth()
  if not depth then return nil, message, detail end
  for i, target in ipairs(webhook.targets) do
    local receiver, waiting = tostring(i), depth[target.url]
    page:set("cme_events_queued", waiting and waiting.count or 0, receiver)
    page:set("cme_events_oldest_seconds", waiting and math.max(0, now - waiting.oldest) or 0, receiver)
    page:set("cme_events_delivered_total", target.delivered, receiver)
    page:set("cme_events_failures_total", target.failed, receiver)
    page:set("cme_events_dropped_total", webhook:dropped(target.url), receiver)
  end
  return true
end

local function put_store(page, options)
  local ok, message, detail = options.store:check()
  local counts
  if ok then
    counts, message, detail = options.store:count()
  end
  if not counts then return nil, message, detail end
  page:set("cme_disk_short", options.store:is_short() and 1 or 0)
  for category, statuses in pairs(counts) do
    for status, count in pairs(statuses) do
      page:set("cme_projects", count, category, status)
    end
  end
  if options.webhook then return put_events(page, options.webhook, options.now()) end
  return true
end

--- The page; waits for the engines, so in a task only.
---@return string|nil text
---@return string|nil message the database failed
---@return cme.detail|nil detail
function Monitor:metrics()
  local options = self._options
  local page = exposition.new(ASKED)
  page:set("cme_build_info", 1, version)
  page:set("cme_start_time_seconds", options.started_at)
  local stats, unanswered = options.relays:stats(STAT_SECONDS)
  put_engines(page, options.relays, options.processes, unanswered)
  put_projects(page, stats, options)
  if options.edge then put_edge(page, options.edge) end
  local ok, message, detail = put_store(page, options)
  if not ok then return nil, message, detail end
  local lines = {}
  page:write(lines)
  self._counted:write(lines)
  return table.concat(lines, "\n") .. "\n"
end

-- ---- the paths

local PLAIN = { ["Content-Type"] = "text/plain; charset=utf-8", ["Cache-Control"] = "no-store" }

-- Whether the database answers; a change is told by the log, with what the database says.
function Monitor:_database_fault()
  local store = self._options.store
  local ok, message = store:check()
  if ok then ok, message = store:is_in_place() end
  if message ~= self._fault then
    self._fault = message
    if not ok then
      self._options.log:error("not healthy", { error = message })
    else
      self._options.log:info "healthy again"
    end
  end
  return message
end

local FULL = { disk = "the disk of the state folder is full, or nearly", etcd = "etcd is full" }

-- Whether there is no space for the state, or nearly none; a change is told by the log.
function Monitor:_is_short()
  local store = self._options.store
  local short = store:is_short()
  if short ~= self._short then
    self._short = short
    if short then
      self._options.log:warn(FULL[store.space] .. ": changes may be refused: free space")
    else
      self._options.log:info "there is space again"
    end
  end
  return short
end

local SHORT = { disk = "ok\nthe disk is full, or nearly: changes may be refused\n",
  etcd = "ok\netcd is full: changes are refused\n" }

-- A full disk is no 503: what is on the air is switched and stopped all the same, which a balancer or a supervisor that
-- takes the service away would prevent.
local function healthz(self)
  if self:_database_fault() then return 503, PLAIN, "the database does not answer: the service's log says why\n" end
  if self:_is_short() then return 200, PLAIN, SHORT[self._options.store.space] end
  return 200, PLAIN, "ok\n"
end

local function metrics(self)
  local page, message = self:metrics()
  if page then return 200, { ["Content-Type"] = exposition.content_type, ["Cache-Control"] = "no-store" }, page end
  self._options.log:error("metrics are not told", { error = message })
  return 503, PLAIN, "the database does not answer: the service's log says why\n"
end

local function asks(method)
  return method == "GET" or method == "HEAD"
end

--- Answers /healthz, for whoever asks; nil when it is another path.
---@param method string
---@param path string
---@return integer|nil status, table|nil headers, string|nil body
function Monitor:health(method, path)
  if path ~= "/healthz" then return nil end
  if not asks(method) then return 405, { Allow = "GET, HEAD" }, "" end
  return healthz(self)
end

--- Answers what comes to the address of --metrics.
---@param method string
---@param path string
---@return integer status, table headers, string body
function Monitor:handle(method, path)
  if path == "/metrics" and asks(method) then return metrics(self) end
  local status, headers, body = self:health(method, path)
  if status then return status, headers, body end
  return 404, PLAIN, "here are /metrics and /healthz\n"
end

return monitor

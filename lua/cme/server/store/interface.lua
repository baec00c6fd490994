-- SPDX-License-Identifier: MIT
-- What the service asks from a store, whatever keeps it: cme.server.store.sqlite and cme.server.store.etcd are drivers.
--
-- An answer without an error means that a change is kept, whatever happens next. Every function gives nil, message,
-- detail when the store failed; nil without a message is an answer. Times are unix seconds, those of `outbox` and
-- `sealed_keys` integer milliseconds.
--
-- What reads does not wait, but for `history`, `check` and `fresh`. What writes may wait in a task; `transaction`,
-- `create`, `adopt`, `apply` and `delete` each change everything or nothing. A function given to `transaction` or
-- `apply` must not wait, and must change nothing but through the store: a driver may run it again when somebody else
-- has changed what it read.

local interface = {}

---@class cme.server.store.interface
---@field add_platform fun(self, name: string): boolean|nil, string|nil, cme.detail|nil false: it was there
---@field platform_names fun(self): string[]|nil, string|nil, cme.detail|nil in the order they were added
---@field has_platform fun(self, name: string): boolean|nil, string|nil, cme.detail|nil
---@field platforms fun(self, filter: table): cme.server.store.platform[]|nil, integer|string, cme.detail|nil one page
---@field get fun(self, id: string): cme.server.project|nil, string|nil, cme.detail|nil
---@field description fun(self, id: string): string|nil, string|nil, cme.detail|nil
---@field idle fun(self, category: string): cme.server.project[]|nil, string|nil, cme.detail|nil
---@field pushed fun(self): cme.server.project[]|nil, string|nil, cme.detail|nil those that may have pushed inputs
---@field working fun(self): cme.server.project[]|nil, string|nil, cme.detail|nil those that must have an engine
---@field list fun(self, filter: cme.server.store.filter): cme.server.project[]|nil, integer|string one page
---@field count fun(self): table<string, { Idle: integer, Working: integer }>|nil, string|nil by category
---@field create fun(self, project: table): true|nil, string|nil, cme.detail|nil keeps a new, idle project
---@field adopt fun(self, project: table): true|nil, string|nil, cme.detail|nil keeps a running one that was not known
---@field apply fun(self, id: string, operation: string, change: table|function): cme.server.project|nil, any,
---  cme.detail|nil takes a project through an operation, with its history and its event; gives what it was, too
---@field delete fun(self, id: string, reason: string): true|nil, string|nil, cme.detail|nil removes an idle project
---@field history fun(self, id: string, limit: integer): cme.server.store.noted[]|nil, string|nil, cme.detail|nil
---@field has_history fun(self, id: string): boolean|nil, string|nil, cme.detail|nil
---@field transaction fun(self, fn: function, ...: any): any, string|nil, cme.detail|nil what fn returned; kept when
---  that is true
---@field tell fun(self, journal: cme.server.events.journal) has every change of a status told, in its own transaction
---@field check fun(self): true|nil, string|nil, cme.detail|nil whether the store answers
---@field fresh fun(self, seconds: number, again: number|nil): true|nil, string|nil, cme.detail|nil waits until what is
---  read has all that was committed before, by whomever; again: how long at the most where the last one was in vain
---@field age fun(self): number|nil seconds for which what is read may have been out of date
---@field wipe fun(self): true|nil, string|nil, cme.detail|nil leaves nothing of what was deleted
---@field is_in_place fun(self): true|nil, string|nil, cme.detail|nil whether what was opened is still what is kept
---@field keep_ballast fun(self): boolean makes room again for the ends of runs
---@field space "disk"|"etcd" what may be full
---@field is_short fun(self): boolean whether changes may be refused for want of space
---@field export fun(self, write: function): true|nil, string|nil, cme.detail|nil gives all rows as they are at one
---  moment to write(kind, row); see cme.server.store.transfer
---@field import fun(self, read: function): true|nil, string|nil, cme.detail|nil fills an empty store with what read()
---  gives: kind and row, nil at the end, or nil, message, detail
---@field close fun(self)
---@field outbox cme.server.store.interface.outbox
---@field interruptions cme.server.store.interface.interruptions
---@field open_files cme.server.store.interface.open_files
---@field sealed_keys cme.server.store.interface.sealed_keys

---@class cme.server.store.filter
---@field platform string
---@field ids string[]|nil      none of the lists: any
---@field categories string[]|nil
---@field modes string[]|nil
---@field aspect_ratios string[]|nil
---@field status string|nil
---@field owner_type string|nil
---@field owner_id string|nil
---@field sort "created_at"|"updated_at"
---@field order "ASC"|"DESC"
---@field offset integer
---@field limit integer

---@class cme.server.store.platform
---@field name string
---@field created_at number

---@class cme.server.store.change
---@field reason string        for the history
---@field operator string|nil  who asked for it, for the event
---@field active string|nil    switch; start: where it begins, Main when absent
---@field stop_at number|false|nil set_stop_at, start; edit: as it is when absent, false for none
---@field input table|nil      edit: the whole; start: as it is when absent
---@field name string|nil      modify, as the next two: what is given
---@field owner { type: string, id: string }|nil
---@field mode string|nil
---@field stopped_at number|nil ended: when the run really ended
---@field run number|nil       failed: `started_at` of the run that is meant

---@class cme.server.store.noted one change that was noted
---@field at number          unix seconds
---@field operation string   an operation of its category's states, or "create"
---@field status string      after it; "gone": the project was deleted
---@field reason string

---@class cme.server.store.interface.outbox events that wait for webhooks
---@field add fun(self, url: string, event: cme.server.store.interface.event): any, string|nil, cme.detail|nil
---@field trim fun(self, url: string, most: integer): integer|nil, string|nil, cme.detail|nil drops the oldest past the
---  bound; how many
---@field heads fun(self, url: string): { seq: integer, project: string }[]|nil, string|nil, cme.detail|nil the oldest
---  of each project, the oldest first
---@field get fun(self, seq: integer): cme.server.store.interface.event|nil, string|nil, cme.detail|nil
---@field remove fun(self, seq: integer): any, string|nil, cme.detail|nil
---@field expire fun(self, before: integer): { url: string, count: integer }[]|nil, string|nil, cme.detail|nil what went
---@field depth fun(self): { url: string, count: integer, oldest: integer }[]|nil, string|nil, cme.detail|nil

---@class cme.server.store.interface.event
---@field project string
---@field id string
---@field body string
---@field created_at integer ms

---@class cme.server.store.interface.interruptions what is interrupted, and was told
---@field of fun(self, project: string): table<string, true>|nil, string|nil, cme.detail|nil
---@field add fun(self, project: string, part: string): any, string|nil, cme.detail|nil
---@field remove fun(self, project: string, part: string): any, string|nil, cme.detail|nil
---@field forget fun(self, project: string): any, string|nil, cme.detail|nil

---@class cme.server.store.interface.open_files files that recordings are being written to
---@field add fun(self, project: string, file: string, node: string|nil): any, string|nil, cme.detail|nil again has no
---  effect; node: of a fleet, that writes it
---@field remove fun(self, project: string, file: string): any, string|nil, cme.detail|nil
---@field all fun(self): { project: string, file: string, node: string|nil }[]|nil, string|nil, cme.detail|nil

---@class cme.server.store.interface.sealed_key
---@field secret_id string
---@field name string
---@field sealed string
---@field token_sha256 string|nil
---@field platforms string|nil separated by spaces
---@field created_at integer ms
---@field expires_at integer|nil ms

---@class cme.server.store.interface.sealed_keys keys that were added by command
---@field count fun(self): integer|nil, string|nil, cme.detail|nil
---@field add fun(self, row: cme.server.store.interface.sealed_key): any, string|nil, cme.detail|nil
---@field expire fun(self, before: integer): any, string|nil, cme.detail|nil in as many transactions as it takes
---@field all fun(self): cme.server.store.interface.sealed_key[]|nil, string|nil, cme.detail|nil oldest first
---@field find fun(self, secret_id: string): cme.server.store.interface.sealed_key|false|nil, string|nil, cme.detail|nil
---@field remove fun(self, secret_id: string): integer|nil, string|nil, cme.detail|nil how many there were

--- The functions of a store, and of its parts.
interface.STORE = { "add_platform", "platform_names", "has_platform", "platforms", "get", "description", "idle",
  "pushed", "working", "list", "count", "create", "adopt", "apply", "delete", "history", "has_history", "transaction",
  "tell", "check", "fresh", "age", "wipe", "is_in_place", "keep_ballast", "is_short", "export",
  "import", "close" }
interface.PARTS = {
  outbox = { "add", "trim", "heads", "get", "remove", "expire", "depth" },
  interruptions = { "of", "add", "remove", "forget" },
  open_files = { "add", "remove", "all" },
  sealed_keys = { "count", "add", "expire", "all", "find", "remove" },
}

local function lacking(one, names, prefix, out)
  for _, name in ipairs(names) do
    if type((one or {})[name]) ~= "function" then out[#out + 1] = prefix .. name end
  end
end

--- What a driver lacks.
---@param store table
---@return string[] names "apply", "outbox.add"
function interface.lacking(store)
  local out = {}
  lacking(store, interface.STORE, "", out)
  for part, names in pairs(interface.PARTS) do lacking(store[part], names, part .. ".", out) end
  table.sort(out)
  return out
end

return interface

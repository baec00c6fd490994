-- SPDX-License-Identifier: MIT
-- The categories of projects that this service runs, each a table with the same members, found by a record's
-- `category`. What is common to all projects is in project.lua.

---@class cme.server.Category
---@field check fun(context: cme.server.Context, input: table): table?, string?, string? checks the member of
---  CreateProject that describes a project and completes it for the store; nil, code, message
---@field copy fun(context: cme.server.Context, input: table): table?, string?, string? the same of what a project
---  has, for a copy of it
---@field push_addresses fun(context: cme.server.Context, input: table): table[] RtmpPushInputInfoSet of CreateProject
---@field active fun(context: cme.server.Context, record: cme.server.Project): string which input is on air
---@field info fun(context: cme.server.Context, record: cme.server.Project): table the category's member of ProjectInfo
---@field spec fun(context: cme.server.Context, record: cme.server.Project): table?, string? the state that an engine is
---  to have, or why there can be none
---@field over (fun(context: cme.server.Context, record: cme.server.Project, slack: number): string?)? why the run of a
---  Working project is over; its planned end alone when absent
---@field ended (fun(context: cme.server.Context, record: cme.server.Project))? after a run has ended by itself
---@field created (fun(context: cme.server.Context, id: string))?
---@field deleted (fun(context: cme.server.Context, id: string))?
---@field playout_spec (fun(context: cme.server.Context, record: cme.server.Project): table)? what its playout plays
---@field switch_output (fun(context: cme.server.Context, call: cme.server.Call, record: cme.server.Project): table?,
---  string?, string?)? SwitchProjectOutput; absent: the category has operations for it
---@field handle fun(context: cme.server.Context, call: cme.server.Call, record: cme.server.Project): table?, string?,
---  string? the category's Handle...Project action, of a record of the category

---@type table<string, cme.server.Category>
return {
  STREAM_CONNECT = require "cme.server.categories.stream_connect",
  MEDIA_CAST = require "cme.server.categories.media_cast",
}

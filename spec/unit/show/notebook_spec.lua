-- SPDX-License-Identifier: MIT
local json = require "cme.json"
local notebook = require "cme.show.notebook"

-- A disk that is a table of texts. `fails` names what does not work.
local function disk(files, fails)
  fails = fails or {}
  local function refused(path) return nil, path .. ": No space left on device", 28 end
  return {
    open = function(path, mode)
      if fails.open then return nil, path .. ": Permission denied", 13 end
      if mode == "rb" then
        if not files[path] then return nil, path .. ": No such file or directory", 2 end
        return { read = function() return files[path] end, close = function() return true end }
      end
      files[path] = ""
      return {
        write = function(self, ...)
          if fails.write then return refused(path) end
          files[path] = files[path] .. table.concat { ... }
          return self
        end,
        close = function()
          if fails.close then return refused(path) end
          return true
        end,
      }
    end,
    rename = function(from, to)
      if fails.rename then return nil, from .. ": Read-only file system" end
      files[from], files[to] = nil, files[from]
      return true
    end,
    remove = function(path) files[path] = nil end,
  }
end

local MEMORY = { project = "n", stop_at = 7.5, policy = {}, open = {}, tally = { outputs = json.array {} },
  untold = json.array {} }

describe("cme.show.notebook", function()
  it("reads what it wrote", function()
    local files = {}
    assert.is_true(notebook.save("m", MEMORY, disk(files)))
    assert.same(MEMORY, notebook.load("m", disk(files)))
    assert.is_nil(files["m.new"])
    assert.truthy(files.m:find('"untold":[]', 1, true))
  end)

  it("has nothing at first, which is no fault", function()
    assert.same({ n = 1 }, table.pack(notebook.load("m", disk {})))
  end)

  it("does not take something else for a memory", function()
    for _, text in ipairs { "", "{", "[]", "5", '{"stop_at":1}', '{"stop_at":"1","policy":{},"open":{},"tally":{}}' } do
      local memory, message = notebook.load("m", disk { m = text })
      assert.is_nil(memory)
      assert.matches("^memory 'm': ", message)
    end
    assert.same("memory 'm': Permission denied", select(2, notebook.load("m", disk({}, { open = true }))))
  end)

  it("keeps the one before when the disk is full", function()
    for _, fault in ipairs { "write", "close", "rename" } do
      local files = { m = "before" }
      local ok, message = notebook.save("m", MEMORY, disk(files, { [fault] = true }))
      assert.is_nil(ok)
      assert.matches("^memory 'm': [NR]", message)
      assert.same({ m = "before" }, files)
    end
    assert.same("memory 'm.new': Permission denied", select(2, notebook.save("m", MEMORY, disk({}, { open = true }))))
  end)
end)

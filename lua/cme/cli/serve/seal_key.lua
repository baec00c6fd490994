-- SPDX-License-Identifier: MIT
-- `cme serve seal-key`: makes the file with the key that seals what a service keeps in etcd.

local codes = require "cme.codes"

local seal_key = {}

local HEAD = "# Seals the state of cme serve in etcd. Whoever has it can read the stream keys there; nobody else can.\n"
  .. "# The first key seals, each opens: to change it, put a new one above it, and keep the old one.\n"

---@param serve table argparse's command `cme serve`
function seal_key.add_to_parser(serve)
  serve:command("seal-key", "Make the key file for --seal-key."):target "seal_key_verb"
    :argument("seal_key_file", "The file to make; one that is there stays as it is."):args(1)
end

--- The text of a key file with a new key.
---@return string
function seal_key.text()
  return HEAD .. require "cme.sign".random_hex(32) .. "\n"
end

---@param args table
---@param context cme.cli.context
---@return integer exit_code
function seal_key.run(args, context)
  local files, path = require "cme.system.files", args.seal_key_file
  if files.exists(path) then
    return context:fail(select(2, codes.within("in.seal_key", { path = path },
      select(2, codes.fail "server.seal_key:there"))))
  end
  local ok, message, detail = files.write_atomically(path, seal_key.text())
  if not ok then return context:fail(message, detail) end
  return context:done({ seal_key = path }, path)
end

return seal_key

-- SPDX-License-Identifier: MIT
-- Keys and platforms that are managed by command, beside a service that runs and without one.

local api = require "spec.support.api"
local cme = require "cme"
local db = require "cme.server.store.db"
local files = require "spec.support.files"
local ini = require "cme.text.ini"
local json = require "cme.json"
local proc = require "spec.support.proc"
local service = require "spec.support.programs.service"
local uv = require "luv"

local function command(state, ...)
  return proc.run { "bin/cme", "serve", "--state", state, ... }
end

local function must(state, ...)
  local code, out, err = command(state, ...)
  assert.are.equal(0, code, err)
  return out
end

-- A new key, as options of spec.support.api.
local function add(state, ...)
  local key = assert(json.decode(must(state, "keys", "add", "--json", ...)))
  return { secret_id = key.secret_id, secret = key.secret_key, token = key.token }, key
end

local function permissions(path)
  return ("%o"):format(assert(uv.fs_stat(path)).mode & 511)
end

describe("cme serve keys", function()
  local serve, state

  setup(function()
    serve = service.start()
    state = serve.state
  end)

  teardown(function()
    serve:stop()
    proc.cleanup()
  end)

  local function refusal(options, platform)
    local response = api.call(serve, "DescribeProjects", { Platform = platform }, options)
    return response.Error and response.Error.Code, response.Error and response.Error.Message
  end

  it("adds and revokes under a service that runs: the next request knows", function()
    local key = add(state)
    assert.is_nil(key.token)
    assert.is_nil((refusal(key)))
    assert.is_nil((refusal(key)), "and again, from what was kept")
    assert.are.equal("AuthFailure.TokenFailure",
      (refusal { secret_id = key.secret_id, secret = key.secret, token = "t" }))
    must(state, "keys", "revoke", key.secret_id)
    assert.are.equal("AuthFailure.SecretIdNotFound", (refusal(key)))
    local code, _, err = command(state, "keys", "revoke", key.secret_id)
    assert.are.equal(5, code)
    assert.matches("unknown id", err)
    assert.is_nil((refusal()), "the development key goes on")
  end)

  it("prints a section that a client's credentials file can hold", function()
    local path = proc.folder() .. "/credentials"
    local file = assert(io.open(path, "w"))
    file:write(must(state, "keys", "add", "--name", "night", "--expires", "1h"))
    file:close()
    assert.is_string(ini.read(files.read(path), "night").token)
    local client = cme.client { endpoint = serve.url, platform = "test",
      credential = require "cme.credentials".file { path = path, profile = "night" } }
    assert.are.equal(0, assert(client:call("DescribeProjects", {})).TotalCount)
  end)

  it("makes temporary keys whose token is needed, until they expire", function()
    local key = add(state, "--expires", "1h")
    assert.is_nil((refusal(key)))
    for _, token in ipairs { false, "another", key.token .. "0" } do
      local code = refusal { secret_id = key.secret_id, secret = key.secret, token = token or nil }
      assert.are.equal("AuthFailure.TokenFailure", code)
    end
    key = add(state, "--expires", "1s")
    proc.eventually("its end", 10, function()
      local code, message = refusal(key)
      return code == "AuthFailure.TokenFailure" and message:match "^the key expired at "
    end)
    -- A day later nobody remembers it.
    local conn = assert(db.open(state .. "/cme.db"))
    assert(conn:exec("UPDATE keys SET expires_at = expires_at - 86400000 - 1000 WHERE secret_id = ?", key.secret_id))
    conn:close()
    add(state)
    assert.are.equal("AuthFailure.SecretIdNotFound", (refusal(key)))
  end)

  it("binds keys to platforms, which are added by command too", function()
    assert.matches("unknown platform 'late': run cme serve platforms add late",
      select(3, command(state, "keys", "add", "--platform", "late")))
    must(state, "platforms", "add", "late")
    must(state, "platforms", "add", "late")
    must(state, "platforms", "add", "other")
    assert.are.equal("test\nlate\nother\n", must(state, "platforms", "list"))
    local key = add(state, "--platform", "late", "--platform", "other")
    assert.is_nil((refusal(key, "late")))
    assert.is_nil((refusal(key, "other")))
    local code, message = refusal(key, "test")
    assert.are.equal("UnauthorizedOperation", code)
    assert.matches("for other platforms only %(late, other%)", message)
  end)

  it("lists keys without their secrets", function()
    local key, whole = add(state, "--name", "listed", "--expires", "2h")
    local text, list = must(state, "keys", "list"), must(state, "keys", "list", "--json")
    for _, out in ipairs { text, list } do
      assert.is_truthy(out:find(key.secret_id, 1, true))
      assert.is_truthy(out:find(serve.secret_id, 1, true))
      assert.is_truthy(out:find(whole.expires_at, 1, true))
      for _, secret in ipairs { key.secret, key.token, serve.secret_key } do
        assert.is_nil(out:find(secret, 1, true))
      end
    end
    assert.matches("^SECRET_ID +NAME +PLATFORMS +CREATED +EXPIRES\n", text)
  end)

  it("keeps secrets out of the database, the log and the arguments", function()
    local key = add(state, "--expires", "1h")
    assert.is_nil((refusal(key)))
    for _, name in ipairs { "cme.db", "cme.db-wal", "master.key" } do
      assert.are.equal("600", permissions(state .. "/" .. name))
      local text = files.read(state .. "/" .. name)
      assert.is_nil(text:find(key.secret, 1, true), name)
      assert.is_nil(text:find(key.token, 1, true), name)
    end
    local master = files.read(state .. "/master.key"):match "%x+"
    for _, text in ipairs(serve:said()) do
      for _, secret in ipairs { key.secret, key.token, master } do
        assert.is_nil(text:find(secret, 1, true))
      end
    end
    must(state, "keys", "revoke", key.secret_id)
    for _, name in ipairs { "cme.db", "cme.db-wal" } do
      assert.is_nil(files.read(state .. "/" .. name):find(key.secret_id, 1, true), "nothing stays of a revoked key")
    end
  end)

  it("does not sign anything with a key whose master key is another or gone, and says so in the log", function()
    local own = service.start()
    local key = add(own.state)
    own:crash()
    assert(uv.fs_rename(own.state .. "/master.key", own.state .. "/kept"))
    own:up()
    local function try()
      local response = api.call(own, "DescribeProjects", {}, key)
      return response.Error and response.Error.Code
    end
    assert.are.equal("InternalError", try())
    own.proc:expect "master.key': no such file"
    local code, _, err = command(own.state, "keys", "add")
    assert.are.equal(1, code)
    assert.matches("it is missing, though keys were sealed with it: put it back", err)
    local file = assert(io.open(own.state .. "/master.key", "w"))
    file:write(("0"):rep(64))
    file:close()
    assert(uv.fs_chmod(own.state .. "/master.key", 420)) -- 0644
    assert.are.equal("InternalError", try())
    own.proc:expect "other users may read it %(mode 0644%): run chmod 600 on it"
    assert(uv.fs_chmod(own.state .. "/master.key", 384)) -- 0600
    assert.are.equal("InternalError", try())
    own.proc:expect "put the right master.key back, or revoke the key"
    own:crash()
    assert(uv.fs_rename(own.state .. "/kept", own.state .. "/master.key"))
    own:up()
    assert.is_nil(try())
    own:stop()
  end)

  it("works on a folder that no service has used yet, two commands at once, whatever the umask", function()
    local folder = proc.folder() .. "/new"
    local children = {}
    for i = 1, 6 do
      children[i] = proc.spawn { "sh", "-c",
        ("umask 0 && exec bin/cme serve --state '%s' keys add --json"):format(folder) }
    end
    local keys = {}
    for i, child in ipairs(children) do
      assert.are.equal(0, (child:wait()), child.err)
      keys[i] = assert(json.decode(child.out))
    end
    assert.are.equal("700", permissions(folder))
    assert.are.equal("600", permissions(folder .. "/cme.db"))
    assert.are.equal("600", permissions(folder .. "/master.key"))
    local own = service.start { state = folder }
    for _, key in ipairs(keys) do
      local response = api.call(own, "DescribeProjects", {}, { secret_id = key.secret_id, secret = key.secret_key })
      assert.are.equal(0, response.TotalCount)
    end
    own:stop()
  end)

  it("leaves the folder of another user alone", function()
    if uv.getuid() ~= 0 then
      pending "only root has anybody else's folder"
      return
    end
    local folder = proc.folder()
    assert(uv.fs_chown(folder, 12345, 12345))
    local code, _, err = command(folder, "keys", "add")
    assert.are.equal(1, code)
    assert.matches("it belongs to user #12345: run this as that user %(sudo %-u '#12345'%)", err)
    assert.is_nil(uv.fs_stat(folder .. "/cme.db"))
    assert.is_nil(uv.fs_stat(folder .. "/master.key"))
  end)

  it("keeps no key whose secret could not be shown", function()
    local folder = proc.folder()
    local code, _, err = proc.run { "sh", "-c", "exec bin/cme serve --state '" .. folder .. "' keys add > /dev/full" }
    assert.are.equal(1, code)
    assert.matches("stdout: No space left", err)
    assert.are.equal("[]\n", must(folder, "keys", "list", "--json"))
  end)

  it("tells a state folder that is not there from an empty one, and makes none", function()
    local folder = proc.folder() .. "/nope"
    for _, args in ipairs { { "keys", "list" }, { "keys", "revoke", "AKID1" }, { "platforms", "list" } } do
      local code, out, err = command(folder, table.unpack(args))
      assert.are.same({ 1, "" }, { code, out })
      assert.truthy(err:find("state folder '" .. folder .. "': no service has used it", 1, true), err)
      assert.is_nil(uv.fs_stat(folder))
    end
  end)

  it("says what is wrong with a command line", function()
    for _, args in ipairs { { "keys" }, { "keys", "add", "--expires", "2w" }, { "keys", "add", "--name", "a b" },
      { "keys", "add", "--platform", "a b" }, { "platforms", "add", "a b" }, { "keys", "revoke" },
      { "keys", "nope" } } do
      assert.are.equal(2, (command(state, table.unpack(args))))
    end
    local code, _, err = command(state, "keys", "revoke", serve.secret_id)
    assert.are.equal(1, code)
    assert.matches("this is the development key: to replace it, delete '.*/credentials' and restart", err)
  end)
end)

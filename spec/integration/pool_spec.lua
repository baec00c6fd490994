-- SPDX-License-Identifier: MIT
-- tools/pool.lua and tools/test.sh: files run side by side, none is lost, and none leaves anything behind.

local uv = require "luv"

local pool = require "tools.pool"
local proc = require "spec.support.proc"

describe("tools/pool.lua", function()
  after_each(function() proc.cleanup() end)

  local function sh(name, script, more)
    local job = { name = name, argv = { "sh", "-c", script } }
    for field, value in pairs(more or {}) do job[field] = value end
    return job
  end

  -- Runs jobs; returns what each said by its name, the names in the order in which they ended, both counts, and what
  -- each took.
  local function run(jobs, width, grace)
    local said, order, took = {}, {}, {}
    local passed, failed = pool.run(jobs, { width = width or 4, folder = proc.folder(), grace = grace,
      ended = function(job, text, one)
        said[job.name], order[#order + 1], took[job.name] = text, job.name, one
      end })
    return said, table.concat(order, " "), passed, failed, took
  end

  -- Runs one that does not end until it has said `ok`: with a longer deadline when this machine stood still meanwhile.
  local function run_late(script)
    for _, deadline in ipairs { 3, 30 } do
      local said, _, passed, failed = run { sh("late", script, { deadline = deadline }) }
      if passed == 1 then return said.late, failed, deadline end
    end
    error "it has not said ok within 30 s"
  end

  it("counts results; one that dies, fails in silence or proves nothing has failed once", function()
    local said, _, passed, failed = run {
      sh("good", "echo 1..2; echo ok 1 - a; echo ok 2 - b"),
      sh("bad", "echo ok 1 - a; echo not ok 2 - b; exit 1"),
      sh("silent", "true"),
      sh("fails", "echo ok 1 - a; exit 3"),
      sh("dies", "echo ok 1 - a; kill -KILL $$"),
      { name = "absent", argv = { "/nonexistent/program" } },
    }
    assert.same({ 5, 5 }, { passed, failed })
    assert.matches("ok 1 %- a\nnot ok 2 %- b\n# FAILED: bad %(exit code 1%)\n$", said.bad)
    assert.matches("# FAILED: silent %(exit code 0%)", said.silent)
    assert.matches("# FAILED: dies %(exit code 137%)", said.dies)
    assert.is_nil(said.good:find("FAILED", 1, true))
  end)

  it("runs so many at a time, the long ones first", function()
    local dir = proc.folder()
    local function meets(mine, other)
      return sh(mine, ("touch %s/%s; until [ -e %s/%s ]; do sleep 0.02; done; echo ok 1"):format(dir, mine, dir, other))
    end
    local _, _, passed, failed = run({ meets("a", "b"), meets("b", "a") }, 2)
    assert.same({ 2, 0 }, { passed, failed })
    local _, order = run({ sh("x", "echo ok 1"), sh("y", "echo ok 1", { seconds = 9 }), sh("z", "echo ok 1") }, 1)
    assert.equal("y x z", order)
  end)

  it("ends one that does not end, with all that it started", function()
    local said, failed, deadline = run_late "setsid sleep 1001 & echo ok 1 - a; sleep 1002"
    assert.equal(1, failed)
    assert.matches(("not ok %%- late ends within %d s\n"):format(deadline), said)
    assert.is_nil(said:find("left:", 1, true))
  end)

  it("ends what has left nothing by which it could be known", function()
    local pid_file = proc.folder() .. "/pid"
    local daemon = ("env -i /usr/bin/setsid --fork /bin/sh -c 'cd /; echo $$ >%s; exec sleep 1006'"):format(pid_file)
    local wait = ("until [ -s %s ]; do sleep 0.02; done"):format(pid_file)
    assert.equal(1, (select(2, run_late(("%s; %s; echo ok 1 - a; exec sleep 1007"):format(daemon, wait)))))
    local file = assert(io.open(pid_file))
    local pid = file:read "n"
    file:close()
    assert.is_nil((uv.kill(pid, 0)))
  end)

  it("fails one that leaves something running, and ends that", function()
    local pid_file = proc.folder() .. "/pid"
    local script = "exec 2>/dev/null; echo ok 1 - a; setsid sh -c 'echo $$ >%s; exec sleep 1003' & "
      .. "until tr '\\0' ' ' </proc/$(cat %s)/cmdline | grep -q ^sleep; do sleep 0.02; done"
    local said, _, passed, failed = run({ sh("litter", script:format(pid_file, pid_file)) }, nil, 0.2)
    assert.same({ 1, 1 }, { passed, failed })
    assert.matches("not ok %- litter leaves nothing running\n# left: sleep 1003 \n", said.litter)
    local file = assert(io.open(pid_file))
    local pid = file:read "n"
    file:close()
    proc.eventually("the process to end", 20, function() return uv.kill(pid, 0) ~= 0 end)
  end)

  it("tells the processor time of all that stems from one, of what outlives it too", function()
    local burn = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"
    local left = ("echo ok 1 - a; setsid --fork sh -c '%s'"):format(burn)
    local _, _, passed, _, took = run { sh("burns", burn .. "; echo ok 1 - a"), sh("leaves", left),
      sh("waits", "sleep 0.5; echo ok 1 - a"), { name = "absent", argv = { "/nonexistent/program" } } }
    assert.equal(3, passed)
    local function processor(name) return took[name].user + took[name].kernel end
    for _, name in ipairs { "burns", "leaves" } do assert.is_true(processor(name) > 0.02, name .. processor(name)) end
    assert.is_true(processor "waits" < processor "burns" and took.waits.seconds >= 0.5)
    assert.is_true(processor "absent" < processor "burns")
  end)

  it("gives each a folder for temporary files, which two never share", function()
    local said = run { sh("a", "echo ok - $TMPDIR"), sh("b", "echo ok - $TMPDIR") }
    assert.not_equal(said.a, said.b)
  end)
end)

describe("tools/test.sh", function()
  after_each(function() proc.cleanup() end)

  it("refuses what it does not know", function()
    for name, jobs in pairs { nothing = "1", unit = "0" } do
      local code, out, err = proc.run({ "tools/test.sh", name }, { env = { CME_JOBS = jobs } })
      assert.same({ 2, "" }, { code, out })
      assert.matches("^tools/test.sh: [^\n]+\n$", err)
    end
  end)

  it("runs a file, and ends with what was counted", function()
    local code, out = proc.run { "tools/test.sh", "spec/unit/version_spec.lua" }
    assert.equal(0, code, out)
    assert.matches("^# spec/unit/version_spec.lua %(%d+ s, %d+%.%d s of processor%)\n", out)
    assert.matches("\n%d+ passed, 0 failed\n$", out)
  end)

  it("says at the end once more what failed, and why", function()
    local path = proc.folder() .. "/broken_spec.lua"
    local file = assert(io.open(path, "w"))
    file:write [[it("is fine", function() end) it("adds", function() assert.equal(3, 4) end)]]
    file:close()
    local code, out = proc.run { "tools/test.sh", path }
    assert.equal(1, code)
    local last = out:match "\n# What failed:\n(.*)$"
    assert.matches("^#   not ok %d %- adds\n", last)
    assert.matches("Expected objects to be equal", last)
    assert.matches("\n#   FAILED: [^\n]*broken_spec.lua %(exit code 1%)\n%d passed, 1 failed\n$", last)
  end)

  for signal, number in pairs { sigint = 2, sigterm = 15 } do
    it("ends what it started when it gets " .. signal, function()
      local dir = proc.folder()
      local file = assert(io.open(dir .. "/long_spec.lua", "w"))
      file:write(([[
        it("is long", function()
          local proc = require "spec.support.proc"
          proc.spawn({ "sh", "-c", "echo $$ >%s/one; exec sleep 1004" }, { survives = true })
          os.execute "(setsid sh -c 'echo $$ >%s/two; exec sleep 1005' &)"
          proc.elapse(1000)
        end)]]):format(dir, dir))
      file:close()
      local runner = proc.spawn { "tools/test.sh", dir .. "/long_spec.lua" }
      local pids = {}
      for i, name in ipairs { "one", "two" } do
        pids[i] = proc.eventually("process " .. name, 20, function()
          local found = io.open(dir .. "/" .. name)
          local pid = found and found:read "n"
          if found then found:close() end
          return pid
        end)
      end
      runner:kill(signal)
      assert.same({ 128 + number, 0 }, { runner:wait() })
      assert.matches("# ended by " .. signal, runner.out)
      for _, pid in ipairs(pids) do
        proc.eventually("its processes to end", 20, function() return uv.kill(pid, 0) ~= 0 end)
      end
    end)
  end
end)

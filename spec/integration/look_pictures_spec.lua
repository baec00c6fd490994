-- SPDX-License-Identifier: MIT
-- `cme look --pictures`: JPEGs of what viewers see.

local broadcasts = require "spec.support.programs.broadcasts"
local exit = require "cme.cli.exit"
local files = require "spec.support.files"
local looking = require "spec.support.programs.looking"
local proc = require "spec.support.proc"

describe("cme look --pictures", function()
  local BYTES = 100 * 1024
  local folder

  setup(function()
    folder = proc.folder()
  end)

  teardown(function()
    proc.cleanup()
  end)

  local function ok(argv)
    local code, out, err = proc.run(argv, { timeout = 60 })
    assert.equal(0, code, err)
    return out
  end

  -- Its size, and the colour of its middle.
  local function seen_in(path)
    local bytes = files.read(path)
    assert.equal("\xff\xd8", bytes:sub(1, 2))
    assert.is_true(#bytes <= BYTES)
    local pixel = ok { "ffmpeg", "-v", "error", "-i", path, "-vf", "crop=2:2", "-frames:v", "1", "-f", "rawvideo",
      "-pix_fmt", "rgb24", "-" }
    local size = ok { "ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path }
    return size:gsub("%s+$", ""), pixel:byte(1, 3)
  end

  local function one_of(all, kind, state)
    for _, line in ipairs(all) do
      if line.kind == kind and (not state or line.state == state) then return line end
    end
  end

  it("shows what viewers see when something is wrong, and at each look", function()
    local path = looking.film(folder, "green", broadcasts.BROKEN.green, 60)
    local pictures = proc.folder()
    local last, all = looking.look_until("a green picture", function(_, so_far)
      return one_of(so_far, "change", "flat") and one_of(so_far, "look")
    end, "--every", "2s", "--pictures", pictures, path)
    assert.equal(pictures .. "/0-flat.jpg", one_of(all, "change", "flat").picture)
    assert.equal(pictures .. "/0.jpg", one_of(all, "look").picture)
    assert.equal(pictures .. "/0.jpg", last[1].picture)
    for _, name in ipairs { "/0-flat.jpg", "/0.jpg" } do
      local size, red, green, blue = seen_in(pictures .. name)
      assert.equal("320,180", size)
      assert.is_true(green > 100 and red < 40 and blue < 40, ("%d %d %d"):format(red, green, blue))
      assert.equal("600\n", ok { "stat", "-c", "%a", pictures .. name })
    end
    assert.equal("0-flat.jpg\n0.jpg\n", ok { "ls", pictures })
  end)

  it("never writes through a link, and names no picture that there is not", function()
    local path = looking.film(folder, "film", broadcasts.GOOD.film)
    local pictures, victim = proc.folder(), folder .. "/victim"
    assert(io.open(victim, "w")):close()
    ok { "ln", "-s", victim, pictures .. "/0.jpg.part" }
    local code, last = looking.look("--for", "3s", "--pictures", pictures, path, folder .. "/nobody.flv")
    assert.equal(exit.PARTLY, code)
    assert.equal("", (files.read(victim)))
    assert.are.same({ require "cjson".null, require "cjson".null }, { last[1].picture, last[2].picture })
  end)

  it("refuses a folder that it cannot write into", function()
    local code, _, err = proc.run(looking.command("look", "--pictures", folder .. "/none", folder .. "/film.flv"),
      { env = looking.ENV })
    assert.equal(exit.USAGE, code)
    assert.equal(("cme look: pictures: cannot write into '%s/none' (No such file or directory)\n"):format(folder), err)
  end)

  it("leaves nothing behind", function()
    assert.are.same({}, proc.cleanup())
  end)
end)

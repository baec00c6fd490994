-- SPDX-License-Identifier: MIT
-- Which node takes a project: every node works out the same.

local placement = require "cme.server.fleet.placement"

local function node(name, running, more)
  local value = { name = name, capacity = 10, running = running }
  for key, given in pairs(more or {}) do value[key] = given end
  return value
end

local function names(list)
  local out = {}
  for i, one in ipairs(list) do out[i] = one.name end
  return table.concat(out, " ")
end

describe("cme.server.fleet.placement", function()
  it("asks for a label that is named after the category, where a node has it", function()
    local plain, media = { { name = "a" } }, { { name = "a" }, { name = "b", labels = { media_cast = "yes" } } }
    assert.are.same({ id = "p" }, placement.wanted("p", "MEDIA_CAST", plain))
    assert.are.same({ id = "p" }, placement.wanted("p", "STREAM_CONNECT", media))
    assert.are.same({ id = "p", needs = { media_cast = "yes" } }, placement.wanted("p", "MEDIA_CAST", media))
  end)

  it("puts those with more of their room free first", function()
    local nodes = { node("a", 5), node("b", 1), node("c", 30, { capacity = 100 }) }
    assert.are.equal("b c a", names(placement.order(nodes, { id = "gala" })))
  end)

  it("leaves out those that drain, are full or lack a label, and says why", function()
    local nodes = { node("a", 10), node("b", 0, { draining = true }), node("c", 9, { labels = { media = "yes" } }),
      node("d", 0), node("e", 0, { capacity = 0 }) }
    local wanted = { id = "gala", needs = { media = "yes" } }
    assert.are.equal("c", names(placement.order(nodes, wanted)))
    local why = {}
    for i, one in ipairs(nodes) do why[i] = placement.hindrance(one, wanted) or "none" end
    assert.are.same({ "full", "draining", "none", "labels", "full" }, why)
  end)

  it("shares projects that come at once among equals, in the same way for whoever asks", function()
    local nodes, turned = { node("a", 0), node("b", 0), node("c", 0) }, { node("c", 0), node("b", 0), node("a", 0) }
    local first = {}
    for i = 1, 60 do
      local wanted = { id = "project-" .. i }
      local order = placement.order(nodes, wanted)
      assert.are.equal(names(order), names(placement.order(turned, wanted)))
      first[order[1].name] = (first[order[1].name] or 0) + 1
    end
    for _, name in ipairs { "a", "b", "c" } do assert.is_true(first[name] >= 10, name .. " " .. first[name]) end
  end)

  it("lets each node come a step after the one before it", function()
    local nodes = { node("a", 5), node("b", 1), node("c", 10) }
    assert.are.same({ 1, 0 }, { placement.turn(nodes, { id = "x" }, "a"), placement.turn(nodes, { id = "x" }, "b") })
    assert.is_nil(placement.turn(nodes, { id = "x" }, "c"))
    assert.is_nil(placement.turn(nodes, { id = "x" }, "unknown"))
  end)

  it("puts the node first that stands by, if it is fit", function()
    local nodes = { node("a", 1), node("b", 8, { standing = 1 }) }
    assert.are.equal("b a", names(placement.order(nodes, { id = "gala", stands = "b" })))
    nodes[2].running = 10
    assert.are.equal("a", names(placement.order(nodes, { id = "gala", stands = "b" })))
    nodes[2].running, nodes[2].draining = 8, true
    assert.are.equal("a", names(placement.order(nodes, { id = "gala", stands = "b" })))
  end)

  it("counts a standby as half a project, and leaves its room to projects", function()
    local nodes = { node("a", 4), node("b", 1, { standing = 5 }), node("c", 3, { standing = 4 }) }
    assert.are.equal("b a c", names(placement.order(nodes, { id = "gala" })))
    local full = node("d", 8, { standing = 4 })
    assert.is_nil(placement.hindrance(full, { id = "gala" }))
    assert.are.equal("full", placement.hindrance(full, { id = "gala", runs = "a" }))
    assert.is_nil(placement.hindrance(node("d", 8, { standing = 3 }), { id = "gala", runs = "a" }))
    local over = {}
    for i, one in ipairs { node("a", 3), full, node("e", 9, { standing = 5 }), node("f", 12, { standing = 2 }) } do
      over[i] = placement.excess(one)
    end
    assert.are.same({ 0, 0, 3, 2 }, over)
  end)

  it("has nobody stand by for what it runs itself", function()
    local nodes = { node("a", 0), node("b", 9) }
    assert.are.equal("b", names(placement.order(nodes, { id = "gala", runs = "a" })))
    assert.are.equal("runs", placement.hindrance(nodes[1], { id = "gala", runs = "a" }))
  end)

  -- What each of two nodes takes at once of what a third had, and what it leaves to the other.
  local function shares(plans, projects)
    local out = {}
    for own, plan in pairs(plans) do
      local nodes, taken = { node("a", 3), node("b", 2) }, {}
      plan:open(nodes, projects)
      for _, project in ipairs(projects) do
        taken[#taken + 1] = plan:turn(nodes, { id = project }) == 0 and project or nil
      end
      out[own] = table.concat(taken, " ")
    end
    return out
  end

  it("shares what nodes see free at once, and leaves to each what is its own while that is not there yet", function()
    local projects = { "p1", "p2", "p3", "p4", "p5", "p6", "p7" }
    for _, project in ipairs(projects) do projects[project] = true end
    local plans = { a = placement.plan "a", b = placement.plan "b" }
    local first = shares(plans, projects)
    local count = 0
    for _ in (first.a .. " " .. first.b):gmatch "p%d" do count = count + 1 end
    assert.are.equal(7, count)
    assert.is_true(#first.b > #first.a)
    assert.are.same(first, shares(plans, projects))
  end)

  it("hands over no more than the others have room for, until they have it", function()
    local moves = placement.moves "a"
    local function going(nodes, projects, target)
      local out = {}
      for _, project in ipairs(projects) do
        out[#out + 1] = moves:can_go(nodes, { id = project }, target) and project or nil
      end
      return out
    end
    local function nodes() return { node("a", 10, { draining = true }), node("b", 9), node("c", 9) } end
    local projects, on_the_way = { "p1", "p2", "p3" }, { p1 = true, p2 = true }
    local function is_under_way(project) return on_the_way[project] end
    assert.are.same({ "p1", "p2" }, going(nodes(), projects))
    local later = nodes()
    moves:open(later, is_under_way)
    assert.are.same({ 10, 10 }, { later[2].running, later[3].running })
    assert.are.same({ "p1", "p2" }, going(later, projects)) -- it was not given up yet
    on_the_way.p1 = nil -- another node has it, and says so
    later = { node("a", 9), node("b", 10), node("c", 9) }
    moves:open(later, is_under_way)
    assert.are.same({}, going(later, { "p3" }))
    moves:stay(later, "p2")
    assert.are.same({ "p3" }, going(later, { "p3", "p4" }))
    later = { node("a", 9), node("b", 8) } -- the one that should take it is lost
    moves:open(later, function() return true end)
    assert.are.same({ { "p3" }, {} }, { going(later, { "p3" }, "b"), going(later, { "p4" }, "c") })
  end)

  it("plans anew what it left to a node that is lost, and what has been had since", function()
    local plan = placement.plan "a"
    local projects = { p = true }
    plan:open({}, projects)
    assert.are.equal(1, plan:turn({ node("a", 3), node("b", 2) }, { id = "p" }))
    assert.are.equal(1, plan:turn({ node("a", 0), node("b", 2) }, { id = "p" }))
    plan:open({ node("a", 3) }, projects)
    assert.are.equal(0, plan:turn({ node("a", 3) }, { id = "p" }))
    plan:forget "p"
    assert.are.equal(1, plan:turn({ node("a", 3), node("b", 2) }, { id = "p" }))
    assert.is_nil(plan:turn({ node("a", 10), node("b", 2) }, { id = "p" }))
  end)
end)

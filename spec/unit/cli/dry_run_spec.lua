-- SPDX-License-Identifier: MIT

local dry_run = require "cme.cli.dry_run"
local fake = require "spec.support.fakes.fake"

describe("cme.cli.dry_run", function()
  local transport, kept, client

  before_each(function()
    transport = fake.transport(fake.ok '"TotalCount":0,"ProjectInfoSet":[]')
    kept = dry_run.new(transport)
    client = fake.client(kept)
  end)

  it("carries what reads, by action and by operation", function()
    assert.are.equal(0, assert(client:call("DescribeProjects")).TotalCount)
    transport.answers = { fake.ok() }
    assert(client:call("HandleStreamConnectProject", { ProjectId = "p", Operation = "DescribeInputPlayInfo",
      InputEndpoint = "Main" }))
    assert.are.same({ 2, {} }, { #transport.asked, kept.calls })
  end)

  it("keeps what changes, and answers so that the caller goes on", function()
    local created = assert(client:call("CreateProject", { Name = "a", Category = "STREAM_CONNECT",
      Owner = { Type = "PERSON", Id = "me" } }))
    assert.are.equal("dry-run", created.ProjectId)
    local added = assert(client:call("HandleMediaCastProject", { ProjectId = "p", Operation = "AddSource",
      SourceInfos = { { Type = "EXTERNAL", Url = "https://h/a" }, { Type = "EXTERNAL", Url = "https://h/b" } } }))
    assert.are.equal("dry-run-2", added.SourceInfoSet[2].Id)
    assert.are.same({ 0, "CreateProject", "a", "HandleMediaCastProject" }, { #transport.asked, kept.calls[1].action,
      kept.calls[1].params.Name, kept.calls[2].action })
  end)

  it("carries what is no action of the service, such as a call for credentials", function()
    transport.answers = { fake.ok(), fake.ok() }
    assert.are.equal(200, kept:request({ method = "GET", url = "http://h/role", headers = {} }).status)
    assert.are.equal(200, kept:request({ method = "POST", url = "https://sts/", body = "{}",
      headers = { "X-TC-Action: AssumeRoleWithWebIdentity" } }).status)
    assert.are.same({ 2, {} }, { #transport.asked, kept.calls })
  end)

  it("keeps nothing that the client refuses", function()
    assert.is_nil(client:call("CreateProject", { Nmae = "a" }))
    assert.are.same({}, kept.calls)
  end)
end)

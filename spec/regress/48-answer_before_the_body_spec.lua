-- SPDX-License-Identifier: MIT
-- A client that sends its whole body before it reads anything. A server that refuses the body by its declared length
-- and closes makes the client's kernel throw the answer away.

local proc = require "spec.support.proc"
local web_loop = require "spec.support.programs.web_loop"

local BODY = 11 * 1048576 -- a little more than the cloud takes

local SEND_THEN_READ = [[
exec 3<>/dev/tcp/127.0.0.1/"$1"
printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %s\r\n\r\n' "$2" >&3
head -c "$2" /dev/zero >&3 && head -n 1 <&3
]]

describe("a body beyond max_body", function()
  local web
  teardown(function() assert.same({}, proc.cleanup()) end)
  after_each(function() web.close() end)

  for _, max_body in ipairs { 0, 1048576, 10485760 } do
    it(("of %d bytes is read to its end, so that the client gets the answer"):format(max_body), function()
      web = web_loop.serve({ max_body = max_body }, function(request)
        request:respond(request:too_large() and 413 or 200)
      end)
      local code, out, err = proc.run { "bash", "-c", SEND_THEN_READ, "bash", tostring(web.port), tostring(BODY) }
      assert.same({ 0, "HTTP/1.1 413 Content Too Large\r\n" }, { code, out }, err)
    end)
  end
end)

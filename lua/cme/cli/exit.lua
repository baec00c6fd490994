-- SPDX-License-Identifier: MIT
-- The exit codes of `cme`, and which of them a failure gives. The man page shows this table. Pure.

local codes = require "cme.codes"

local exit = { DONE = 0, OTHER = 1, USAGE = 2, REFUSED = 3, NETWORK = 4, NOT_FOUND = 5, PARTLY = 6, LOCKED = 7,
  INTERRUPTED = 130 }

---@type { [1]: integer, [2]: string }[] for people, in order
exit.MEANINGS = {
  { exit.DONE, "Success." },
  { exit.OTHER, "Failure for another reason: no credentials, a missing program, an invalid URL, an internal error." },
  { exit.USAGE, "The command line is wrong or asks for something impossible; nothing was changed." },
  { exit.REFUSED, "The service refused." },
  { exit.NETWORK, "The service could not be reached, or its answer did not arrive." },
  { exit.NOT_FOUND, "There is no such project, output, input or file." },
  { exit.PARTLY, "Partial success: the message says what was done and what was not." },
  { exit.LOCKED, "Another cme run has this show." },
  { exit.INTERRUPTED, "Interrupted by Ctrl-C; a change that was being sent may have been made." },
}

--- The exit code of a failure.
---@param detail cme.detail|nil
---@return integer
function exit.of(detail)
  if not detail then return exit.OTHER end
  if detail.pending or detail.done and detail.done[1] then return exit.PARTLY end
  return codes.exit_code(detail.code)
end

return exit

-- SPDX-License-Identifier: MIT
-- The language of the API's error messages: English as it stands in the sources, Chinese for those who ask for it with
-- X-TC-Language. cme.text.translation takes a finished message apart; one that has a part without Chinese stays English
-- as a whole.

local messages = {}

local chinese -- the translation, once it is asked for

---A message in the language that a request asks for.
---@param language string? X-TC-Language
---@param text string
---@return string
function messages.translate(language, text)
  if language ~= "zh-CN" then
    return text
  end
  if not chinese then
    local engine = require "cme.text.engine_zh"
    chinese = require "cme.text.translation".new({ require "cme.server.messages_zh", engine.texts }, engine.codes)
  end
  return chinese:whole(text) or text
end

return messages

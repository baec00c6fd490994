-- A show file for `cme run examples/show.lua`; docs/shows.md describes every member. `env` reads an environment
-- variable, so that this file need not contain stream keys; it can reach nothing else on the machine.
--
--   export SOURCE=rtmp://... BACKUP=rtmp://... OUTPUT_1=rtmp://platform/app/key1 OUTPUT_2=rtmp://platform/app/key2
--   SHOW_DATE=2026-11-22 SHOW_START=20:00 SHOW_STOP=22:00 cme run examples/show.lua

return {
  project = {
    name = "周日晚会",
    owner = "user_id_109993839",
    input = env "SOURCE",
    backup = env "BACKUP",
    outputs = {
      { name = "推流1", url = env "OUTPUT_1" },
      { name = "推流2", url = env "OUTPUT_2" },
    },
  },

  start_at = { date = env "SHOW_DATE", time = env "SHOW_START", zone = "Asia/Shanghai" },
  stop_at = { date = env "SHOW_DATE", time = env "SHOW_STOP", zone = "Asia/Shanghai" },
  checks = { ahead = 900 },                          -- seconds before the start

  failover = { after = 5, failback_after = 60 },     -- seconds
  alerts = { after = 10, command = { "logger", "--tag", "gala" } },

  on_sigterm = "leave",                              -- the service stops it on time
}

-- SPDX-License-Identifier: MIT
-- What is said of the uplink: sentences of the codes uplink.*. See cme.codes.
return {
  ["uplink.exceeded"] = { "uplink: the broadcasts of this machine need {needed} kbit/s, and it carries {limit} "
    .. "(--max-uplink): send less, or to fewer", "上行带宽：本机的直播共需 {needed} kbit/s，上行只有 {limit} kbit/s"
    .. "（--max-uplink）：请降低码率，或减少推流目标" },
  ["uplink.full"] = { "the uplink is full: its destinations fall behind together, and {rate} kbit/s go out: send "
    .. "less, or to fewer", "上行带宽已满：各推流目标同时滞后，实际发出 {rate} kbit/s：请降低码率，或减少推流目标" },
}

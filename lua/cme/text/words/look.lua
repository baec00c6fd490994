-- SPDX-License-Identifier: MIT
-- What is wrong for the viewers of an output: sentences of the codes look.*, one for each state that cme-look names
-- (docs/look.md). See cme.codes.
return {
  ["look.gone"] = { "viewers get nothing", "观众收不到任何内容" },
  ["look.no_picture"] = { "viewers get no picture", "观众没有画面" },
  ["look.black"] = { "viewers see a black picture", "观众看到的是黑屏" },
  ["look.flat"] = { "viewers see one colour", "观众看到的是单一颜色" },
  ["look.frozen"] = { "viewers see a picture that does not move", "观众看到的画面卡住不动" },
  ["look.wrong"] = { "viewers see another picture than the source's", "观众看到的不是源的画面" },
  ["look.no_sound"] = { "viewers get no sound", "观众没有声音" },
  ["look.silent"] = { "viewers hear silence", "观众听到的是静音" },
  ["look.one_sided"] = { "viewers hear one of two channels", "观众只有一边声道有声音" },
  ["look.clipped"] = { "viewers hear clipped sound", "观众听到的声音爆音" },
  ["look.stuttering"] = { "viewers do not get all of it: it stutters", "观众收到的内容不完整，播放卡顿" },
  ["look.slow"] = { "viewers get too few pictures a second", "观众看到的画面帧率过低" },
  ["look.late"] = { "viewers are too far behind the source", "观众看到的画面比源晚太多" },
}

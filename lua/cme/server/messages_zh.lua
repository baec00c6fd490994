-- SPDX-License-Identifier: MIT
-- The API's error messages in Chinese, by the English text as it stands in the sources; %s and %d stand for the same
-- things in the same order. See messages.lua.
return {
  -- composition
  ["%s (since %s: %s)"] = "%s（自 %s 起：%s）",
  ["project '%s': %s"] = "项目“%s”：%s",
  ["delete project '%s': %s"] = "删除项目“%s”：%s",
  ["OutputInfo: %s"] = "OutputInfo：%s",
  ["Outputs.%d: %s"] = "Outputs.%d：%s",
  ["PushUrl: %s"] = "PushUrl：%s",
  ["%s.InputUrl: %s"] = "%s.InputUrl：%s",
  ["%s.InputUrls.%d: %s"] = "%s.InputUrls.%d：%s",

  -- the request
  ["field 'Name': the text is not UTF-8"] = "字段“Name”：不是 UTF-8 文本",
  ["field '%s': the text is not UTF-8"] = "字段“%s”：不是 UTF-8 文本",
  ["field '%s': it holds a NUL character"] = "字段“%s”：含有 NUL 字符",
  ["field '%s': missing (it is required)"] = "缺少必填字段“%s”",
  ["the body is not UTF-8"] = "请求体不是 UTF-8 文本",
  ["the request body cannot be read: %s"] = "无法解析请求体：%s",
  ["the request body must be a JSON object"] = "请求体必须是 JSON 对象",
  ["copy project"] = "复制项目",
  ["field 'Description': %d bytes, at most %d"] = "字段“Description”：%d 字节，最多 %d 字节",
  ["the request has more than %d parameters"] = "请求的参数超过 %d 个",
  ["json: more than %d values"] = "JSON：超过 %d 个值",
  ["SignedHeaders holds more than %d names"] = "SignedHeaders 中的名称超过 %d 个",
  ["the parameters have %d bytes, at most %d"] = "参数有 %d 字节，最多 %d 字节",
  ["the body has more than %d bytes"] = "请求体超过 %d 字节",
  ["Content-Type '%s': actions of this product take application/json"] = "Content-Type“%s”：本产品的接口只接受 application/json",
  ["the common parameter Version (X-TC-Version) is missing"] = "缺少公共参数 Version（X-TC-Version）",
  ["version '%s': this product has %s"] = "版本“%s”：本产品的版本是 %s",
  ["the common parameter Action (X-TC-Action) is missing"] = "缺少公共参数 Action（X-TC-Action）",
  ["unknown action '%s'"] = "未知的接口“%s”",
  ["unknown action '%s' (did you mean '%s'?)"] = "未知的接口“%s”（是否想写“%s”？）",
  ["action '%s': this service does not offer it"] = "接口“%s”：本服务不提供",
  ["Your current request times equals to `%d` in a second, which exceeds the frequency limit `%d` for a second. "
    .. "Please reduce the frequency of calls."] = "您当前每秒请求次数为 `%d`，超过了每秒 `%d` 次的频率限制，请降低调用频率。",
  ["only GET and POST are understood"] = "只支持 GET 和 POST",
  ["the service failed on this request; its log says why"] = "服务处理此请求时出错，原因见服务日志",

  -- the signature
  ["the Authorization header is missing"] = "缺少 Authorization 头",
  ["the Authorization header is malformed: %s"] = "Authorization 头格式错误：%s",
  ["requests of this product must be signed"] = "本产品的请求必须签名",
  ["the signature is not the one of this request: check the secret key, and that host, content type and body are "
    .. "signed as sent"] = "签名与此请求不符：请检查 SecretKey，并确认签名所用的 host、content-type 和请求体与实际发送的一致",
  ["this service does not know the secret id: use the one in the credentials file of its state folder, or have one "
    .. "added with cme serve keys add"]
    = "本服务没有这个 SecretId：请使用其状态目录中 credentials 文件里的密钥，或用 cme serve keys add 添加一个",
  ["the request is signed for %d s %s than the service's clock says (limit %d s): set the sender's clock right"]
    = "请求的签名时间与服务的时钟相差 %d 秒（%s，上限 %d 秒）：请校准发送方的时钟",
  ["earlier"] = "偏早",
  ["later"] = "偏晚",
  ["the common parameter %s is missing"] = "缺少公共参数 %s",
  ["the key expired at %s: have another one made"] = "密钥已于 %s 过期：请重新生成",

  -- platforms, projects, owners
  ["project '%s': it is off the air, but that is not written down: %s: do not restart "
    .. "the service before it is (it is tried every %d s): it would start the project again"] =
    "项目“%s”：已停播，但尚未记录：%s：在记录之前不要重启服务（每 %d 秒重试一次），否则会重新开始该项目",
  ["%s: nothing was changed: the service's database failed: %s"] = "%s：未做任何改动：服务的数据库出错：%s",
  ["field 'Platform': it is empty"] = "字段“Platform”：为空",
  ["unknown platform '%s': use test, or start the service with --platform"]
    = "未知的平台“%s”：请使用 test，或用 --platform 启动服务",
  ["platform '%s': the key is for other platforms only (%s)"] = "平台“%s”：此密钥只能用于其他平台（%s）",
  ["project '%s': there is none of this id on platform '%s': see DescribeProjects for those there are"]
    = "项目“%s”：平台“%s”上没有这个 ID：已有的项目见 DescribeProjects",
  ["project '%s': operator '%s' is not its owner"] = "项目“%s”：操作者“%s”不是它的所有者",
  ["project '%s': it is a %s project, which has EnableDestination and DisableDestination"]
    = "项目“%s”：它是 %s 项目，请用 EnableDestination 和 DisableDestination",
  ["project '%s': it is a %s project, not a %s one"] = "项目“%s”：它是 %s 项目，不是 %s 项目",
  ["project '%s': it was deleted meanwhile"] = "项目“%s”：期间已被删除",
  ["operator '%s' may not see the projects of another"] = "操作者“%s”不能查看他人的项目",
  ["field 'Category': unknown category '%s'"] = "字段“Category”：未知的类别“%s”",
  ["field 'Category' '%s': this service does not run such projects"] = "字段“Category”“%s”：本服务不运行这类项目",
  ["field '%s': it does not belong to category %s"] = "字段“%s”：不属于类别 %s",
  ["field 'Name': it is empty"] = "字段“Name”：为空",
  ["field 'Name': %d characters, at most %d"] = "字段“Name”：有 %d 个字符，最多 %d 个",
  ["field 'Owner.Type' '%s': projects belong to a PERSON"] = "字段“Owner.Type”“%s”：项目只能归属个人（PERSON）",
  ["field 'Switch' '%s': On or Off"] = "字段“Switch”“%s”：只能是 On 或 Off",
  ["field 'Owner.Type' '%s': PERSON or TEAM"] = "字段“Owner.Type”“%s”：只能是 PERSON 或 TEAM",
  ["field 'Owner.Id': 1 to %d bytes are needed"] = "字段“Owner.Id”：需要 1 到 %d 字节",
  ["field 'Owner.Id': it is empty"] = "字段“Owner.Id”：为空",
  ["field 'AspectRatio' '%s': write it like 16:9"] = "字段“AspectRatio”“%s”：请写成 16:9 的形式",
  ["field 'AspectRatioSet' '%s': write it like 16:9"] = "字段“AspectRatioSet”“%s”：请写成 16:9 的形式",
  ["field 'CategorySet': unknown category '%s'"] = "字段“CategorySet”：未知的类别“%s”",
  ["field 'ProjectIds': %d given, at most %d"] = "字段“ProjectIds”：给出 %d 个，最多 %d 个",
  ["field 'Limit' %d: it must be 1 to %d"] = "字段“Limit”为 %d：必须在 1 到 %d 之间",
  ["field 'Sort': Field must be CreateTime or UpdateTime, Order Asc or Desc"]
    = "字段“Sort”：Field 只能是 CreateTime 或 UpdateTime，Order 只能是 Asc 或 Desc",

  -- states
  ["the project is Idle: there is nothing to stop"] = "项目处于 Idle 状态：没有可停止的转推",
  ["the project is Idle: Start it first"] = "项目处于 Idle 状态：请先启动（Start）",
  ["the project is Working already: Stop it before starting it again"] = "项目已处于 Working 状态：再次启动前请先停止（Stop）",
  ["the project is Working: Stop it before deleting it"] = "项目处于 Working 状态：删除前请先停止（Stop）",
  ["it was deleted meanwhile"] = "期间已被删除",
  ["planned end"] = "到达计划的停止时间",
  ["played out"] = "点播列表播放完毕",
  ["engine gone"] = "引擎已退出",
  ["project '%s': %s: Stop it, then DeleteProject"] = "项目“%s”：%s：请先停止（Stop），再删除（DeleteProject）",
  ["it was adopted while it ran, so what it sends is known to its engine only"]
    = "它是在播出时被接管的，推送的内容只有它的引擎知道",
  ["its row in the database is damaged (%s)"] = "数据库中它的记录已损坏（%s）",
  ["nothing was changed"] = "未做任何改动",
  ["project '%s': its engine did not take the change: %s: %s"] = "项目“%s”：引擎没有接受改动：%s：%s",

  -- inputs and outputs
  ["field 'InputEndpoint': missing (Main or Backup is needed)"] = "缺少字段“InputEndpoint”（需要 Main 或 Backup）",
  ["field 'InputEndpoint' '%s': it must be Main or Backup"] = "字段“InputEndpoint”“%s”：只能是 Main 或 Backup",
  ["field 'InputInfo': missing (AddInput and ModifyInput need it)"] = "缺少字段“InputInfo”（AddInput 和 ModifyInput 需要）",
  ["field 'OutputInfo': missing (operations on outputs need it)"] = "缺少字段“OutputInfo”（对推流目标的操作需要）",
  ["field 'OutputInfo.Id': missing (DescribeProjects has the ids)"] = "缺少字段“OutputInfo.Id”（见 DescribeProjects）",
  ["unknown operation '%s'"] = "未知的操作“%s”",
  ["%s input of project '%s': it is on air: SwitchInput to the other one first"]
    = "%s输入（项目“%s”）：正在播出：请先用 SwitchInput 切换到另一路",
  ["modify main"] = "修改主",
  ["modify backup"] = "修改备",
  ["delete main"] = "删除主",
  ["delete backup"] = "删除备",
  ["main"] = "主",
  ["backup"] = "备",
  ["project '%s': it has a %s input: use ModifyInput to change that one"] = "项目“%s”：已有%s输入：修改请用 ModifyInput",
  ["project '%s': it has no %s input: AddInput first"] = "项目“%s”：没有%s输入：请先 AddInput",
  ["project '%s': it has no input: AddInput first"] = "项目“%s”：没有输入：请先 AddInput",
  ["project '%s': it has no output: AddOutput first"] = "项目“%s”：没有推流目标：请先 AddOutput",
  ["%s.InputType '%s': it must be LivePull, VodPull or RtmpPush"]
    = "%s.InputType“%s”：只能是 LivePull、VodPull 或 RtmpPush",
  ["this service runs without its edge, so nothing can be pushed to it (--edge off, or no nginx installed)"]
    = "本服务没有启用推流接入，无法向它推流（--edge off，或未安装 nginx）",
  ["this service runs without its edge (--edge off, or no nginx installed)"]
    = "本服务没有启用推流接入和播放（--edge off，或未安装 nginx）",
  ["%s.PushUrl: this service makes the address: leave it out"] = "%s.PushUrl：推流地址由本服务生成：请不要填写",
  ["%s.ExpiredSecond %d: the seconds in which an encoder may connect are needed, until the year 2106 at most"]
    = "%s.ExpiredSecond 为 %d：应为编码器可以连接的秒数，最迟到 2106 年",
  ["Id '%s': it is the service's own"] = "Id“%s”：由服务自用",
  ["%s input: nobody pushes to its address: start the encoder"] = "%s输入：没有人向它的地址推流：请启动编码器",
  ["%s.%s: missing (InputType is %s)"] = "缺少 %s.%s（InputType 为 %s）",
  ["%s.InputUrls: %d given, 1 to %d are needed"] = "%s.InputUrls：给出 %d 个，需要 1 到 %d 个",
  ["%s.LoopTimes %d: -1 (for ever), 0 (no repeat) or how often to repeat"]
    = "%s.LoopTimes 为 %d：只能是 -1（一直循环）、0（不循环）或循环次数",
  ["Outputs: %d, at most %d"] = "Outputs：%d 个，最多 %d 个",
  ["Outputs.%d.Id '%s': another output has it"] = "Outputs.%d.Id“%s”：与另一个推流目标相同",
  ["output '%s': there is none of this id (DescribeProjects has the ids)"]
    = "推流目标“%s”：没有这个 ID（见 DescribeProjects）",
  ["Id '%s': another output has it: use ModifyOutput to change that one"]
    = "Id“%s”：与另一个推流目标相同：修改请用 ModifyOutput",
  ["PushUrl is missing"] = "缺少 PushUrl",
  ["Type '%s': it must be URL"] = "Type“%s”：只能是 URL",
  ["Id is longer than %d bytes"] = "Id 超过 %d 字节",
  ["Name is longer than %d characters"] = "Name 超过 %d 个字符",
  ["longer than %d bytes"] = "超过 %d 字节",
  ["scheme '%s' is not supported (%s)"] = "不支持协议“%s”（%s）",
  ["did you mean '%s'?"] = "是否想写“%s”？",
  ["not a URL (write it like %s://host/app/name)"] = "不是 URL（请写成 %s://host/app/name 的形式）",
  ["a space or control character in the URL"] = "URL 中有空格或控制字符",
  ["no host in the URL"] = "URL 中没有主机名",
  ["user and password in the URL are not supported"] = "不支持在 URL 中写用户名和密码",
  ["PushUrl: output '%s' has the same URL (a destination takes one publisher)"]
    = "PushUrl：推流目标“%s”的 URL 与它相同（一个推流目标只接受一路推流）",
  ["mode=listener waits for any caller (give the address of an SRT sender)"] =
    "mode=listener 会让任何人都能连入推流（请填写 SRT 发送端的地址）",
  ["a file cannot be pulled through the API (serve it over http and give that URL)"]
    = "不能通过 API 拉取文件（请以 http 提供该文件并给出其 URL）",

  -- media casts
  ["SourceInfos.%d: %s"] = "SourceInfos.%d：%s",
  ["DestinationInfos.%d: %s"] = "DestinationInfos.%d：%s",
  ["Url: %s"] = "Url：%s",
  ["SourceInfos: %d given, at most %d"] = "SourceInfos：给出 %d 个，最多 %d 个",
  ["SourceInfos: %d are there and %d come, at most %d"] = "SourceInfos：已有 %d 个，再加 %d 个，最多 %d 个",
  ["DestinationInfos: %d given, at most %d"] = "DestinationInfos：给出 %d 个，最多 %d 个",
  ["DestinationInfos: at most %d, %d are there"] = "DestinationInfos：最多 %d 个，已有 %d 个",
  ["Type: it must be EXTERNAL, VOD or CME"] = "Type：只能是 EXTERNAL、VOD 或 CME",
  ["%s: missing (Type is %s)"] = "缺少 %s（Type 为 %s）",
  ["Offset and Duration are for VOD and CME only"] = "Offset 和 Duration 只能用于 VOD 和 CME",
  ["%s: seconds from 0 on are needed"] = "%s：应为不小于 0 的秒数",
  ["%s: library file '%s': %s"] = "%s：媒体库文件“%s”：%s",
  ["1 to %d bytes are needed"] = "需要 1 到 %d 字节",
  ["it must be a file's name, without a folder and not hidden"] = "应为文件名，不带文件夹，也不能是隐藏文件",
  ["this service has no media library: start it with cme serve --media DIR"]
    = "本服务没有媒体库：请用 cme serve --media DIR 启动",
  ["the media library has no file of this name"] = "媒体库中没有这个文件",
  ["the media library has %d files of this name: give the whole name"] = "媒体库中有 %d 个同名文件：请给出完整文件名",
  ["it is no regular file"] = "不是普通文件",
  ["field 'Position' %d: 0 to %d"] = "字段“Position”为 %d：应在 0 到 %d 之间",
  ["source '%s': there is none of this id (DescribeProjects has the ids)"] = "源“%s”：没有这个 ID（见 DescribeProjects）",
  ["source '%s': it is the one that plays: SwitchSource to another one first"]
    = "源“%s”：正在播放：请先用 SwitchSource 切换到另一个源",
  ["destination '%s': there is none of this id (DescribeProjects has the ids)"]
    = "推流目标“%s”：没有这个 ID（见 DescribeProjects）",
  ["field 'DestinationInfos.0.Id': missing (DescribeProjects has the ids)"]
    = "缺少字段“DestinationInfos.0.Id”（见 DescribeProjects）",
  ["field 'DestinationInfos': %d given, %s needs one"] = "字段“DestinationInfos”：给出 %d 个，%s 需要一个",
  ["field 'SourceInfos': SwitchSource needs the Id of one source"] = "字段“SourceInfos”：SwitchSource 需要一个源的 Id",
  ["field '%s': missing (%s needs it)"] = "缺少字段“%s”（%s 需要）",
  ["OutputMediaSetting.VideoSetting.%s: %s, it must be %d to %d"]
    = "OutputMediaSetting.VideoSetting.%s：%s，应在 %d 到 %d 之间",
  ["PlaySetting.LoopCount %d: 1 to %d, or -1 (until EndTime or Stop)"]
    = "PlaySetting.LoopCount 为 %d：应在 1 到 %d 之间，或为 -1（直到 EndTime 或停止）",
  ["PlaySetting.%s: %s is past (now %s)"] = "PlaySetting.%s：%s 已经过去（现在是 %s）",
  ["PlaySetting.EndTime: it is not after AutoStartTime"] = "PlaySetting.EndTime：不晚于 AutoStartTime",
  ["project '%s': it has no source: AddSource first"] = "项目“%s”：没有源：请先 AddSource",
  ["project '%s': its EndTime %s is past: ModifyPlaySetting first"]
    = "项目“%s”：EndTime %s 已经过去：请先 ModifyPlaySetting",
  ["project '%s': it is Working: Stop it to change its picture"] = "项目“%s”：处于 Working 状态：请停止后再修改画面",
  ["project '%s': it is Working: AutoStartTime can be set while it is Idle"]
    = "项目“%s”：处于 Working 状态：AutoStartTime 只能在 Idle 状态下设置",
  ["project '%s': it is Idle: destinations are enabled and disabled while it is Working"]
    = "项目“%s”：处于 Idle 状态：只能在 Working 状态下启用和停用推流目标",
  ["confirm project '%s': it is Idle: Start it, and Confirm within %d s"]
    = "确认项目“%s”：处于 Idle 状态：请先启动，并在 %d 秒内确认",
  ["switch project '%s': %s: what was on the air goes on"] = "切换项目“%s”：%s：原来的内容继续播出",
  ["start project '%s': it could not be started: %s: %s"] = "启动项目“%s”：无法启动：%s：%s",
  ["project '%s': which source plays is not known: %s"] = "项目“%s”：无法得知正在播放的源：%s",
  ["not confirmed within %d s"] = "未在 %d 秒内确认",

  -- runs
  ["start project '%s': its engine could not be started: %s: %s"] = "启动项目“%s”：引擎无法启动：%s：%s",
  ["the project is Idle"] = "项目处于 Idle 状态",
  ["another request ended the run"] = "另一个请求结束了这次转推",
  ["the service's database failed, so the project stays Working: it keeps trying until Stop"]
    = "服务的数据库出错，项目保持 Working 状态：在停止之前会一直重试",
  ["start project '%s': it was stopped meanwhile"] = "启动项目“%s”：期间已被停止",
  ["project '%s': it was stopped meanwhile"] = "项目“%s”：期间已被停止",
  ["project '%s' is Working, but not all of it: %s; it keeps trying until Stop"]
    = "项目“%s”处于 Working 状态，但并非全部正常：%s；在停止之前会一直重试",
  ["%s: check that the source is on air"] = "%s：请检查源是否正在直播",
  ["the port in the URL must be a number from 1 to 65535"] = "URL 的端口必须是 1 到 65535 的数字",
  ["%s: check the address, and that the source is on air"] = "%s：请检查地址，以及源是否正在直播",
  ["%s: check the address and the stream key"] = "%s：请检查地址和推流码",
  ["%s: check the address, and that the other side is up"] = "%s：请检查地址，以及对端是否在运行",
  ["%s: check the host name"] = "%s：请检查主机名",
  ["%s: it starts as soon as the input gives media"] = "%s：输入有媒体后即开始",
  ["switch project '%s' to %s: %s: still on %s"] = "项目“%s”切换到%s输入：%s：仍在%s输入",
  ["switch project '%s': the project is Idle: Start it first"] = "切换项目“%s”：项目处于 Idle 状态：请先启动（Start）",
  ["field 'CurrentStopTime': missing (ModifyCurrentStopTime needs it)"]
    = "缺少字段“CurrentStopTime”（ModifyCurrentStopTime 需要）",
  ["field 'CurrentStopTime' %s: it is past (now %s)"] = "字段“CurrentStopTime”%s：已过去（现在是 %s）",
  ["field 'CurrentStopTime' %s: at most 30 days ahead"] = "字段“CurrentStopTime”%s：最多提前 30 天",

  -- what a database, a key or a clock says
  ["create project"] = "创建项目",
  ["delete project"] = "删除项目",
  ["list projects"] = "列出项目",
  ["read history"] = "读取历史",
  ["list platforms"] = "列出平台",
  ["find platform"] = "查找平台",
  ["find project"] = "查找项目",
  ["switch project"] = "切换项目",
  ["%s project"] = "%s 项目",
  ["find key: %s"] = "查找密钥：%s",
  ["master key '%s': %s: put the right file back"] = "主密钥“%s”：%s：请放回正确的文件",
  ["master key '%s': it is missing, though keys were sealed with it: put it back, or revoke them all"]
    = "主密钥“%s”：文件不存在，但已有密钥用它加密：请放回该文件，或撤销全部密钥",
  ["key '%s': %s: put the right master.key back, or revoke the key and add another"]
    = "密钥“%s”：%s：请放回正确的 master.key，或撤销此密钥并另加一个",
  ["it does not start with TC3-HMAC-SHA256"] = "不是以 TC3-HMAC-SHA256 开头",
  ["Credential, SignedHeaders and Signature are needed, parted by commas"]
    = "需要以逗号分隔的 Credential、SignedHeaders 和 Signature",
  ["Credential must be SecretId/YYYY-MM-DD/service/tc3_request"]
    = "Credential 应为 SecretId/YYYY-MM-DD/service/tc3_request",
  ["SignedHeaders must hold content-type and host, in lower case"]
    = "SignedHeaders 必须包含小写的 content-type 和 host",
  ["the date in the Credential is not the UTC date of X-TC-Timestamp"]
    = "Credential 中的日期不是 X-TC-Timestamp 对应的 UTC 日期",
  ["the service in the Credential is neither cme nor the first label of the host"]
    = "Credential 中的 service 既不是 cme，也不是 host 的第一段",
  ["this key has no session token: send none (unset TENCENTCLOUD_TOKEN and TENCENTCLOUD_SESSION_TOKEN)"]
    = "此密钥没有会话 Token：请不要发送（取消设置 TENCENTCLOUD_TOKEN 和 TENCENTCLOUD_SESSION_TOKEN）",
  ["this key is a temporary one: send the session token that was made with it"]
    = "这是临时密钥：请发送与它一同生成的会话 Token",
  ["the session token is not the one that was made with this key"] = "会话 Token 不是与此密钥一同生成的那一个",
  ["the common parameter %s must be unix seconds"] = "公共参数 %s 必须是 Unix 秒",
  ["the common parameter Nonce must be a positive integer"] = "公共参数 Nonce 必须是正整数",
  ["the common parameter SignatureMethod must be HmacSHA1 or HmacSHA256"]
    = "公共参数 SignatureMethod 必须是 HmacSHA1 或 HmacSHA256",

  -- fields and parameters
  ["field '%s': %s"] = "字段“%s”：%s",
  ["%s is needed, got %s"] = "需要%s，得到的是 %s",
  ["a string"] = "字符串",
  ["an integer (at most 2^53)"] = "整数（最大 2^53）",
  ["a non-negative integer (at most 2^53)"] = "非负整数（最大 2^53）",
  ["a number"] = "数字",
  ["true or false"] = " true 或 false",
  ["an array"] = "数组",
  ["an object"] = "对象",
  ["an empty array"] = "空数组",
  ["an empty object"] = "空对象",
  ["an array is needed, got a table with the key '%s'"] = "需要数组，得到的是带有键“%s”的表",
  ["the text is not UTF-8"] = "不是 UTF-8 文本",
  ["missing (it is required)"] = "缺少（必填）",
  ["unknown"] = "没有这个字段",
  ["unknown (did you mean '%s'?)"] = "没有这个字段（是否想写“%s”？）",
  ["parameter '%s': it does not fit the parameters beside it"] = "参数“%s”：与其他参数不相容",
  ["parameter '%s': a percent sign must be followed by two hex digits"] = "参数“%s”：百分号后必须是两位十六进制数字",
  ["parameter '%s': given twice"] = "参数“%s”：重复给出",
  ["field 'CurrentStopTime': %s"] = "字段“CurrentStopTime”：%s",
  ["PlaySetting.%s: %s"] = "PlaySetting.%s：%s",
  ["time '%s': %s"] = "时间“%s”：%s",
  ["not a point in time (write it like %s)"] = "不是一个时间（请写成 %s 的形式）",
  ["no offset from UTC (write it like %s, or end it in Z)"] = "缺少与 UTC 的时差（请写成 %s 的形式，或以 Z 结尾）",
  ["offset '%s' is not understood (Z, +08:00)"] = "无法理解时差“%s”（Z、+08:00）",
  ["no such date or time of day"] = "没有这个日期或时刻",
  ["out of range (years 1 to 9999)"] = "超出范围（公元 1 至 9999 年）",

  -- engines and playouts
  ["the input it had"] = "原来的",
  ["position of project '%s': %s"] = "项目“%s”的播放位置：%s",
  ["health of project '%s': %s"] = "项目“%s”的运行状况：%s",
  ["its engine is not up: the service keeps trying to start it, its log says why"]
    = "引擎未运行：服务会不断尝试启动它，原因见服务日志",
  ["it was stopped meanwhile"] = "期间已被停止",
  ["engine 'cme-relay'"] = "引擎“cme-relay”",
  ["%s: not found: %s"] = "%s：未找到：%s",
  ["run make build, or name it with cme serve --relay"] = "请运行 make build，或用 cme serve --relay 指定",
  ["run make build"] = "请运行 make build",
  ["install ffmpeg"] = "请安装 ffmpeg",
  ["open log '%s': %s"] = "打开日志“%s”：%s",
  ["start %s: %s"] = "启动 %s：%s",
  ["start %s: it ended (%s)"] = "启动 %s：它已结束（%s）",
  ["start %s: it ended (%s): %s"] = "启动 %s：它已结束（%s）：%s",
  ["killed by signal %d"] = "被信号 %d 终止",
  ["exit code %d"] = "退出码 %d",
  ["not ready within %d s"] = "%d 秒内未就绪",
  ["connect to engine '%s': %s"] = "连接引擎“%s”：%s",
  ["the engine is gone"] = "引擎已不在",
  ["the engine did not answer within %g s"] = "引擎在 %g 秒内没有应答",
  ["the engine has ended"] = "引擎已结束",
  ["the run is over"] = "本次转推已结束",
  ["the service failed on it: its log says why"] = "服务处理时出错，原因见服务日志",
  ["it is tried again with the next change, and when the engine starts"] = "下次改动时以及引擎启动时会再次尝试",
  ["project '%s': its playout did not take the change: %s: it is tried again with the next change, and when the "
    .. "playout starts"] = "项目“%s”：播出程序没有接受改动：%s：下次改动时以及播出程序启动时会再次尝试",
  ["the project is Idle already"] = "项目已处于 Idle 状态",
  ["auto start"] = "自动启动",
  ["request %s"] = "请求 %s",
  ["%s: check that the other side is up and reachable"] = "%s：请检查对端是否在运行并且可达",
  ["%s: check the certificate of the other side"] = "%s：请检查对端的证书",
  ["%s: check the address and the stream key, and that nobody else publishes with it"]
    = "%s：请检查地址和推流码，并确认没有其他人在用它推流",
  ["%s: send H.264 video and AAC audio"] = "%s：请发送 H.264 视频和 AAC 音频",
  ["%s: check the encoder's camera or scene"] = "%s：请检查编码器的摄像头或场景",
  ["%s: check the encoder's sound"] = "%s：请检查编码器的声音",
  ["%s: set the encoder's keyframe interval to 1 to 4 s"] = "%s：请把编码器的关键帧间隔设为 1 至 4 秒",
  ["%s: send smaller pictures and playlists"] = "%s：请发送更小的画面和播放列表",
  ["the picture is %s (send H.264)"] = "画面编码是 %s（请发送 H.264）",
  ["an FLV tag of %d bytes (at most %d are relayed)"] = "FLV tag 有 %d 字节（最多转推 %d 字节）",
  ["a playlist with too many entries (%d bytes of it were read)"] = "播放列表条目过多（已读 %d 字节）",
  ["it ended"] = "它已结束",
  ["it was ended"] = "它被终止",
  ["the stream is not FLV"] = "流不是 FLV 格式",
  ["the stream's FLV header is too long"] = "流的 FLV 头过长",
  ["ffprobe's answer cannot be read"] = "无法读取 ffprobe 的结果",
  ["there is neither picture nor sound in it"] = "其中既没有画面也没有声音",
  ["it has no picture"] = "其中没有画面",
  ["nothing came within %d s"] = "%d 秒内没有收到内容",
  ["silent for %d s"] = "已有 %d 秒没有内容",
  ["the playing is over"] = "播放已结束",
  ["there is no such source"] = "没有这个源",
  ["another switch was asked for meanwhile"] = "期间又有人请求了另一次切换",
}

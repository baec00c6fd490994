-- SPDX-License-Identifier: MIT
-- What `cme serve` offers beyond the cloud's actions, in the form of schema_data.lua (see tools/gen_schema.lua): the
-- cloud answers these actions with InvalidAction. What is not required may be null. Written by hand.
return {
  actions = {
    DescribeProjectHealth = {
      request = "Platform:string! ProjectId:string! Operator:string",
      response = [=[
        ProjectId:string Status:string Active:string StartTime:string Inputs:[ProjectInputHealth]
        Outputs:[ProjectOutputHealth] OnSlate:bool Slate:ProjectSlateHealth Silence:bool
        Recording:ProjectRecordingHealth Merge:ProjectMergeHealth Uplink:ProjectUplinkHealth
        Standby:ProjectStandbyHealth RequestId:string]=],
    },
    DescribeProjectHistory = {
      request = "Platform:string! ProjectId:string! Limit:int64 Operator:string",
      response = "ProjectId:string Changes:[ProjectChange] RequestId:string",
    },
    DescribeProjectPlayback = {
      request = "Platform:string! ProjectId:string! Operator:string",
      response = "ProjectId:string Output:string Main:string Backup:string RtmpOutput:string RtmpMain:string " ..
        "RtmpBackup:string RequestId:string",
    },
    DescribeProjectsHealth = {
      request = "Platform:string! ProjectIds:[string] Offset:int64 Limit:int64 Operator:string",
      response = "TotalCount:int64 MaxUplink:int64 HealthSet:[ProjectHealth] RequestId:string",
    },
    ModifyProjectLooks = {
      request = "Platform:string! ProjectId:string! Inputs:bool! FailoverOn:[string] After:float Operator:string",
      response = "RequestId:string",
    },
    ModifyProjectMerge = {
      request = "Platform:string! ProjectId:string! Merge:bool! Window:float Operator:string",
      response = "RequestId:string",
    },
    ModifyProjectRecording = {
      request = "Platform:string! ProjectId:string! Recording:ProjectRecording Operator:string",
      response = "RequestId:string",
    },
    ModifyProjectSlate = {
      request = "Platform:string! ProjectId:string! Slate:ProjectSlate Silence:bool Operator:string",
      response = "RequestId:string",
    },
    ModifyProjectStandby = {
      request = "Platform:string! ProjectId:string! Standby:bool! Operator:string",
      response = "RequestId:string",
    },
    SwitchProjectOutput = {
      request = "Platform:string! ProjectId:string! OutputId:string! Switch:string! Operator:string",
      response = "RequestId:string",
    },
  },
  objects = {
    ProjectChange = "Time:string! Operation:string! Status:string! Reason:string!",
    ProjectHealth = [=[
      ProjectId:string! Status:string! Active:string! StartTime:string! Inputs:[ProjectInputHealth]!
      Outputs:[ProjectOutputHealth]! OnSlate:bool! Slate:ProjectSlateHealth Silence:bool!
      Recording:ProjectRecordingHealth Merge:ProjectMergeHealth Uplink:ProjectUplinkHealth
      Standby:ProjectStandbyHealth Error:ProjectHealthError]=],
    ProjectHealthError = "Code:string! Message:string! Time:string!",
    ProjectInputHealth = [=[
      Endpoint:string! State:string! Since:string! Error:ProjectHealthError Bitrate:float! FrameRate:float!
      PacketAge:int64 GopMs:int64 VideoCodec:string! Width:int64 Height:int64 AudioCodec:string!
      SampleRate:int64 Channels:int64 DtsJumps:int64! Opens:int64! Dropped:int64! Look:ProjectLook]=],
    ProjectLook = [=[
      State:string! Good:bool Since:string! Time:string! Delay:int64 VideoCodec:string! Width:int64 Height:int64
      FrameRate:float Bitrate:float Loudness:float TruePeak:float Picture:string!
      ErrorPicture:string! Error:ProjectHealthError]=],
    ProjectRecording = "Name:string! Of:string MaxSeconds:int64 MaxBytes:int64",
    ProjectRecordingHealth = [=[
      Name:string! Of:string! MaxSeconds:int64! MaxBytes:int64! State:string! File:string! Dropped:int64!
      Error:ProjectHealthError]=],
    ProjectSlate = "Name:string! After:float Format:ProjectSlateFormat",
    ProjectSlateFormat = "Width:int64 Height:int64 FrameRate:float",
    ProjectSlateHealth = [=[
      Name:string! After:float! Format:ProjectSlateFormat State:string! Error:ProjectHealthError]=],
    ProjectMergeHealth = [=[
      State:string! Window:float! Distance:int64 Held:int64! TakenMain:int64! TakenBackup:int64! LateMain:int64!
      LateBackup:int64! Error:ProjectHealthError]=],
    ProjectStandbyHealth = "State:string! Node:string!",
    ProjectUplinkHealth = "Full:bool! Bitrate:float! Limit:int64 Error:ProjectHealthError",
    ProjectOutputHealth = [=[
      Id:string! Name:string! State:string! Since:string! Connects:int64! Error:ProjectHealthError Bitrate:float!
      FrameRate:float! Packets:int64! Dropped:int64! Overflows:int64! QueueMs:int64! QueueHighMs:int64!
      UnsentBytes:int64 WriteAge:int64 DelayP50:float DelayP99:float Bytes:int64! WaitsFor:string!
      Look:ProjectLook]=],
  },
  -- what it adds to objects of the cloud's, which refuses such members
  members = { RtmpPushInputInfo = "RtmpsPushUrl:string SrtPushUrl:string",
    StreamConnectOutput = "Codecs:string Watch:string" },
}

-- SPDX-License-Identifier: MIT
-- What follows from a code: whether the client tries again (retry), and what the command `cme` exits with (exit). A
-- code that is not here has the rule of the part before its last dot, and so on; in the end `final`, and 1. Data.
--
-- The retry rules, which cme.api.retry applies:
--   rate      refused before execution for too many requests
--   transport failed on the way: by whether the request had been sent
--   unknown   sent, and whether it was done is not known
--   unread    done or not, there is an answer and it is of no use; asking again would get the same one
--   clock     refused for its time: the clock is corrected by the answer's Date
--   token     refused for its session token: another one is fetched
--   status    by the HTTP status
--   cancelled by the caller's own wish
--   final     the answer is no, and will be
return {
  retry = {
    ["api.RequestLimitExceeded"] = "rate",
    ["api.InternalError"] = "unknown",
    ["api.ServiceUnavailable"] = "unknown",
    ["api.ResourceUnavailable"] = "unknown",
    ["api.AuthFailure.SignatureExpire"] = "clock",
    ["api.AuthFailure.TokenFailure"] = "token",
    ["network.resolve"] = "transport",
    ["network.connect"] = "transport",
    ["network.proxy"] = "transport",
    ["network.tls"] = "transport",
    ["network.timeout"] = "transport",
    ["network.reset"] = "transport",
    ["network.protocol"] = "transport",
    ["network.too_large"] = "unread",
    ["network.not_json"] = "unknown",
    ["network.no_response"] = "unread",
    ["network.http_status"] = "status",
    ["network.cancelled"] = "cancelled",
  },
  exit = {
    ["api"] = 3,
    ["api.ResourceNotFound"] = 5,
    ["api.InvalidParameterValue.ProjectId"] = 5,
    ["invalid"] = 2,
    ["invalid.unknown_project"] = 5,
    ["invalid.not_found"] = 5,
    ["local.locked"] = 7,
    ["local.interrupted"] = 130,
    ["network"] = 4,
    ["project"] = 3,
    ["project.stop_at_passed"] = 6,
    ["project.unconfirmed"] = 6,
  },
  -- Codes of the cloud's API reference, for docs/errors.md.
  cloud = [[
    ActionOffline AuthFailure AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
    AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
    AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation FailedOperation.CreateRecordTask
    FailedOperation.RecordNotSupport FailedOperation.StartStreamConnectPartlyErr FailedOperation.StreamConnect
    FailedOperation.SwitcherOnWorking InternalError InvalidAction InvalidParameter InvalidParameter.Platform
    InvalidParameterValue InvalidParameterValue.AspectRatio InvalidParameterValue.AspectRatioSet
    InvalidParameterValue.Category InvalidParameterValue.CategorySet InvalidParameterValue.EndTime
    InvalidParameterValue.ExtInfoInvalid InvalidParameterValue.ExternalMediaInfoNotExist InvalidParameterValue.Input
    InvalidParameterValue.Limit InvalidParameterValue.MaterialId InvalidParameterValue.MediaCastSourceInfosInvalid
    InvalidParameterValue.Name InvalidParameterValue.NameLenLimt InvalidParameterValue.OperationInvalid
    InvalidParameterValue.Operator InvalidParameterValue.OwnerId InvalidParameterValue.OwnerType
    InvalidParameterValue.Platform InvalidParameterValue.ProjectId InvalidParameterValue.ProjectInfoError
    InvalidParameterValue.SortOrder InvalidParameterValue.StreamConnect
    InvalidParameterValue.StreamConnectInputInvalid InvalidParameterValue.StreamConnectOutputInvalid
    InvalidParameterValue.StreamInput InvalidParameterValue.SwitcherProjectInput InvalidParameterValue.TrackItem
    InvalidParameterValue.VodSubAppid InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded
    LimitExceeded.BillItemLiveDispatchDuration LimitExceeded.BillItemLiveDispatchMaxCount MissingParameter
    NoSuchProduct NoSuchVersion OperationDenied OperationDenied.PermissionDeny RequestLimitExceeded
    RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestLimitExceeded.IPLimitExceeded
    RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded ResourceInUse ResourceInsufficient
    ResourceNotFound ResourceNotFound.Platform ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable
    UnauthorizedOperation UnknownParameter UnsupportedOperation UnsupportedProtocol UnsupportedRegion]],
}

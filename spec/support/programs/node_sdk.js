// SPDX-License-Identifier: MIT
// The official Node SDK for specs: each line on the socket is a call, each line back is what the SDK made of it.
//   { id, profile, credential, region, action, params, headers, skew, skip } -> { id, response } | { id, error }
// The key comes by the environment. One call after the other: `skew` moves the SDK's clock for one call.

const net = require("net");
const { cme } = require("tencentcloud-sdk-nodejs/tencentcloud/services/cme");
const { default: Failure } =
  require("tencentcloud-sdk-nodejs/tencentcloud/common/exception/tencent_cloud_sdk_exception");

const getTime = Date.prototype.getTime;
const key = { secretId: process.env.SDK_SECRET_ID, secretKey: process.env.SDK_SECRET_KEY };

async function perform({ profile, credential, region, action, params, headers, skew, skip }) {
  const client = new cme.v20191029.Client({ credential: { ...key, ...credential }, region, profile });
  Date.prototype.getTime = function () {
    return getTime.call(this) + (skew || 0) * 1000;
  };
  try {
    if (headers || skip) return { response: await client.request(action, params, { headers, skipSign: skip }) };
    return { response: await (client[action] ? client[action](params) : client.request(action, params)) };
  } catch (e) {
    const { code, message, requestId, traceId } = e;
    return { error: { code, message, requestId, traceId, own: e instanceof Failure } };
  } finally {
    Date.prototype.getTime = getTime;
  }
}

net.createServer((socket) => {
  let rest = "", last = Promise.resolve();
  socket.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const call = JSON.parse(line);
      last = last.then(() => perform(call)).then((got) => socket.write(JSON.stringify({ id: call.id, ...got }) + "\n"));
    }
  });
}).listen(process.argv[2], () => console.log("listening"));

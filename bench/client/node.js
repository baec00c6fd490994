// SPDX-License-Identifier: MIT
// The official Node SDK as its pages say to use it. Arguments and output are those of floor.c; the CA comes by
// NODE_EXTRA_CA_CERTS. It speaks no HTTP/2.

const fs = require("fs");

const payload = fs.readFileSync(process.argv[3], "utf8");
const params = JSON.parse(payload);

function reporter() {
  const start = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  return (count) => {
    const wall = Number(process.hrtime.bigint() - start) / 1e3;
    const used = process.cpuUsage(cpu);
    console.log(`each ${(wall / count).toFixed(3)} ${((used.user + used.system) / count).toFixed(3)}`);
  };
}

function sign(count) {
  const Sign = require("tencentcloud-sdk-nodejs/tencentcloud/common/sign").default;
  const one = (i) => Sign.sign3({
    url: "https://cme.tencentcloudapi.com/", payload: params, timestamp: 1572307200 + (i % 86400), service: "cme",
    secretId: "benchid0123456789", secretKey: "benchkey0123456789", headers: { "Content-Type": "application/json" },
  });
  for (let i = 0; i < 500; i++) one(i); // the compiler's share
  const report = reporter();
  for (let i = 0; i < count; i++) one(i);
  report(count);
}

async function calls(url, warm, count, flight) {
  const { cme } = require("tencentcloud-sdk-nodejs/tencentcloud/services/cme");
  const { protocol, host } = new URL(url);
  const client = new cme.v20191029.Client({
    credential: { secretId: "benchid0123456789", secretKey: "benchkey0123456789" },
    region: "",
    profile: { httpProfile: { endpoint: host, protocol } },
  });
  const one = async () => {
    if (!(await client.CreateProject(params)).ProjectId) throw new Error("no ProjectId");
  };
  let left = warm;
  const work = async () => {
    while (left-- > 0) await one();
  };
  await work();
  const report = reporter();
  left = count;
  await Promise.all(Array.from({ length: flight }, work));
  report(count);
}

const [mode, , url, , warm, count, flight] = process.argv.slice(2);
if (mode === "sign") sign(Number(url));
else calls(url, Number(warm), Number(count), Number(flight));

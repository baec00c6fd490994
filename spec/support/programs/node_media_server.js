// SPDX-License-Identifier: MIT
// Runs a node-media-server, version 2 or 4, until it is killed. FOLDER RTMP_PORT HTTP_PORT RTMPS_PORT CERTIFICATE KEY
const [folder, rtmp, http, rtmps, cert, key] = process.argv.slice(2);
const NodeMediaServer = require(folder);
const tls = { port: Number(rtmps), cert, key };

new NodeMediaServer({
  bind: "127.0.0.1",
  logType: 3,
  rtmp: { port: Number(rtmp), chunk_size: 60000, gop_cache: true, ping: 30, ping_timeout: 60, ssl: tls },
  rtmps: tls,
  http: { port: Number(http), mediaroot: process.cwd(), allow_origin: "*", api: false },
  auth: { play: false, publish: false, api: false, secret: "", jwt: { secret: "", expiresIn: "24h", users: [] } },
  store: { path: process.cwd(), maxHistory: 10 },
  record: { auto: false, path: process.cwd() },
  notify: { url: "" },
}).run();

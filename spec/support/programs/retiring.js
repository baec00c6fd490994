// SPDX-License-Identifier: MIT
// An HTTP/2 server that retires connections without reading what was asked on them (GOAWAY, last stream 0), frame by
// frame: no server with manners does that at will. Usage: node retiring.js KEY CERTIFICATE REFUSE
//   REFUSE  "8": the first eight connections; "odd": every other one; "all"; "early": none, and each request is answered
//           before its body has come, of which all is taken
// It says "port N".

const fs = require("fs");
const tls = require("tls");

const [key, cert, refuse] = process.argv.slice(2);
const early = refuse === "early";
const DATA = 0, HEADERS = 1, SETTINGS = 4, GOAWAY = 7, WINDOW_UPDATE = 8;
const PREFACE = 24; // bytes of "PRI * HTTP/2.0..."
const END_STREAM = 1, END_HEADERS = 4;
const STATUS_200 = Buffer.from([0x88]);
let connections = 0;

function refuses(number) {
  return refuse === "all" || (refuse === "odd" ? number % 2 === 1 : number <= Number(refuse));
}

function frame(type, flags, stream, payload) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// What was received may be sent again: as much more on the connection, and on the stream.
function take(socket, stream, length) {
  const more = Buffer.alloc(4);
  more.writeUInt32BE(length);
  for (const id of [0, stream]) socket.write(frame(WINDOW_UPDATE, 0, id, more));
}

function serve(socket) {
  const refused = refuses(++connections);
  let input = Buffer.alloc(0), skip = PREFACE, retired = false;
  socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    input = Buffer.concat([input, chunk]);
    while (!retired && input.length >= skip + 9) {
      const length = input.readUIntBE(skip, 3), type = input[skip + 3], stream = input.readUInt32BE(skip + 5);
      const ended = (type === DATA || type === HEADERS) && input[skip + 4] & END_STREAM;
      if (input.length < skip + 9 + length) return;
      input = input.subarray(skip + 9 + length);
      skip = 0;
      retired = refused && type === HEADERS;
      if (early && type === DATA && length > 0) take(socket, stream, length);
      if (retired) socket.end(frame(GOAWAY, 0, 0, Buffer.alloc(8)));
      else if (early ? type === HEADERS : ended) socket.write(frame(HEADERS, END_STREAM | END_HEADERS, stream, STATUS_200));
    }
  });
}

const options = { key: fs.readFileSync(key), cert: fs.readFileSync(cert), ALPNProtocols: ["h2"] };
const server = tls.createServer(options, serve);
server.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));

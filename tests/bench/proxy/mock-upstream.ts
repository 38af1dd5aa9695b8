/**
 * The model provider of the benchmark: a child process that answers any POST, as JSON or, where the body asks for
 * it, as a stream. It writes prebuilt bytes to bare sockets, so that it is not what the benchmark measures.
 */
import { createServer, type Socket } from "node:net";
import { streamedAnswer, wholeAnswer } from "./mock-answers.ts";
import { messageLength } from "./request-bytes.ts";

const WHOLE = wholeAnswer();
const STREAM = streamedAnswer();

/** Every open stream gets one chunk in each turn of the event loop, as a provider's tokens come one by one. */
const open = new Map<Socket, number>();
let pumping = false;

function pump(): void {
  for (const [socket, next] of open) {
    socket.write(STREAM[next] ?? "");
    if (next + 1 < STREAM.length) open.set(socket, next + 1);
    else open.delete(socket);
  }
  pumping = open.size > 0;
  if (pumping) setImmediate(pump);
}

function answer(socket: Socket, request: string): void {
  if (!/"stream":\s?true/.test(request)) return void socket.write(WHOLE);
  open.set(socket, 0);
  if (!pumping) pump();
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = "";
  socket.on("data", (data) => {
    received += data.toString("latin1");
    for (let length = messageLength(received); length !== undefined; length = messageLength(received)) {
      answer(socket, received.slice(0, length));
      received = received.slice(length);
    }
  });
  socket.on("close", () => open.delete(socket));
  socket.on("error", () => socket.destroy());
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` });
});
process.on("disconnect", () => process.exit());

// The platform's WebSocket; where there is none (Node before 22), as much of one as the client needs.

import { randomBytes } from "node:crypto";
import { request } from "node:http";

const [TEXT, CLOSE, PING, PONG] = [1, 8, 9, 10];

class NodeWebSocket extends EventTarget {
  static OPEN = 1;
  static CLOSING = 2;
  readyState = 0;
  #stream;
  #unread = Buffer.alloc(0);

  constructor(url) {
    super();
    const handshake = request(String(url).replace("ws://", "http://"), {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      },
    });
    handshake.on("upgrade", (_, stream, head) => {
      this.#stream = stream;
      this.readyState = NodeWebSocket.OPEN;
      stream.on("data", (bytes) => this.#read(bytes));
      stream.on("error", () => {});
      stream.on("close", () => this.#end());
      this.dispatchEvent(new Event("open"));
      this.#read(head);
    });
    handshake.on("response", (response) => (response.resume(), this.#fail()));
    handshake.on("error", () => this.#fail());
    handshake.end();
  }

  send(text) {
    this.#write(TEXT, Buffer.from(text));
  }

  close() {
    if (this.readyState >= NodeWebSocket.CLOSING) return;
    this.readyState = NodeWebSocket.CLOSING;
    if (this.#stream) this.#write(CLOSE, Buffer.from([0x03, 0xe8]));
    this.#stream?.end();
  }

  #fail() {
    this.dispatchEvent(new Event("error"));
    this.#end();
  }

  #end() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  #write(opcode, payload) {
    const mask = randomBytes(4);
    const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
    this.#stream.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length]), mask, payload.map((byte, at) => byte ^ mask[at % 4])]));
  }

  /** Liftgate's frames are whole messages. */
  #read(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= 2) {
      const opcode = this.#unread[0] & 0x0f;
      let [length, begin] = [this.#unread[1] & 0x7f, 2];
      if (length === 126 && this.#unread.length >= 4) [length, begin] = [this.#unread.readUInt16BE(2), 4];
      if (length === 127) throw new Error("a message is longer than any of Liftgate's");
      if (this.#unread.length < begin + length) return;
      const payload = this.#unread.subarray(begin, begin + length);
      this.#unread = this.#unread.subarray(begin + length);
      if (opcode === TEXT) this.dispatchEvent(Object.assign(new Event("message"), { data: payload.toString() }));
      if (opcode === PING) this.#write(PONG, payload);
      if (opcode === CLOSE) this.close();
    }
  }
}

export const WebSocket = globalThis.WebSocket ?? NodeWebSocket;

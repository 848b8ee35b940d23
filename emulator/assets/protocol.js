// The input protocol of the emulated GameLift Streams, in the shape that the Web SDK expects of the
// script at `webSdkProtocolUrl`. AWS's own protocol is not public, and this one is not like it: input
// goes over the data channels as JSON, and the emulator, which has no game, sends it back.
(function () {
  "use strict";

  class GameCastInput {
    constructor(options) {
      this.options = options || {};
      this.attached = false;
      const rtc = this.options.clientRtc || {};
      this.input = rtc.rtcDataChannel;
      this.messages = rtc.rtcClientMessageChannel;
      this.input?.addEventListener("message", (event) => this.hear(event.data));
      this.messages?.addEventListener("message", (event) => this.receive(event.data));
    }

    attach() {
      this.attached = true;
    }

    detach() {
      this.attached = false;
    }

    processKeyboardEvent(event) {
      this.send("keyboard", { type: event.type, code: event.code });
    }

    processMouseEvent(event) {
      this.send("mouse", { type: event.type, x: event.offsetX, y: event.offsetY, buttons: event.buttons });
    }

    processGamepadEvent(event) {
      this.send("gamepad", { type: event.type, index: event.gamepad?.index });
    }

    pollTrackedGamepads() {}

    // True if the message has been handed to the channel.
    sendApplicationMessage(message) {
      if (this.messages?.readyState !== "open") return false;
      this.messages.send(message);
      return true;
    }

    send(kind, event) {
      if (this.attached && this.input?.readyState === "open") this.input.send(JSON.stringify({ kind, ...event }));
    }

    // Beside the echo of input, the emulator says here why a stream session has ended: "terminated" or "idle".
    hear(data) {
      if (typeof data !== "string" || !data.startsWith('{"serverDisconnect"')) return;
      this.options.onServerDisconnect?.(JSON.parse(data).serverDisconnect);
    }

    async receive(data) {
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(await new Response(data).arrayBuffer());
      this.options.onApplicationMessageReceived?.(bytes);
    }
  }

  window.GameCastInputModule = { GameCastInput };
})();

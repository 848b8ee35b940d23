// Treats an answer as GameLift Streams' Web SDK does, in a page whose origin is neither the API's nor the emulator's:
// connects, loads the script at `webSdkProtocolUrl`, and hands input and messages to its class.
async ({ api, player }) => {
  const rtc = new RTCPeerConnection();
  rtc.addTransceiver("audio", { direction: "recvonly" });
  rtc.addTransceiver("video", { direction: "recvonly" });
  const rtcDataChannel = rtc.createDataChannel("inputChannel", { ordered: false, maxRetransmits: 0 });
  const rtcClientMessageChannel = rtc.createDataChannel("clientMessageChannel");
  const opened = [rtcDataChannel, rtcClientMessageChannel].map((channel) => new Promise((done) => (channel.onopen = done)));
  await rtc.setLocalDescription(await rtc.createOffer());
  // The SDK's lines end in LF alone, and it limits the bandwidth after the attributes.
  const sdp = rtc.localDescription.sdp.replaceAll("\r\n", "\n").replace(/a=recvonly\n/g, "a=recvonly\nb=AS:20000\nb=TIAS:20000000\n");
  const signal_request = JSON.stringify({ type: "offer", sdp, webSdkVersion: "1.2.0" });
  const response = await fetch(`${api}/reconnect_stream`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ uuid: player, signal_request, intent: "new" }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  const signalResponse = JSON.parse(answer.SignalResponse);
  await rtc.setRemoteDescription({ type: signalResponse.type, sdp: signalResponse.sdp });
  await Promise.all(opened);

  await new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: signalResponse.webSdkProtocolUrl, crossOrigin: "anonymous", onload: done, onerror: failed });
    document.head.append(script);
  });
  const seen = (window.seen = { disconnects: [], messages: [], echoes: [] });
  rtcDataChannel.addEventListener("message", (event) => seen.echoes.push(event.data));
  const input = new window.GameCastInputModule.GameCastInput({
    webSdkVersion: "1.2.0",
    signalResponse: answer.SignalResponse,
    videoElement: document.createElement("video"),
    inputConfiguration: {},
    clientRtc: { rtcPeerConnection: rtc, rtcDataChannel, rtcClientMessageChannel },
    debugLog: () => {},
    onServerDisconnect: (reason) => seen.disconnects.push(reason),
    onApplicationMessageReceived: (message) => seen.messages.push(new TextDecoder().decode(message)),
    onPerformanceStatsReceived: () => {},
  });
  input.processKeyboardEvent(new KeyboardEvent("keydown", { code: "KeyA" }));
  input.attach();
  input.processKeyboardEvent(new KeyboardEvent("keydown", { code: "KeyW" }));
  input.processMouseEvent(new MouseEvent("mousedown", { buttons: 1 }));
  input.processGamepadEvent({ type: "gamepadconnected", gamepad: { index: 0 } });
  input.pollTrackedGamepads();
  if (!input.sendApplicationMessage(new TextEncoder().encode("hello"))) throw new Error("the message was not sent");
  input.detach();
  input.processKeyboardEvent(new KeyboardEvent("keydown", { code: "KeyD" }));
  return answer.StreamSessionId;
}

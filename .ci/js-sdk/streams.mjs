// The AWS SDK for JavaScript starts a stream session, polls until it is ACTIVE, and reconnects to it.
//
//     node streams.mjs http://127.0.0.1:9870

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import {
  ConflictException,
  CreateStreamSessionConnectionCommand,
  GameLiftStreamsClient,
  GetStreamGroupCommand,
  GetStreamSessionCommand,
  ResourceNotFoundException,
  StartStreamSessionCommand,
  TerminateStreamSessionCommand,
  paginateListStreamSessions,
} from "@aws-sdk/client-gameliftstreams";

const [endpoint] = process.argv.slice(2);
const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const client = new GameLiftStreamsClient({ endpoint, region: "us-west-2", credentials });
const group = "sg-Local0001";
const SECONDS = 30;

let offers = 0;

// An offer like the Web SDK's in every part that the emulator reads.
function offer() {
  const sdp = [
    "v=0", `o=- ${++offers} 2 IN IP4 127.0.0.1`, "s=-", "t=0 0", "a=group:BUNDLE 0 1 2",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901",
    "a=fingerprint:sha-256 AA:BB", "a=setup:actpass", "a=mid:0", "a=recvonly", "a=rtpmap:111 opus/48000/2",
    "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=mid:1", "a=recvonly", "a=rtpmap:102 H264/90000",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", "a=sctp-port:5000", "",
  ];
  return JSON.stringify({ type: "offer", sdp: sdp.join("\n") });
}

async function until(session, wanted) {
  const deadline = Date.now() + SECONDS * 1000;
  for (;;) {
    const found = await client.send(new GetStreamSessionCommand(session));
    if (found.Status === wanted) return found;
    assert.ok(Date.now() < deadline, `${found.Status} (${found.StatusReason}) is not ${wanted}`);
    await sleep(100);
  }
}

// Reports an event of the session's client or application.
async function happens(session, what) {
  const url = `${endpoint}/_emulator/streams/${session.StreamSessionIdentifier}/${what}`;
  assert.equal((await fetch(url, { method: "POST" })).status, 204);
}

const described = await client.send(new GetStreamGroupCommand({ Identifier: group }));
assert.ok(described.CreatedAt instanceof Date && described.Status === "ACTIVE");

const started = await client.send(
  new StartStreamSessionCommand({
    Identifier: described.Arn,
    ApplicationIdentifier: described.DefaultApplication.Id,
    Protocol: "WebRTC",
    SignalRequest: offer(),
    UserId: "ann",
  }),
);
assert.equal(started.Status, "ACTIVATING");
assert.equal(started.SignalResponse, undefined);
// The ARN goes into the path, percent-encoded.
const session = { Identifier: group, StreamSessionIdentifier: started.Arn };
const id = started.Arn.split("/").pop();

const active = await until(session, "ACTIVE");
assert.equal(JSON.parse(active.SignalResponse).type, "answer");
session.StreamSessionIdentifier = id;
await happens(session, "connect");
const connect = () => client.send(new CreateStreamSessionConnectionCommand({ ...session, SignalRequest: offer() }));
await assert.rejects(connect, (error) => error instanceof ConflictException && error.$metadata.httpStatusCode === 409);
await happens(session, "disconnect");
await until(session, "PENDING_CLIENT_RECONNECTION");
const { SignalResponse } = await connect();
assert.equal(JSON.parse(SignalResponse).type, "answer");
assert.notEqual(SignalResponse, active.SignalResponse);
assert.equal((await until(session, "ACTIVE")).SignalResponse, SignalResponse);

const listed = [];
for await (const page of paginateListStreamSessions({ client, pageSize: 1 }, { Identifier: group })) {
  listed.push(...page.Items);
}
assert.deepEqual(listed.map((item) => [item.Arn, item.UserId]), [[started.Arn, "ann"]]);

await client.send(new TerminateStreamSessionCommand(session));
assert.equal((await until(session, "TERMINATED")).StatusReason, "apiTerminated");
await assert.rejects(
  () => client.send(new GetStreamSessionCommand({ ...session, StreamSessionIdentifier: "Nobody" })),
  ResourceNotFoundException,
);
console.log(`${id} was started, reconnected to and ended by the AWS SDK for JavaScript`);

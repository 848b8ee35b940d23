/** Liftgate's client for browsers and Node. `Liftgate` is the place to begin. */

export { Liftgate } from "./client.js";
export type { Guest, LiftgateOptions, Player, SessionPage, WaitOptions } from "./client.js";
export { newKey } from "./calls.js";
export type { CallOptions } from "./calls.js";
export type { Clock } from "./clock.js";
export { LiftgateError } from "./errors.js";
export type { LocalCode } from "./errors.js";
export type { MatchOptions } from "./match.js";
export type { SocketLike, SocketMaker } from "./socket.js";
export * from "./types.js";

// What a game in TypeScript sees of the client. Compiled against the packed package, never run.

import { Liftgate, LiftgateError, type ErrorCode, type MatchPending, type PlayerSession } from "liftgate-client";

const liftgate = new Liftgate({ url: "http://127.0.0.1:3000", player: { uuid: "ann" } });

export async function play(signal: AbortSignal): Promise<string> {
  const seat: PlayerSession = await liftgate.createSession({ session_name: "A", num_connections: 4 }, { signal });
  const { sessions, nextToken } = await liftgate.findSession({ "property.map": "Forest", sort: "fullest" });
  const counts: number[] = sessions.map((session) => session.CurrentPlayerSessionCount);
  const token: string | undefined = nextToken;
  const match = await liftgate.match(
    { attributes: { skill: 10, modes: ["duel"], clan: "red", heroes: { mage: 3 } } },
    { onState: (state: Readonly<MatchPending>) => console.log(state.Place), onAcceptance: async () => true, signal },
  );
  return [seat.Port.toFixed(), counts, token, match.Team ?? "", match.Status].join();
}

export function withWhatIsNotThere(signal?: AbortSignal, key?: string): void {
  void liftgate.joinSession({}, { signal, key });
  void new Liftgate({ url: "http://127.0.0.1:3000", player: { uuid: "ann" }, WebSocket }).match({}, { signal, onAcceptance: undefined });
}

export function words(error: LiftgateError): string {
  const codes: ErrorCode[] = ["SESSION_FULL", "NO_CAPACITY"];
  return (codes as string[]).includes(error.code) ? (error.members.detail ?? "") : String(error.retryAfterMs);
}

export function mistakes(): void {
  // @ts-expect-error A required member is missing.
  void liftgate.createSession({ session_name: "A" });
  // @ts-expect-error A member is misspelt, which Liftgate would refuse.
  void liftgate.joinSession({ gameSessionId: "arn" });
  // @ts-expect-error There is no such order.
  void liftgate.findSession({ sort: "oldest" });
  // @ts-expect-error A property is a text.
  void liftgate.findOrCreateSession({ session_name: "A", num_connections: 4, filter: { "property.map": 7 } });
  // @ts-expect-error Nobody plays.
  void new Liftgate({ url: "http://127.0.0.1:3000" });
  // @ts-expect-error No such code is told.
  const code: ErrorCode = "SESSION_FUL";
  void code;
}

/** One connection that tells of a search. */

import type { Clock } from "./clock.js";

/** What the client needs of a `WebSocket`. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
}

export type SocketMaker = new (url: string) => SocketLike;

/** A connection that says nothing for so long is none. */
export const FIRST_WORD_MS = 10_000;

export interface News {
  TicketId?: string;
  Status?: string;
  error?: unknown;
}

export interface ConnectionOptions {
  WebSocket: SocketMaker;
  clock: Clock;
  url: string;
  ticketId: string;
  /** Takes a state of the ticket. */
  hear: (news: News) => void;
  /** Whether a state that comes without having been asked for may be an old one. */
  isDoubtful: (news: News) => boolean;
}

/**
 * Asks for the state of the ticket at once, because what happens between the offer of the socket and its opening is told
 * to nobody. Pushes may overtake each other: a doubtful one is not believed, but asked about.
 */
export class Connection {
  /** Settles when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  /** Whether it has told of the ticket yet. */
  isHeard = false;
  #isAsking = false;
  #isClosed = false;
  #end!: () => void;
  readonly #socket: SocketLike;
  readonly #ticketId: string;

  constructor({ WebSocket, clock, url, ticketId, hear, isDoubtful }: ConnectionOptions) {
    const socket = (this.#socket = new WebSocket(url));
    this.#ticketId = ticketId;
    const timer = clock.setTimeout(() => {
      if (!this.isHeard) this.close();
    }, FIRST_WORD_MS);
    this.closed = new Promise((resolve) => {
      this.#end = () => {
        this.#isClosed = true;
        clock.clearTimeout(timer);
        resolve();
      };
      socket.addEventListener("close", this.#end);
      // A connection that fails may take its time until the event `close`, and with some classes it stays open.
      socket.addEventListener("error", () => this.close());
    });
    socket.addEventListener("open", () => this.#ask());
    socket.addEventListener("message", ({ data }) => {
      const news = parsed(data);
      if (this.#isClosed || news?.TicketId !== ticketId) return;
      // An error without the status of an end is about a message, not about the search.
      if (news.Status === undefined) return;
      this.isHeard = true;
      if (!this.#isAsking && isDoubtful(news)) return this.#ask();
      this.#isAsking = false;
      hear(news);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end();
    this.#socket.close();
  }

  #ask(): void {
    if (this.#isClosed) return;
    this.#isAsking = true;
    this.#socket.send(JSON.stringify({ action: "resume", TicketId: this.#ticketId }));
  }
}

function parsed(data: unknown): News | undefined {
  try {
    const news: unknown = JSON.parse(String(data));
    return typeof news === "object" && news !== null ? news : undefined;
  } catch {
    return undefined;
  }
}

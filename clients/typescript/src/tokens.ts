/** The player's token, renewed before it ends. */

import { within, type Clock } from "./clock.js";
import { LiftgateError } from "./errors.js";
import { CALL_MS, type Http } from "./http.js";
import type { SignInAnswer, SignInRequest } from "./types.js";

export interface TokenSource {
  /** A token that is good now. */
  token(): Promise<string>;
  /** A token in place of one that was refused; the same if there is no other. */
  renewed(refused: string): Promise<string>;
}

/** What a function of the game gives. One whose SDK never answers must not hold up all calls for ever. */
function given<T>(clock: Clock, get: () => T | Promise<T>): Promise<T> {
  const message = "The game's function has given no token or ticket in time.";
  const late = () => new LiftgateError({ code: "NO_ANSWER", message, status: 0, retryable: true });
  return within(clock, CALL_MS, new Promise<T>((resolve) => resolve(get())), late);
}

/** The token of a provider, whose own SDK renews it. */
export class ProviderToken implements TokenSource {
  readonly #get: (wasRefused: boolean) => string | Promise<string>;
  readonly #clock: Clock;

  constructor(clock: Clock, token: string | ((wasRefused: boolean) => string | Promise<string>)) {
    this.#clock = clock;
    this.#get = typeof token === "string" ? () => token : token;
  }

  async token(): Promise<string> {
    return given(this.#clock, () => this.#get(false));
  }

  async renewed(): Promise<string> {
    return given(this.#clock, () => this.#get(true));
  }
}

/** A token is renewed after two thirds of its life. */
const RENEWED_AFTER = 2 / 3;
/** A token on its way must not end there. */
const MARGIN_MS = 5000;
/** How long a good token is kept after a renewal that failed, where nobody says how long. */
const NEXT_RENEWAL_MS = 5000;

interface Signed {
  answer: SignInAnswer;
  renewAt: number;
  endsAt: number;
}

export interface SignInOptions {
  http: Http;
  clock: Clock;
  /** What to sign in with, the first time and when a refresh token is refused. */
  credentials: () => SignInRequest | Promise<SignInRequest>;
  /** Told of each sign-in that is no refresh. */
  onSignIn?: ((answer: SignInAnswer) => void) | undefined;
}

/**
 * Tokens of `/sign_in`. Calls at the same time share one sign-in. Nothing is repeated here: a sign-in that fails is the
 * failure of the call that needs it, and a token that is still good goes on being used.
 */
export class SignedIn implements TokenSource {
  readonly #with: SignInOptions;
  #signed: Signed | undefined;
  #running: Promise<Signed> | undefined;

  constructor(options: SignInOptions) {
    this.#with = options;
  }

  async token(): Promise<string> {
    return (await this.#good()).answer.AccessToken;
  }

  async playerId(): Promise<string> {
    return (this.#signed ?? (await this.#good())).answer.PlayerId;
  }

  async renewed(refused: string): Promise<string> {
    if (this.#signed && this.#signed.answer.AccessToken !== refused) return this.token();
    return (await this.#renew()).answer.AccessToken;
  }

  async #good(): Promise<Signed> {
    const { clock } = this.#with;
    const signed = this.#signed;
    if (!signed || clock.now() >= signed.endsAt) return this.#renew();
    if (clock.now() < signed.renewAt) return signed;
    try {
      return await this.#renew();
    } catch (error) {
      if (clock.now() >= signed.endsAt) throw error;
      const wait = (error instanceof LiftgateError && error.retryAfterMs) || NEXT_RENEWAL_MS;
      signed.renewAt = clock.now() + wait;
      return signed;
    }
  }

  #renew(): Promise<Signed> {
    this.#running ??= this.#signIn().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #signIn(): Promise<Signed> {
    const { clock, credentials, onSignIn } = this.#with;
    const refresh = this.#signed?.answer.RefreshToken;
    if (refresh !== undefined) {
      try {
        return await this.#send({ provider: "refresh", refresh_token: refresh }, this.#signed?.answer.AccessToken);
      } catch (error) {
        const isRefused = error instanceof LiftgateError && error.status === 403;
        if (!isRefused) throw error;
      }
    }
    // Without the header Authorization, which is for a refresh only.
    const signed = await this.#send(await given(clock, credentials));
    onSignIn?.(signed.answer);
    return signed;
  }

  async #send(body: SignInRequest, token?: string): Promise<Signed> {
    const { http, clock } = this.#with;
    // Counted from before the request: a clock that runs too early harms nobody.
    const started = clock.now();
    const { body: answer } = await http.once({ method: "POST", path: "/sign_in", body }, token);
    const life = 1000 * (answer as SignInAnswer).ExpiresIn;
    const renewAt = started + RENEWED_AFTER * life;
    this.#signed = { answer: answer as SignInAnswer, renewAt, endsAt: started + Math.max(0, life - MARGIN_MS) };
    return this.#signed;
  }
}

// What this browser and the host say to each other about a room: joining, leaving, and the words that go to one other peer.
//
// Words go out one after another, so that an offer is never overtaken by the addresses that belong to it; what comes in is a stream of
// events that the browser resumes by itself where it broke.

/** @typedef {{peer: string, account: number}} Other */
/** @typedef {{peer: string, account: number, peers: Other[], most: number, beat: number, rtc: RTCConfiguration}} Joined */
/**
 * What is heard. `came`, `left`, `said` as the host sends them; `lost`: join again; `over`: it is over, and why.
 * @typedef {(name: 'came' | 'left' | 'said' | 'lost' | 'over', data: any) => void} Hear
 */

const TRIES = 3;
const PATIENCE = 10_000;
/** Beats missed until the way to the host counts as broken. */
const MISSED = 3;

const secret = () => /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=_csrf]:not([value=""])'))?.value ?? '';
const pause = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** Why the host would not. */
export class Refused extends Error {
  /** @param {number} status 0: no answer */
  constructor(status) {
    super(`the room answers ${status}`);
    this.status = status;
  }
}

export class Line {
  #room;
  #hear;
  #peer = '';
  /** @type {EventSource | undefined} */
  #source;
  /** @type {number | undefined} */
  #timer;
  #missed = 0;
  #ended = false;
  #queue = Promise.resolve();

  /** @param {string} room number of the record @param {Hear} hear */
  constructor(room, hear) {
    this.#room = room;
    this.#hear = hear;
  }

  /** @param {string} to @param {object} body @param {boolean} [keepalive] @returns {Promise<Response>} */
  async #post(to, body, keepalive = false) {
    return fetch(`/room/${this.#room}/${to}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrf': secret() },
      body: JSON.stringify(body),
      keepalive,
      signal: keepalive ? undefined : AbortSignal.timeout(PATIENCE),
    });
  }

  /** Joins as a new peer. @returns {Promise<Joined>} @throws {Refused} */
  async join() {
    let answer;
    try {
      answer = await this.#post('join', {});
    } catch {
      throw new Refused(0);
    }
    if (!answer.ok) throw new Refused(answer.status);
    const joined = /** @type {Joined} */ (await answer.json());
    this.#peer = joined.peer;
    if (this.#ended) {
      this.#say('leave', true);
      return joined;
    }
    this.#listen();
    this.#timer = setInterval(() => this.#here(), joined.beat);
    return joined;
  }

  #listen() {
    const source = (this.#source = new EventSource(`/room/${this.#room}/events?peer=${this.#peer}`));
    for (const name of /** @type {const} */ (['came', 'left', 'said'])) {
      source.addEventListener(name, (event) => this.#hear(name, JSON.parse(event.data)));
    }
    source.addEventListener('over', (event) => {
      const { why } = JSON.parse(event.data);
      this.end();
      // What the host could not help, or will be able to in a moment, is no reason to stay away.
      if (why === 'silent' || why === 'behind' || why === 'stop') this.#hear('lost', {});
      else if (why !== 'left') this.#hear('over', { why });
    });
    source.onerror = () => {
      // The browser comes back by itself where it may; refused, it does not, and the next beat says why.
      if (source.readyState === EventSource.CLOSED) this.#here();
    };
  }

  /** Says that this browser is there, and finds out whether it still is for the host. */
  async #here() {
    const status = await this.#post('signal', { peer: this.#peer, say: 'here' }).then((answer) => answer.status, () => 0);
    if (this.#ended) return;
    if (status === 401 || status === 403 || status === 404) {
      this.end();
      this.#hear('over', { why: 'member' });
    } else if (status === 410 || (status >= 200 && status < 300 && this.#source?.readyState === EventSource.CLOSED)) {
      this.end();
      this.#hear('lost', {});
    } else if (status >= 200 && status < 300) this.#missed = 0;
    else if (++this.#missed >= MISSED) {
      this.end();
      this.#hear('lost', {});
    }
  }

  /** Says something to another peer. @param {string} to @param {object} say */
  send(to, say) {
    this.#queue = this.#queue.then(async () => {
      for (let tried = 0; tried < TRIES && !this.#ended; tried++) {
        const status = await this.#post('signal', { peer: this.#peer, to, say }).then((answer) => answer.status, () => 0);
        // Who is gone hears nothing; that is told by `left`.
        if (status && status !== 429 && status < 500) return;
        await pause(1_000);
      }
    });
  }

  /** @param {'leave'} to @param {boolean} keepalive */
  #say(to, keepalive) {
    if (this.#peer) this.#post(to, { peer: this.#peer }, keepalive).catch(() => {});
  }

  /** Nothing is heard or said any more. */
  end() {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#source?.close();
  }

  /** Says good-bye, also from a page that goes away, and ends. */
  leave() {
    if (!this.#ended) this.#say('leave', true);
    this.end();
  }
}

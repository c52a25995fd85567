// The online room of a record: sound and picture between the browsers of its members. Nothing begins by itself, nothing is recorded,
// and whatever does not work leaves the talk in text, with a sentence that says why.

import { Line, Refused } from './room-line.js';
import { Mesh } from './room-mesh.js';
import { Tiles } from './room-tiles.js';
import { count } from './room-turn.js';
import { say } from './room-words.js';
import { account } from './words.js';

/** @typedef {import('./room-mesh.js').Kind} Kind */

/** Modest, so that a telephone can send it to five others. @type {Record<Kind, MediaTrackConstraints>} */
const WISHES = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 }, facingMode: 'user' },
};
/** Until the host is tried again, when it does not answer. */
const AGAIN = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

class GovRoom extends HTMLElement {
  /** @type {HTMLElement | null} */
  #call = null;
  /** @type {'out' | 'joining' | 'in'} */
  #phase = 'out';
  /** @type {Line | undefined} */
  #line;
  /** @type {Mesh | undefined} */
  #mesh;
  /** @type {Tiles | undefined} */
  #tiles;
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  #failed = 0;
  /** @type {number | undefined} */
  #timer;

  connectedCallback() {
    const call = /** @type {HTMLElement | null} */ (this.querySelector('.call'));
    if (!call || this.#call) return;
    this.#call = call;
    this.#watchTurn();
    call.hidden = false;
    const reason = !isSecureContext || !navigator.mediaDevices ? 'noOrigin' : 'RTCPeerConnection' in globalThis ? '' : 'noWebrtc';
    if (reason) {
      for (const part of /** @type {NodeListOf<HTMLElement>} */ (call.querySelectorAll('.choices, .consent, .actions'))) part.hidden = true;
      return this.#state(say(this, reason));
    }
    const words = {
      connecting: say(this, 'tileConnecting'),
      failed: say(this, 'tileFailed'),
      camera: say(this, 'tileCamera'),
      microphone: say(this, 'tileMicrophone'),
      speaking: say(this, 'speaking'),
      you: say(this, 'you'),
    };
    this.#tiles = new Tiles(/** @type {HTMLElement} */ (call.querySelector('.tiles')), words);
    this.#tiles.speaks(this.dataset.speaker ?? '');
    call.addEventListener('click', (event) => {
      const doing = /** @type {Element} */ (event.target).closest('[data-do]')?.getAttribute('data-do');
      if (doing === 'join') this.#join();
      else if (doing === 'leave') this.#stop('left');
      else if (doing === 'microphone') this.#switch('audio');
      else if (doing === 'camera') this.#switch('video');
    });
    addEventListener('pagehide', () => this.#phase !== 'out' && this.#stop('left'));
  }

  disconnectedCallback() {
    // A live page may only have moved it.
    setTimeout(() => !this.isConnected && this.#phase !== 'out' && this.#stop('left'));
  }

  #watchTurn() {
    const look = count(this);
    const marks = () => this.#tiles?.speaks(this.dataset.speaker ?? '');
    new MutationObserver(() => (look(), marks())).observe(this, { attributeFilter: ['data-speaker', 'data-until'] });
  }

  /** @param {string} text */
  #state(text) {
    const place = this.#call?.querySelector('.state');
    if (place && place.textContent !== text) place.textContent = text;
  }

  /** @param {string} name */
  #button(name) {
    return /** @type {HTMLButtonElement} */ (this.#call?.querySelector(`[data-do=${name}]`));
  }

  /** What the page calls an account. @param {string | number} account */
  #name(account) {
    return this.querySelector(`.members [data-account="${CSS.escape(String(account))}"]`)?.textContent || say(this, 'someone');
  }

  /** @param {'out' | 'joining' | 'in'} phase */
  #turn(phase) {
    const call = /** @type {HTMLElement} */ (this.#call);
    const held = call.contains(document.activeElement);
    this.#phase = phase;
    call.toggleAttribute('data-in', phase !== 'out');
    call.dataset.phase = phase;
    this.#button('join').hidden = phase !== 'out';
    this.#button('leave').hidden = phase === 'out';
    for (const name of ['microphone', 'camera']) this.#button(name).hidden = phase !== 'in';
    // The button that was pressed is gone: the next one takes its place.
    if (held) this.#button(phase === 'out' ? 'join' : phase === 'in' ? 'microphone' : 'leave').focus();
  }

  /** Asked anew after every wait. @param {'out' | 'joining' | 'in'} phase */
  #is(phase) {
    return this.#phase === phase;
  }

  async #join() {
    if (this.#phase !== 'out') return;
    this.#turn('joining');
    this.#state(say(this, 'connecting'));
    const wants = (/** @type {string} */ use) => /** @type {HTMLInputElement} */ (this.#call?.querySelector(`[data-use=${use}]`)).checked;
    const lacks = await this.#open({ audio: wants('microphone'), video: wants('camera') });
    // Pressed “leave” meanwhile.
    if (!this.#is('joining')) return this.#close();
    if (lacks === 'all') return this.#stop('refused');
    this.#failed = 0;
    await this.#enter(lacks && say(this, lacks));
  }

  /**
   * Asks for devices, and for each alone when not both are to be had. @param {Record<Kind, boolean>} wants
   * @returns {Promise<'' | 'all' | 'noCamera' | 'noMicrophone'>} what is lacking
   */
  async #open({ audio, video }) {
    const ask = async (/** @type {Kind[]} */ kinds) => {
      const asked = Object.fromEntries(kinds.map((kind) => [kind, WISHES[kind]]));
      const stream = await navigator.mediaDevices.getUserMedia(asked).catch(() => null);
      for (const track of stream?.getTracks() ?? []) this.#keep(/** @type {Kind} */ (track.kind), track);
      return stream !== null;
    };
    if (audio && video && !(await ask(['audio', 'video']))) {
      await ask(['audio']);
      await ask(['video']);
    } else if (audio !== video) await ask([audio ? 'audio' : 'video']);
    const lacks = [audio && !this.#tracks.audio, video && !this.#tracks.video];
    if (!lacks[0] && !lacks[1]) return '';
    if (!this.#tracks.audio && !this.#tracks.video) return 'all';
    return lacks[0] ? 'noMicrophone' : 'noCamera';
  }

  /** @param {Kind} kind @param {MediaStreamTrack} track */
  #keep(kind, track) {
    this.#tracks[kind] = track;
    // Pulled out, or taken back in the browser's own list of permissions.
    track.addEventListener('ended', () => this.#tracks[kind] === track && this.#give(kind, null));
  }

  /** Takes a place in the room, the first time or once more. @param {string} [news] */
  async #enter(news = '') {
    const line = new Line(this.dataset.room ?? '', (name, data) => line === this.#line && this.#hear(name, data));
    this.#line = line;
    let joined;
    try {
      joined = await line.join();
    } catch (error) {
      if (line !== this.#line) return;
      return this.#refused(error instanceof Refused ? error.status : 0);
    }
    if (line !== this.#line) return line.leave();
    this.#failed = 0;
    // What was connected goes on until here.
    this.#mesh?.close();
    this.#tiles?.clear();
    const mesh = (this.#mesh = new Mesh(joined.peer, joined.rtc, {
      send: (peer, words) => line.send(peer, words),
      state: (peer, state) => {
        this.#tiles?.state(peer, state);
        if (state === 'connected') line.send(peer, { shows: this.#shows() });
        if (mesh === this.#mesh) this.#settle();
      },
      track: (peer, track) => this.#tiles?.track(peer, track, /** @type {Kind} */ (track.kind)),
    }));
    this.#tiles?.add('own', account, this.#name(account));
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) this.#give(kind, this.#tracks[kind]);
    for (const other of joined.peers) {
      this.#tiles?.add(other.peer, String(other.account), this.#name(other.account));
      mesh.offer(other.peer);
    }
    if (this.#phase !== 'in') this.#turn('in');
    this.#settle(news);
  }

  /** @param {number} status */
  #refused(status) {
    if (status === 409) return this.#stop('full');
    if (status === 401 || status === 403 || status === 404) return this.#stop('member');
    const wait = AGAIN[this.#failed++];
    if (wait === undefined || this.#phase !== 'in') return this.#stop('host');
    this.#timer = setTimeout(() => this.#enter(), wait * (0.5 + Math.random()));
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === 'came') {
      const called = this.#name(data.account);
      this.#tiles?.add(data.peer, String(data.account), called);
      this.#mesh?.expect(data.peer);
      this.#settle(say(this, 'came', { name: called }));
    } else if (name === 'left') {
      const called = this.#tiles?.name(data.peer);
      this.#mesh?.drop(data.peer);
      this.#tiles?.remove(data.peer);
      this.#settle(called ? say(this, 'went', { name: called }) : '');
    } else if (name === 'said') {
      if (data.say.shows) this.#tiles?.shows(data.from, data.say.shows);
      else this.#mesh?.take(data.from, data.say);
    } else if (name === 'lost') {
      this.#state(say(this, 'lost'));
      this.#refused(0);
    } else if (name === 'over') this.#stop(data.why);
  }

  /** Says how the room stands, behind what is new. @param {string} [news] */
  #settle(news) {
    const others = this.#tiles?.others ?? [];
    const connected = others.filter((state) => state === 'connected').length;
    const failed = others.filter((state) => state === 'failed').length;
    const stands = !others.length
      ? say(this, 'alone')
      : connected
        ? say(this, 'connected', { count: connected + 1 })
        : failed === others.length
          ? say(this, 'broken')
          : say(this, 'connecting');
    this.#call?.setAttribute('data-state', connected ? 'connected' : failed && failed === others.length ? 'text' : 'connecting');
    this.#state([news, stands].filter(Boolean).join(' · '));
  }

  #shows() {
    return { camera: Boolean(this.#tracks.video), microphone: Boolean(this.#tracks.audio?.enabled) };
  }

  /** What is sent of one kind from now on. @param {Kind} kind @param {MediaStreamTrack | null} track */
  #give(kind, track) {
    this.#tracks[kind] = track;
    this.#mesh?.set(kind, track);
    if (kind === 'video') this.#tiles?.track('own', track, 'video');
    this.#said();
  }

  /** Tells everybody what is on, and the buttons what they do. */
  #said() {
    const shows = this.#shows();
    this.#tiles?.shows('own', shows);
    for (const name of /** @type {const} */ (['microphone', 'camera'])) {
      this.#button(name).textContent = say(this, name + (shows[name] ? 'Off' : 'On'));
    }
    for (const peer of this.#mesh?.peers ?? []) this.#line?.send(peer, { shows });
  }

  /** A device off or on. A camera that is off is off: its light goes out. @param {Kind} kind */
  async #switch(kind) {
    const track = this.#tracks[kind];
    if (track && kind === 'audio') {
      track.enabled = !track.enabled;
      return this.#said();
    }
    if (track) {
      track.stop();
      return this.#give(kind, null);
    }
    await this.#open({ audio: kind === 'audio', video: kind === 'video' });
    if (this.#phase !== 'in') return this.#close();
    if (this.#tracks[kind]) this.#give(kind, this.#tracks[kind]);
    else this.#settle(say(this, kind === 'audio' ? 'noMicrophone' : 'noCamera'));
  }

  #close() {
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
      const track = this.#tracks[kind];
      this.#tracks[kind] = null;
      track?.stop();
    }
  }

  /** Out of the room, and why. @param {string} why */
  #stop(why) {
    const line = this.#line;
    this.#line = undefined;
    clearTimeout(this.#timer);
    line?.leave();
    this.#mesh?.close();
    this.#mesh = undefined;
    this.#tiles?.clear();
    this.#close();
    this.#turn('out');
    this.#call?.setAttribute('data-state', 'text');
    this.#state(`${say(this, 'text')} · ${say(this, why)}`);
  }
}

customElements.define('gov-room', GovRoom);

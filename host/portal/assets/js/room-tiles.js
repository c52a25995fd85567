// The tiles of a room: one for each browser in it, with a name, a picture where there is one, and how it stands in words.

/** @typedef {import('./room-mesh.js').State} State */
/** @typedef {{connecting: string, failed: string, camera: string, microphone: string, speaking: string, you: string}} Words */
/** What somebody says is on. @typedef {{camera: boolean, microphone: boolean}} Shows */

/**
 * @typedef {object} Tile
 * @property {HTMLLIElement} item
 * @property {HTMLVideoElement} video
 * @property {HTMLElement} how
 * @property {string} account
 * @property {string} name
 * @property {State} state
 * @property {Shows} shows
 */

/** @param {string} tag @param {Record<string, any>} with_ @param {(Node | string)[]} children */
function make(tag, with_ = {}, ...children) {
  const element = Object.assign(document.createElement(tag), with_);
  element.append(...children);
  return element;
}

export class Tiles {
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  #list;
  #words;
  #speaker = '';

  /** @param {HTMLElement} list @param {Words} words */
  constructor(list, words) {
    this.#list = list;
    this.#words = words;
  }

  /** Peers by how they stand, one's own left out. @returns {State[]} */
  get others() {
    return [...this.#tiles].filter(([peer]) => peer !== 'own').map(([, tile]) => tile.state);
  }

  /** @param {string} peer 'own' for this browser @param {string} account @param {string} name */
  add(peer, account, name) {
    this.remove(peer);
    const own = peer === 'own';
    const video = /** @type {HTMLVideoElement} */ (make('video', { autoplay: true, playsInline: true, muted: own, srcObject: new MediaStream() }));
    video.setAttribute('aria-label', own ? `${name} ${this.#words.you}` : name);
    const how = make('span', { className: 'how' });
    const title = make('p', { className: 'name' }, make('strong', { textContent: name }), ...(own ? [this.#words.you] : []), how);
    const item = /** @type {HTMLLIElement} */ (make('li', { className: own ? 'own' : '' }, make('div', { className: 'frame' }, video), title));
    /** @type {Tile} */
    const tile = { item, video, how, account, name, state: own ? 'connected' : 'connecting', shows: { camera: false, microphone: own } };
    this.#tiles.set(peer, tile);
    this.#list.append(item);
    this.#paint(tile);
  }

  /** What the one there is called. @param {string} peer */
  name(peer) {
    return this.#tiles.get(peer)?.name ?? '';
  }

  /** @param {string} peer @param {MediaStreamTrack | null} track @param {'audio' | 'video'} kind */
  track(peer, track, kind) {
    const video = this.#tiles.get(peer)?.video;
    const stream = /** @type {MediaStream | undefined} */ (video?.srcObject);
    if (!video || !stream) return;
    for (const old of stream.getTracks()) if (old.kind === kind && old !== track) stream.removeTrack(old);
    if (track) stream.addTrack(track);
    video.play().catch(() => {});
  }

  /** @param {string} peer @param {State} state */
  state(peer, state) {
    const tile = this.#tiles.get(peer);
    if (!tile) return;
    tile.state = state;
    this.#paint(tile);
  }

  /** @param {string} peer @param {Shows} shows */
  shows(peer, shows) {
    const tile = this.#tiles.get(peer);
    if (!tile) return;
    tile.shows = shows;
    this.#paint(tile);
  }

  /** Marks who has the word. @param {string} account */
  speaks(account) {
    if (account === this.#speaker) return;
    this.#speaker = account;
    for (const tile of this.#tiles.values()) this.#paint(tile);
  }

  /** @param {Tile} tile */
  #paint({ item, video, how, account, state, shows }) {
    const speaks = account !== '' && account === this.#speaker;
    const words = this.#words;
    const off = [shows.camera ? '' : words.camera, shows.microphone ? '' : words.microphone];
    const said = [speaks ? words.speaking : '', ...(state === 'connected' ? off : [words[state]])].filter(Boolean);
    item.classList.toggle('speaks', speaks);
    item.dataset.state = state;
    video.hidden = state !== 'connected' || !shows.camera;
    how.textContent = said.join(' · ');
  }

  /** @param {string} peer */
  remove(peer) {
    const tile = this.#tiles.get(peer);
    if (!tile) return;
    tile.video.srcObject = null;
    tile.item.remove();
    this.#tiles.delete(peer);
  }

  clear() {
    for (const peer of [...this.#tiles.keys()]) this.remove(peer);
  }
}

// Sound and picture between this browser and each other member's: one connection each (WebRTC), made and mended by perfect
// negotiation (W3C webrtc, 10.7). Whoever comes offers; both may mend. Every connection has room for sound and for picture from the
// beginning, so that switching a camera on needs no new negotiation.

/** @typedef {'connecting' | 'connected' | 'failed'} State */
/** @typedef {'audio' | 'video'} Kind */
/**
 * @typedef {object} Tell
 * @property {(peer: string, say: object) => void} send passes words on to a peer
 * @property {(peer: string, state: State) => void} state
 * @property {(peer: string, track: MediaStreamTrack) => void} track
 */
/**
 * @typedef {object} Link
 * @property {RTCPeerConnection} pc
 * @property {boolean} polite
 * @property {boolean} making
 * @property {boolean} ignoring
 * @property {boolean} mended tried once more already
 * @property {Promise<void>} work what came is taken in one after another
 * @property {number} [timer]
 */

/** A connection that did not come about by then will not. */
const PATIENCE = 20_000;
/** Bits a second of one picture: five of them fit a home's upload. */
const BITS = 400_000;

export class Mesh {
  /** @type {Map<string, Link>} */
  #links = new Map();
  /** @type {Record<Kind, MediaStreamTrack | null>} */
  #tracks = { audio: null, video: null };
  #own;
  #rtc;
  #tell;

  /** @param {string} own this peer @param {RTCConfiguration} rtc @param {Tell} tell */
  constructor(own, rtc, tell) {
    this.#own = own;
    this.#rtc = rtc;
    this.#tell = tell;
  }

  get peers() {
    return [...this.#links.keys()];
  }

  /** What is sent to everybody from now on. @param {Kind} kind @param {MediaStreamTrack | null} track */
  set(kind, track) {
    this.#tracks[kind] = track;
    for (const { pc } of this.#links.values()) {
      for (const transceiver of pc.getTransceivers()) {
        if (transceiver.receiver.track.kind === kind) transceiver.sender.replaceTrack(track).catch(() => {});
      }
    }
  }

  /** Offers a connection. @param {string} peer */
  offer(peer) {
    const { pc } = this.#link(peer);
    for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
      pc.addTransceiver(this.#tracks[kind] ?? kind, { direction: 'sendrecv' });
    }
  }

  /** Expects the offer of one who came. @param {string} peer */
  expect(peer) {
    this.#link(peer);
  }

  /** Takes in what a peer said. @param {string} peer @param {any} say */
  take(peer, say) {
    const link = this.#links.get(peer);
    if (!link) return;
    link.work = link.work.then(() => this.#hear(peer, link, say)).catch((error) => console.warn('changzhi: room', error));
  }

  /** @param {string} peer */
  drop(peer) {
    const link = this.#links.get(peer);
    if (!link) return;
    this.#links.delete(peer);
    clearTimeout(link.timer);
    link.pc.close();
  }

  close() {
    for (const peer of [...this.#links.keys()]) this.drop(peer);
  }

  /** @param {string} peer @returns {Link} */
  #link(peer) {
    this.drop(peer);
    const pc = new RTCPeerConnection(this.#rtc);
    /** @type {Link} */
    const link = { pc, polite: this.#own < peer, making: false, ignoring: false, mended: false, work: Promise.resolve() };
    this.#links.set(peer, link);
    pc.onicecandidate = ({ candidate }) => candidate && this.#tell.send(peer, { candidate: candidate.toJSON() });
    pc.ontrack = ({ track }) => this.#tell.track(peer, track);
    pc.onnegotiationneeded = async () => {
      try {
        link.making = true;
        await pc.setLocalDescription();
        this.#describe(peer, pc);
      } catch (error) {
        console.warn('changzhi: room', error);
      } finally {
        link.making = false;
      }
    };
    pc.onconnectionstatechange = () => this.#changed(peer, link);
    this.#wait(peer, link);
    this.#tell.state(peer, 'connecting');
    return link;
  }

  /** @param {string} peer @param {RTCPeerConnection} pc */
  #describe(peer, pc) {
    const described = pc.localDescription;
    if (described) this.#tell.send(peer, { [described.type]: described.sdp });
  }

  /** @param {string} peer @param {Link} link @param {any} say */
  async #hear(peer, link, say) {
    const { pc } = link;
    const type = typeof say.offer === 'string' ? 'offer' : typeof say.answer === 'string' ? 'answer' : null;
    if (type) {
      const collides = type === 'offer' && (link.making || pc.signalingState !== 'stable');
      link.ignoring = !link.polite && collides;
      if (link.ignoring) return;
      await pc.setRemoteDescription({ type, sdp: say[type] });
      if (type !== 'offer') return;
      for (const transceiver of pc.getTransceivers()) {
        if (transceiver.direction === 'sendrecv') continue;
        transceiver.direction = 'sendrecv';
        await transceiver.sender.replaceTrack(this.#tracks[/** @type {Kind} */ (transceiver.receiver.track.kind)]);
      }
      await pc.setLocalDescription();
      this.#describe(peer, pc);
    } else if (say.candidate) {
      try {
        await pc.addIceCandidate(say.candidate);
      } catch (error) {
        if (!link.ignoring) throw error;
      }
    }
  }

  /** @param {string} peer @param {Link} link */
  #changed(peer, link) {
    const state = link.pc.connectionState;
    if (state === 'connected') {
      clearTimeout(link.timer);
      link.mended = false;
      this.#tell.state(peer, 'connected');
      this.#modest(link.pc);
    } else if (state === 'failed') this.#mend(peer, link);
    else if (state === 'disconnected') {
      this.#tell.state(peer, 'connecting');
      this.#wait(peer, link);
    }
  }

  /** @param {string} peer @param {Link} link */
  #wait(peer, link) {
    clearTimeout(link.timer);
    link.timer = setTimeout(() => link.pc.connectionState !== 'connected' && this.#mend(peer, link), PATIENCE);
  }

  /** Looks for another way once; then it is said that there is none. @param {string} peer @param {Link} link */
  #mend(peer, link) {
    clearTimeout(link.timer);
    if (link.mended) return this.#tell.state(peer, 'failed');
    link.mended = true;
    link.pc.restartIce();
    this.#tell.state(peer, 'connecting');
    this.#wait(peer, link);
  }

  /** @param {RTCPeerConnection} pc */
  #modest(pc) {
    for (const { sender, receiver } of pc.getTransceivers()) {
      const parameters = sender.getParameters();
      if (receiver.track.kind !== 'video' || !parameters.encodings?.length) continue;
      for (const encoding of parameters.encodings) encoding.maxBitrate = BITS;
      sender.setParameters(parameters).catch(() => {});
    }
  }
}

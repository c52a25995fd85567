// An interactive map over the one the host drew. The drawing and the list under it stay: they are what is there without a
// script, without WebGL, on paper, and until this is ready.
//
// The data is the page's own address, asked for GeoJSON (WGS84). At once on a desk, when it comes into view; on a phone and on
// a slow line only after a tap.

/** @typedef {{type: string, id: string, geometry: any, properties: Record<string, any>}} Feature */

const root = document.documentElement;
/** A token of the design system. @param {string} name */
const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();

const onTap = () =>
  root.dataset.profile === 'phone' ||
  matchMedia('(max-width: 40rem)').matches ||
  /** @type {any} */ (navigator).connection?.saveData === true;

/** @type {Promise<any> | undefined} */
let library;
function maplibre() {
  library ??= (async () => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = '/assets/npm/maplibre-gl.css';
    const styled = new Promise((done) => (style.onload = style.onerror = done));
    document.head.append(style);
    const gl = await import('/assets/npm/maplibre-gl.mjs');
    // A worker of our own address: the policy allows no blob.
    gl.setWorkerUrl('/assets/npm/maplibre-gl-worker.mjs');
    await styled;
    return gl;
  })();
  return library;
}

/** Colour of a level, of areas and spots. */
const byLevel = () => ['match', ['get', 'level'], 1, token('--l1'), 2, token('--l2'), 3, token('--l3'), 4, token('--l4'), token('--muted')];
const byToken = () => [
  'match', ['get', 'token'],
  ['level-1', 'danger'], token('--l1'), ['level-2', 'warning'], token('--l2'), 'level-3', token('--l3'),
  ['level-4', 'info'], token('--l4'), 'good', token('--good'), token('--c0'),
];

function layers() {
  const kind = (/** @type {string} */ k) => ['==', ['get', 'kind'], k];
  const label = { 'text-color': token('--text'), 'text-halo-color': token('--panel'), 'text-halo-width': 1.5 };
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': token('--soft') } },
    { id: 'areas', type: 'fill', source: 'page', filter: kind('area'), paint: { 'fill-color': byLevel(), 'fill-opacity': 0.3 } },
    { id: 'edges', type: 'line', source: 'page', filter: kind('area'), paint: { 'line-color': byLevel(), 'line-width': 2 } },
    { id: 'tracks', type: 'line', source: 'page', filter: kind('track'), paint: { 'line-color': token('--c3'), 'line-width': 3, 'line-dasharray': [3, 1.5] } },
    { id: 'heat', type: 'circle', source: 'page', filter: ['all', kind('spot'), ['==', ['get', 'shape'], 'heat']], paint: { 'circle-radius': 26, 'circle-color': byToken(), 'circle-opacity': 0.22 } },
    { id: 'spots', type: 'circle', source: 'page', filter: ['all', kind('spot'), ['!=', ['get', 'shape'], 'heat']], paint: { 'circle-radius': 8, 'circle-color': byToken(), 'circle-stroke-color': token('--panel'), 'circle-stroke-width': 2 } },
    { id: 'names', type: 'symbol', source: 'page', filter: kind('area'), layout: { 'text-field': ['get', 'name'], 'text-size': 13 }, paint: label },
    { id: 'spot-names', type: 'symbol', source: 'page', minzoom: 13, filter: ['all', kind('spot'), ['!=', ['get', 'shape'], 'heat']], layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-offset': [0, 1.3], 'text-optional': true }, paint: label },
  ];
}

/** West, south, east, north of what is on it. @param {Feature[]} features */
function bounds(features) {
  const box = [180, 90, -180, -90];
  const take = (/** @type {any} */ c) => {
    if (typeof c[0] !== 'number') return c.forEach(take);
    box[0] = Math.min(box[0], c[0]), box[1] = Math.min(box[1], c[1]);
    box[2] = Math.max(box[2], c[0]), box[3] = Math.max(box[3], c[1]);
  };
  features.forEach((f) => take(f.geometry.coordinates));
  return box;
}

/**
 * Vector tiles in our own colours: areas and lines of each layer, by what its name says. Names of places are not drawn: they are
 * in our own layers. @param {string[]} names
 */
function drawn(names) {
  /** @type {[RegExp, string, string][]} */
  const looks = [
    [/water|ocean|river|lake/i, token('--l4-soft'), '#8fb3d6'],
    [/build/i, token('--hair'), token('--line')],
    [/road|transport|street|highway|rail/i, 'transparent', token('--line')],
    [/bound|admin/i, 'transparent', token('--muted')],
    [/land|green|park|natural|earth/i, token('--panel'), token('--hair')],
  ];
  return names.flatMap((name) => {
    const [, fill, line] = looks.find(([word]) => word.test(name)) ?? [/./, 'transparent', token('--hair')];
    const of = { source: 'base', 'source-layer': name };
    return [
      { id: `base-${name}`, type: 'fill', ...of, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': fill } },
      { id: `base-${name}-line`, type: 'line', ...of, filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': line, 'line-width': 1.5 } },
    ];
  });
}

class GovMap extends HTMLElement {
  /** @type {any} */
  map;

  connectedCallback() {
    if (this.dataset.state) return;
    const button = /** @type {HTMLElement | null} */ (this.querySelector('.upgrade'));
    if (onTap() && button) {
      button.hidden = false;
      button.querySelector('button')?.addEventListener('click', () => {
        button.hidden = true;
        this.upgrade();
      });
      return;
    }
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((e) => e.isIntersecting)) return;
      seen.disconnect();
      this.upgrade();
    });
    seen.observe(this);
  }

  async features() {
    const url = new URL(this.dataset.src ?? location.href, location.href);
    // Over a base map in another datum our layers are asked for in that one.
    if (this.dataset.tiles && this.dataset.datum) url.searchParams.set('_datum', this.dataset.datum);
    const answer = await fetch(url, { headers: { accept: 'application/geo+json' } });
    if (!answer.ok) throw new Error(`the data of the map: ${answer.status}`);
    const all = /** @type {{features: Feature[]}} */ (await answer.json()).features;
    return all.filter((f) => f.properties.map === this.dataset.map);
  }

  async upgrade() {
    this.dataset.state = 'loading';
    try {
      const [gl, features] = await Promise.all([maplibre(), this.features()]);
      const box = document.createElement('div');
      box.className = 'canvas';
      this.append(box);
      const title = this.querySelector('svg.drawing')?.getAttribute('aria-label') ?? '';
      this.map = new gl.Map({
        container: box,
        bounds: bounds(features),
        fitBoundsOptions: { padding: 32, maxZoom: 16 },
        attributionControl: this.dataset.tiles ? {} : false,
        cooperativeGestures: matchMedia('(pointer: coarse)').matches,
        localIdeographFontFamily: token('--font'),
        locale: { 'Map.Title': title },
        style: this.dress(features),
      });
      this.map.addControl(new gl.NavigationControl({ showCompass: false }));
      this.map.addControl(new gl.ScaleControl({}), 'bottom-left');
      this.map.on('error', (/** @type {any} */ e) => console.warn('changzhi: map', e.error?.message));
      for (const layer of ['spots', 'areas']) this.opens(gl, layer);
      this.map.once('idle', () => (this.dataset.state = 'ready'));
      // Drawn by itself from here on: a morph leaves it alone and it fetches its own news.
      this.setAttribute('hx-morph-skip', '');
      document.addEventListener('changzhi:live', this.renew);
    } catch (error) {
      this.dataset.state = 'failed';
      this.querySelector('.canvas')?.remove();
      console.warn('changzhi: the map stays as it is drawn:', error);
    }
  }

  dress(/** @type {Feature[]} */ features) {
    const { tiles, attribution = '', vector } = this.dataset;
    const page = { type: 'geojson', data: { type: 'FeatureCollection', features } };
    const own = layers();
    if (!tiles) return { version: 8, sources: { page }, layers: own };
    if (vector) {
      const base = { type: 'vector', tiles: [location.origin + tiles], maxzoom: Number(this.dataset.maxZoom ?? 14), attribution };
      return { version: 8, sources: { page, base }, layers: [own[0], ...drawn(vector.split(' ')), ...own.slice(1)] };
    }
    const base = { type: 'raster', tiles: [location.origin + tiles], tileSize: 256, maxzoom: Number(this.dataset.maxZoom ?? 18), attribution };
    return { version: 8, sources: { page, base }, layers: [own[0], { id: 'base', type: 'raster', source: 'base' }, ...own.slice(1)] };
  }

  /** @param {any} gl @param {string} layer */
  opens(gl, layer) {
    this.map.on('click', layer, (/** @type {any} */ e) => {
      const { name, open } = e.features[0].properties;
      const link = document.createElement(open ? 'a' : 'span');
      if (link instanceof HTMLAnchorElement) link.href = open;
      link.textContent = name;
      new gl.Popup({ maxWidth: '20rem' }).setLngLat(e.lngLat).setDOMContent(link).addTo(this.map);
    });
    this.map.on('mouseenter', layer, () => (this.map.getCanvas().style.cursor = 'pointer'));
    this.map.on('mouseleave', layer, () => (this.map.getCanvas().style.cursor = ''));
  }

  renew = async () => {
    try {
      const features = await this.features();
      this.map?.getSource('page')?.setData({ type: 'FeatureCollection', features });
    } catch (error) {
      console.warn('changzhi: map', error);
    }
  };

  disconnectedCallback() {
    document.removeEventListener('changzhi:live', this.renew);
    this.map?.remove();
    this.map = undefined;
  }
}

customElements.define('gov-map', GovMap);

// An interactive chart over the one the host drew, on a desk only: on a phone the drawing and its table say as much for nothing.
// It reads its figures from the table beside it, so there is one source of them, and a live page that changes the table changes it.

const root = document.documentElement;
/** @param {string} name */
const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();

const onDesk = () => !['phone', 'wall'].includes(root.dataset.profile ?? '') && matchMedia('(min-width: 64rem) and (hover: hover)').matches;

/** @param {string} cell */
const figure = (cell) => {
  const n = Number(cell.replaceAll(',', ''));
  return cell.trim() === '' || Number.isNaN(n) ? null : n;
};

const DASHES = ['solid', [8, 5], [2, 5], [12, 4, 2, 4]];
const DECALS = [[0, 8], [2, 7], [2, 13], [5, 11]];

class GovChart extends HTMLElement {
  /** @type {any} */
  chart;

  connectedCallback() {
    if (this.dataset.state || !onDesk()) return;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((e) => e.isIntersecting)) return;
      seen.disconnect();
      this.upgrade();
    });
    seen.observe(this);
  }

  /** Names and figures of the table. */
  read() {
    const table = this.closest('figure')?.querySelector('.figures table');
    const text = (/** @type {Element} */ e) => e.textContent?.trim() ?? '';
    const names = [...(table?.querySelectorAll('thead th') ?? [])].map(text);
    const rows = [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) => [...row.children].map(text));
    return { names: names.slice(1), xs: rows.map((r) => r[0]), columns: names.slice(1).map((_, i) => rows.map((r) => figure(r[i + 1]))) };
  }

  /** Lines the figures should not cross, as the page lists them. */
  limits() {
    const listed = /** @type {NodeListOf<HTMLElement>} */ (this.closest('figure')?.querySelectorAll('.limit') ?? []);
    return [...listed].map((l) => ({ yAxis: Number(l.dataset.y), lineStyle: { color: token(`--l${l.dataset.level}`), type: 'dashed', width: 2 } }));
  }

  options() {
    const { names, xs, columns } = this.read();
    const shape = this.dataset.shape;
    const numbers = shape === 'scatter' && xs.every((x) => figure(x) !== null);
    const axis = { axisLabel: { color: token('--muted') }, axisLine: { lineStyle: { color: token('--line') } }, splitLine: { lineStyle: { color: token('--hair') } } };
    return {
      animation: false,
      backgroundColor: 'transparent',
      color: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => token(`--c${i}`)),
      textStyle: { fontFamily: token('--font'), fontSize: 13 },
      grid: { left: 8, right: 8, top: 12, bottom: 8, containLabel: true },
      // A tooltip of HTML would need inline styles.
      tooltip: { trigger: numbers ? 'item' : 'axis', renderMode: 'richText', confine: true },
      xAxis: numbers ? { type: 'value', scale: true, ...axis } : { type: 'category', data: xs, ...axis },
      yAxis: { type: 'value', ...axis },
      series: columns.map((ys, i) => ({
        name: names[i],
        type: shape === 'bar' || shape === 'scatter' ? shape : 'line',
        areaStyle: shape === 'area' ? { opacity: 0.35 } : undefined,
        // Told apart as in the drawing: by dashes, and by lines across.
        lineStyle: { width: 2.5, type: DASHES[i % DASHES.length] },
        itemStyle: i % 8 === 0 ? {} : { decal: { symbol: 'rect', color: token('--panel'), dashArrayX: [1, 0], dashArrayY: DECALS[i % DECALS.length] } },
        markLine: i === 0 && this.limits().length ? { symbol: 'none', silent: true, label: { show: false }, data: this.limits() } : undefined,
        data: numbers ? ys.map((y, n) => [figure(xs[n]), y]) : ys,
      })),
    };
  }

  async upgrade() {
    this.dataset.state = 'loading';
    const box = document.createElement('div');
    try {
      const echarts = await import('/assets/npm/echarts.mjs');
      box.className = 'canvas';
      box.setAttribute('role', 'img');
      box.setAttribute('aria-label', this.querySelector('.drawing')?.getAttribute('aria-label') ?? '');
      this.append(box);
      this.chart = echarts.init(box, null, { renderer: 'svg' });
      this.chart.setOption(this.options());
      new ResizeObserver(() => this.chart?.resize()).observe(this);
      this.dataset.state = 'ready';
      this.setAttribute('hx-morph-skip', '');
      document.addEventListener('changzhi:live', this.renew);
    } catch (error) {
      box.remove();
      this.dataset.state = 'failed';
      console.warn('changzhi: the chart stays as it is drawn:', error);
    }
  }

  renew = () => this.chart?.setOption(this.options(), true);

  disconnectedCallback() {
    document.removeEventListener('changzhi:live', this.renew);
    this.chart?.dispose();
    this.chart = undefined;
  }
}

customElements.define('gov-chart', GovChart);

// ECharts, as far as gov-chart.js uses it.
export const init: any;
export const registerTheme: any;

// htmx, as far as live.js uses it.
declare const htmx: { config: { morphIgnore: string[] }; swap(task: object): Promise<void> };
export default htmx;

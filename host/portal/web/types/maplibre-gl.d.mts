// MapLibre GL, as far as gov-map.js uses it.
export const Map: any;
export const setWorkerUrl: (url: string) => void;
export const Popup: any, NavigationControl: any, ScaleControl: any, LngLatBounds: any, Marker: any, addProtocol: any;

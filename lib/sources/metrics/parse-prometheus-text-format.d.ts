declare module 'parse-prometheus-text-format' {
  interface Sample {
    value?: string;
    labels?: Record<string, string>;
    timestamp_ms?: string;
  }
  function parsePrometheusTextFormat(text: string): { name: string; help: string; type: string; metrics: Sample[] }[];
  // biome-ignore lint/style/noDefaultExport: it describes the package as it is
  export default parsePrometheusTextFormat;
}

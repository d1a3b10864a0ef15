/// <reference types="vite/client" />

declare module "virtual-wasm?url" {
  const url: string;
  export default url;
}

// <world-view src="https://host/w/plaza">: puts a world into any page that the host allows. A classic script without
// imports: <script src="https://host/world-view.js" async></script>. It frames the host's own page, so that the world runs
// under the host's policy and sees nothing of the page around it. Documented in docs/embedding.md.

type Words = { enter: string; refused: string; open: string; bad: string };

const WORDS: Record<string, Words> = {
  en: {
    enter: "Enter",
    refused: "This world could not be shown here. Its host may not allow this page to embed it, or is not reachable.",
    open: "Open the world in its own page",
    bad: "The attribute src must be the https address of a world, such as https://example.org/w/plaza.",
  },
  zh: {
    enter: "进入",
    refused: "无法在此显示这个世界。它的主机可能不允许本页面嵌入，或者无法连接。",
    open: "在单独的页面中打开",
    bad: "src 属性必须是世界的 https 地址，例如 https://example.org/w/plaza。",
  },
};

const STYLE = `
:host { display: block; position: relative; width: 100%; aspect-ratio: 16 / 9; min-height: 240px; overflow: hidden;
  background: #14161a; color: #f4f2ee; border-radius: 12px; font: 15px/1.45 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
:host([hidden]) { display: none; }
iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
div { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 14px; padding: 24px; text-align: center; }
button, a { display: inline-grid; place-items: center; min-height: 44px; padding: 0 22px; border: 0; border-radius: 10px; background: #2a9d8f;
  color: #030304; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 2px solid #57c2b5; outline-offset: 2px; }
`;

/** A page that has loaded, the browser's own "refused" among them, and gives no sign of life for so long is not a host's. */
const SILENCE_MS = 4_000;
/** Nothing has loaded for so long: nobody is there. Before that it may be a slow line. */
const PATIENCE_MS = 60_000;

class WorldView extends HTMLElement {
  static readonly observedAttributes = ["src", "language", "quality", "autoplay"];
  private readonly root = this.attachShadow({ mode: "open" });
  private frame: HTMLIFrameElement | null = null;
  private timer = 0;
  /** The page in the frame has said something. */
  private heard = false;
  private queued = false;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.root.adoptedStyleSheets = [sheet];
  }

  connectedCallback(): void {
    addEventListener("message", this.hear);
    this.draw();
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.hear);
    clearTimeout(this.timer);
    this.root.replaceChildren();
    this.frame = null;
  }

  attributeChangedCallback(): void {
    if (!this.isConnected || this.queued) return;
    this.queued = true;
    queueMicrotask(() => {
      this.queued = false;
      if (this.isConnected) this.draw();
    });
  }

  /** Starts the world when it waits for a click. */
  enter(): void {
    const address = this.address();
    if (!address) return this.complain(this.words().bad, null);
    const frame = document.createElement("iframe");
    frame.src = address.href;
    frame.title = this.getAttribute("title") ?? address.host;
    frame.allow = "fullscreen; xr-spatial-tracking; microphone; gamepad; clipboard-write";
    frame.referrerPolicy = "no-referrer";
    this.frame = frame;
    this.heard = false;
    frame.onload = () => this.giveUpAfter(SILENCE_MS);
    this.root.replaceChildren(frame);
    this.giveUpAfter(PATIENCE_MS);
  }

  private giveUpAfter(ms: number): void {
    clearTimeout(this.timer);
    if (!this.heard) this.timer = window.setTimeout(() => this.refused(), ms);
  }

  private words(): Words {
    const wanted = (this.getAttribute("language") ?? navigator.language).toLowerCase();
    return (wanted.startsWith("zh") ? WORDS["zh"] : WORDS["en"]) as Words;
  }

  private address(): URL | null {
    try {
      const url = new URL(this.getAttribute("src") ?? "", document.baseURI);
      const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
      if (url.protocol !== "https:" && !(url.protocol === "http:" && (local || url.origin === location.origin))) return null;
      const language = this.getAttribute("language");
      const quality = this.getAttribute("quality");
      if (language) url.searchParams.set("language", language);
      if (quality) url.searchParams.set("quality", quality);
      url.searchParams.set("embedded", "1");
      return url;
    } catch {
      return null;
    }
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.frame = null;
    if (!this.address()) return this.complain(this.words().bad, null);
    if (this.hasAttribute("autoplay")) return this.enter();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.words().enter;
    button.onclick = () => this.enter();
    const box = document.createElement("div");
    box.append(button);
    this.root.replaceChildren(box);
  }

  private readonly hear = (event: MessageEvent): void => {
    const address = this.address();
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== address?.origin) return;
    const news = event.data as { manyworlds?: number; type?: string } | null;
    if (news?.manyworlds !== 1 || !news.type) return;
    this.heard = true;
    clearTimeout(this.timer);
    if (!["entered", "left", "error"].includes(news.type)) return;
    this.dispatchEvent(new CustomEvent(news.type, { detail: news, bubbles: true, composed: true }));
  };

  private refused(): void {
    const address = this.address();
    this.complain(this.words().refused, address);
    this.dispatchEvent(new CustomEvent("error", { detail: { manyworlds: 1, type: "error", reason: "refused" }, bubbles: true, composed: true }));
  }

  private complain(text: string, address: URL | null): void {
    this.frame = null;
    const box = document.createElement("div");
    box.setAttribute("role", "alert");
    box.append(text);
    if (address) {
      const link = document.createElement("a");
      link.href = this.getAttribute("src") ?? "";
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      link.textContent = this.words().open;
      box.append(link);
    }
    this.root.replaceChildren(box);
  }
}

if (!customElements.get("world-view")) customElements.define("world-view", WorldView);

// Keys, mouse and fingers, as wishes: where to go, how the camera turns. Nothing here knows the network or the picture.

export interface InputActions {
  look(dx: number, dy: number): void;
  zoom(steps: number): void;
  /** A key that means something once: "use", "chat", "escape", "gesture1" to "gesture4". */
  press(action: string): void;
  /** A click or tap that was no drag. */
  click(x: number, y: number): void;
  /** Offered first to the editor: true when it takes the drag. */
  dragStart(x: number, y: number): boolean;
  dragMove(x: number, y: number): void;
  dragEnd(x: number, y: number): void;
  hover(x: number, y: number): void;
  touched(finger: boolean): void;
  /** The left thumb's stick, for drawing it: null when lifted. Offsets -1 to 1. */
  stick(at: { x: number; y: number; dx: number; dy: number } | null): void;
}

/** Wanted by keys or thumb, relative to the gaze: x to the right, y forward, length at most 1. */
export interface Wish {
  x: number;
  y: number;
  run: boolean;
  jump: boolean;
  /** Turning by keys, radians per second. */
  turn: number;
}

const DRAG_PX = 5;
const STICK_PX = 56;
const STICK_RUN = 0.92;
const KEY_TURN = 2.2;

const WALK: Record<string, [number, number]> = {
  KeyW: [0, 1],
  ArrowUp: [0, 1],
  KeyS: [0, -1],
  ArrowDown: [0, -1],
  KeyA: [-1, 0],
  KeyD: [1, 0],
};
const PRESS: Record<string, string> = {
  KeyE: "use",
  KeyT: "chat",
  Enter: "chat",
  Escape: "escape",
  Digit1: "gesture1",
  Digit2: "gesture2",
  Digit3: "gesture3",
  Digit4: "gesture4",
  KeyR: "turn",
  Delete: "delete",
  Backspace: "delete",
};

interface Finger {
  role: "walk" | "look" | "edit";
  startX: number;
  startY: number;
  x: number;
  y: number;
  moved: boolean;
}

/** A key meant for a text field or a button is not ours. */
export function meantForControl(target: { closest?: (selector: string) => unknown } | null, code: string): boolean {
  if (!target?.closest) return false;
  if (target.closest("input,textarea,select,[contenteditable]")) return code !== "Escape";
  if (target.closest("button,a,summary")) return code === "Enter" || code === "Space" || code === "NumpadEnter";
  return Boolean(target.closest(".panel")) && (code.startsWith("Arrow") || code === "Space");
}

export class Input {
  private readonly keys = new Set<string>();
  private readonly fingers = new Map<number, Finger>();
  private stickAt = { x: 0, y: 0 };
  private jumpPressed = false;
  private pinch = 0;
  private readonly off: (() => void)[] = [];
  /** Looking by moving the mouse alone. */
  lockPointer = false;
  invertLook = false;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly actions: InputActions,
  ) {
    this.listen(window, "keydown", (event) => this.keyDown(event as KeyboardEvent));
    this.listen(window, "keyup", (event) => void this.keys.delete((event as KeyboardEvent).code));
    this.listen(window, "blur", () => this.release());
    this.listen(canvas, "pointerdown", (event) => this.down(event as PointerEvent));
    this.listen(window, "pointermove", (event) => this.move(event as PointerEvent));
    this.listen(window, "pointerup", (event) => this.up(event as PointerEvent));
    this.listen(window, "pointercancel", (event) => this.up(event as PointerEvent));
    this.listen(canvas, "wheel", (event) => this.wheel(event as WheelEvent));
    this.listen(canvas, "contextmenu", (event) => event.preventDefault());
  }

  wish(): Wish {
    let x = this.stickAt.x;
    let y = this.stickAt.y;
    for (const key of this.keys) {
      const direction = WALK[key];
      if (!direction) continue;
      x += direction[0];
      y += direction[1];
    }
    const length = Math.hypot(x, y);
    if (length > 1) {
      x /= length;
      y /= length;
    }
    const run = this.keys.has("ShiftLeft") || this.keys.has("ShiftRight") || Math.hypot(this.stickAt.x, this.stickAt.y) > STICK_RUN;
    const jump = this.jumpPressed || this.keys.has("Space");
    this.jumpPressed = false;
    const turn = KEY_TURN * (Number(this.keys.has("ArrowLeft")) - Number(this.keys.has("ArrowRight")));
    return { x, y, run, jump, turn };
  }

  jump(): void {
    this.jumpPressed = true;
  }

  /** Lets go of everything (the window lost the focus, a panel took the keys). */
  release(): void {
    this.keys.clear();
    this.fingers.clear();
    this.stickAt = { x: 0, y: 0 };
    this.actions.stick(null);
  }

  dispose(): void {
    for (const off of this.off) off();
  }

  private listen(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener, { passive: false });
    this.off.push(() => target.removeEventListener(type, listener));
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.isComposing || meantForControl(event.target as HTMLElement | null, event.code)) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.code === "KeyZ") this.pressOnce(event, event.shiftKey ? "redo" : "undo");
      else if (event.code === "KeyY") this.pressOnce(event, "redo");
      return;
    }
    if (event.altKey) return;
    const action = PRESS[event.code];
    if (action) {
      if (!event.repeat) this.pressOnce(event, action === "turn" && event.shiftKey ? "turnBack" : action);
      return;
    }
    if (event.key === "+" || event.key === "=") this.actions.zoom(-1);
    else if (event.key === "-") this.actions.zoom(1);
    this.keys.add(event.code);
    // A short tap may begin and end between two frames.
    if (event.code === "Space" && !event.repeat) this.jumpPressed = true;
    if (WALK[event.code] || event.code === "Space" || event.code.startsWith("Arrow")) event.preventDefault();
  }

  private pressOnce(event: KeyboardEvent, action: string): void {
    event.preventDefault();
    this.actions.press(action);
  }

  private down(event: PointerEvent): void {
    const finger = event.pointerType === "touch";
    this.actions.touched(finger);
    this.canvas.focus({ preventScroll: true });
    const editing = this.fingers.size === 0 && event.button === 0 && this.actions.dragStart(event.clientX, event.clientY);
    const left = finger && event.clientX < window.innerWidth * 0.45;
    const walking = [...this.fingers.values()].some((other) => other.role === "walk");
    const role = editing ? "edit" : left && !walking ? "walk" : "look";
    const { clientX: x, clientY: y } = event;
    this.fingers.set(event.pointerId, { role, startX: x, startY: y, x, y, moved: false });
    if (!finger) this.canvas.setPointerCapture?.(event.pointerId);
    if (role === "walk") this.actions.stick({ x, y, dx: 0, dy: 0 });
    this.pinch = this.spread();
  }

  private move(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    const locked = document.pointerLockElement === this.canvas;
    if (!finger || locked) {
      if (locked) this.turn(event.movementX, event.movementY);
      else if (event.target === this.canvas) this.actions.hover(event.clientX, event.clientY);
      if (!finger || locked) return;
    }
    const dx = event.clientX - finger.x;
    const dy = event.clientY - finger.y;
    finger.x = event.clientX;
    finger.y = event.clientY;
    finger.moved ||= Math.hypot(finger.x - finger.startX, finger.y - finger.startY) > DRAG_PX;
    if (finger.role === "walk") this.moveStick(finger);
    else if (finger.role === "edit") this.actions.dragMove(finger.x, finger.y);
    else if (!this.pinched() && finger.moved) this.turn(dx, dy);
  }

  private up(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    this.fingers.delete(event.pointerId);
    this.pinch = this.spread();
    if (finger.role === "walk") {
      this.stickAt = { x: 0, y: 0 };
      this.actions.stick(null);
    }
    if (finger.role === "edit") this.actions.dragEnd(finger.x, finger.y);
    if (!finger.moved && event.type === "pointerup") {
      if (this.lockPointer && event.pointerType === "mouse" && finger.role === "look") void this.canvas.requestPointerLock?.();
      this.actions.click(finger.x, finger.y);
    }
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.actions.zoom(Math.max(-2, Math.min(2, event.deltaY / (event.deltaMode === 0 ? 100 : 3))));
  }

  private turn(dx: number, dy: number): void {
    this.actions.look(dx, this.invertLook ? -dy : dy);
  }

  private moveStick(finger: Finger): void {
    let dx = (finger.x - finger.startX) / STICK_PX;
    let dy = (finger.y - finger.startY) / STICK_PX;
    const length = Math.hypot(dx, dy);
    if (length > 1) {
      dx /= length;
      dy /= length;
    }
    this.stickAt = length < 0.12 ? { x: 0, y: 0 } : { x: dx, y: -dy };
    this.actions.stick({ x: finger.startX, y: finger.startY, dx, dy });
  }

  private spread(): number {
    const looking = [...this.fingers.values()].filter((finger) => finger.role === "look");
    const [a, b] = looking;
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  }

  private pinched(): boolean {
    const spread = this.spread();
    if (spread === 0 || this.pinch === 0) return false;
    this.actions.zoom((this.pinch - spread) / 40);
    this.pinch = spread;
    return true;
  }
}

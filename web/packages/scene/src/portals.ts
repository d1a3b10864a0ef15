// Portals: gates with a picture of the other side. The picture is taken once from the destination's own scene, when the
// page has nothing better to do; until then, and where no picture is wanted, the gate shows the destination's sky. A
// gate to another host shows a globe and the host's name.

import {
  CanvasTexture,
  Color,
  Group,
  LinearFilter,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  type Object3D,
  PlaneGeometry,
  ShaderMaterial,
  SRGBColorSpace,
  type Texture,
  Vector2,
} from "three";
import type { Portal } from "@manyworlds/protocol";
import { type Air, airPars } from "./air.ts";
import { dress } from "./dress.ts";
import { bandGeometry, cornerRadius, frameGeometry, signHeight, signMiddle } from "./gate.ts";

const pictureVertex = /* glsl */ `
varying vec2 vAt;
varying vec3 vWay;
varying vec3 vFromEye;
void main() {
  vAt = position.xy;
  vec4 world = modelMatrix * vec4(position, 1.0);
  vFromEye = world.xyz - cameraPosition;
  // The eye's ray in the gate's own axes: the gate has no scale, so its transpose turns back.
  vWay = vFromEye * mat3(modelMatrix);
  gl_Position = projectionMatrix * viewMatrix * world;
}`;

const pictureFragment = /* glsl */ `
${airPars}
uniform float mwTime;
uniform float mwWind;
uniform sampler2D picture;
uniform float hasPicture;
uniform float open;
uniform vec2 size;
uniform float corner;
uniform vec3 accent;
varying vec2 vAt;
varying vec3 vWay;
varying vec3 vFromEye;
// Distance to the opening's edge; below zero inside.
float edgeOf(vec2 p) {
  vec2 q = vec2(abs(p.x), p.y) - vec2(size.x * 0.5 - corner, size.y - corner);
  return min(max(q.x, q.y), 0.0) + length(max(q, 0.0)) - corner;
}
void main() {
  float edge = edgeOf(vAt);
  if (edge > 0.02) discard;
  vec3 way = normalize(vWay);
  float side = way.z < 0.0 ? 1.0 : -1.0;
  float rim = smoothstep(0.45, 0.0, -edge);
  vec2 waver = vec2(sin(vAt.y * 7.0 + mwTime * 1.3), cos(vAt.x * 6.0 + mwTime * 1.1)) * 0.012 * rim * mwWind;
  // The picture hangs some metres behind the gate, so that it shifts as one walks past.
  vec2 hit = vec2(vAt.x * side, vAt.y - 1.65) + vec2(way.x * side, way.y) / max(abs(way.z), 0.25) * 2.4 + waver;
  vec2 uv = hit / 5.2 + vec2(0.5, 0.52);
  uv = clamp(uv, 0.004, 0.996);
  vec3 toward = normalize(vec3(way.x, way.y + 0.12, way.z));
  vec3 sky = mix(mwSky(toward), mix(mwMiddle, mwHorizon, smoothstep(2.4, 0.2, vAt.y)), 0.55) * 0.62;
  sky = mix(sky, accent, 0.12);
  vec3 c = mix(sky, texture2D(picture, uv).rgb, hasPicture);
  // By night the eye is used to less.
  c *= 1.0 - 0.5 * mwLamps;
  float grey = dot(c, vec3(0.3, 0.6, 0.1));
  c = mix(vec3(grey) * 0.35, c, 0.15 + 0.85 * open);
  // A breath of the accent along the rim, and the haze of distance inside.
  c = mix(c, accent * (0.35 + 0.5 * mwLamps) + c * 0.5, rim * rim * 0.55 * (0.35 + 0.65 * open));
  c = mwInHaze(c, vFromEye, cameraPosition.y);
  gl_FragColor = vec4(c, 1.0);
  #include <tonemapping_fragment>
#ifdef TONE_MAPPING
  gl_FragColor.rgb = mwGrade(gl_FragColor.rgb);
#endif
  #include <colorspace_fragment>
}`;

const fonts = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, -apple-system, "Segoe UI", sans-serif';

export interface PortalInfo {
  title: string;
  subtitle?: string;
  open: boolean;
}

/** The longest beginning of `text` that fits, with an ellipsis when something is left out. */
export function fit(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && measure(`${letters.join("")}…`) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

function drawSign(canvas: HTMLCanvasElement, info: PortalInfo, accent: string): void {
  const g = canvas.getContext("2d");
  if (!g) return;
  const { width, height } = canvas;
  g.clearRect(0, 0, width, height);
  g.fillStyle = "#22252B";
  g.beginPath();
  g.roundRect(0, 0, width, height, height * 0.24);
  g.fill();
  g.fillStyle = info.open ? accent : "#6F6A66";
  g.beginPath();
  g.roundRect(width * 0.04, height * 0.26, height * 0.075, height * 0.48, height * 0.04);
  g.fill();
  const left = width * 0.04 + height * 0.26;
  const room = width * 0.95 - left;
  g.textBaseline = "middle";
  g.fillStyle = "#F4F2EE";
  g.font = `600 ${height * (info.subtitle ? 0.4 : 0.46)}px ${fonts}`;
  const measure = (text: string) => g.measureText(text).width;
  g.fillText(fit(info.title, room, measure), left, height * (info.subtitle ? 0.37 : 0.53));
  if (!info.subtitle) return;
  g.fillStyle = "#C9C4BB";
  g.font = `400 ${height * 0.24}px ${fonts}`;
  g.fillText(fit(info.subtitle, room, measure), left, height * 0.74);
}

/** What a gate to another host shows instead of a picture: dusk, a globe, an arrow out of it. */
function drawElsewhere(host: string, accent: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 512;
  const g = canvas.getContext("2d");
  if (!g) return canvas;
  const sky = g.createLinearGradient(0, 0, 0, 512);
  sky.addColorStop(0, "#3C4A78");
  sky.addColorStop(0.55, "#8C86A6");
  sky.addColorStop(0.78, "#E9C6A4");
  sky.addColorStop(1, "#B99A86");
  g.fillStyle = sky;
  g.fillRect(0, 0, 512, 512);
  g.translate(256, 262);
  g.lineWidth = 5;
  g.strokeStyle = "#F4F2EE";
  g.globalAlpha = 0.9;
  for (const wide of [62, 24]) {
    g.beginPath();
    g.ellipse(0, 0, wide, 62, 0, 0, Math.PI * 2);
    g.stroke();
  }
  g.beginPath();
  for (const [y, half] of [
    [0, 62],
    [-31, 53],
    [31, 53],
  ] as const) {
    g.moveTo(-half, y);
    g.lineTo(half, y);
  }
  g.stroke();
  g.globalAlpha = 1;
  g.fillStyle = "#F4F2EE";
  g.textAlign = "center";
  g.font = `500 25px ${fonts}`;
  g.fillText(
    fit(host, 250, (text) => g.measureText(text).width),
    0,
    112,
  );
  g.fillStyle = accent;
  g.fillRect(-18, 134, 36, 4);
  return canvas;
}

export class PortalGate {
  readonly group = new Group();
  readonly portal: Portal;
  private readonly picture: ShaderMaterial;
  private readonly canvas = document.createElement("canvas");
  private readonly signTexture: CanvasTexture;
  private taken: { texture: Texture; dispose(): void } | null = null;

  constructor(
    portal: Portal,
    private readonly accent: string,
    air: Air,
    other: Air,
  ) {
    this.portal = portal;
    const { group } = this;
    group.name = `portal ${portal.id}`;
    group.position.set(...portal.position);
    group.rotation.y = portal.yaw;
    const { width, height } = portal;
    const stone = new MeshLambertMaterial({ color: "#D9D2C7", vertexColors: true });
    const frame = new Mesh(frameGeometry(width, height), stone);
    frame.castShadow = frame.receiveShadow = true;
    const light = new MeshLambertMaterial({
      color: accent,
      emissive: accent,
      emissiveIntensity: 0.55,
      vertexColors: true,
    });
    const band = new Mesh(bandGeometry(width, height), light);
    for (const material of [stone, light]) dress(material, air, "plain");
    this.picture = this.pictureMaterial(other);
    const pane = new Mesh(new PlaneGeometry(width, height).translate(0, height / 2, 0), this.picture);
    pane.name = "picture";
    const signs = this.makeSign(air);
    this.signTexture = signs.texture;
    group.add(frame, band, pane, ...signs.faces);
    this.setInfo({ title: portal.title.en, open: true, ...hostOf(portal) });
    group.updateMatrixWorld(true);
  }

  private pictureMaterial(other: Air): ShaderMaterial {
    const { portal } = this;
    return new ShaderMaterial({
      vertexShader: pictureVertex,
      fragmentShader: pictureFragment,
      side: 2,
      uniforms: {
        ...other.uniforms,
        picture: { value: null },
        hasPicture: { value: 0 },
        open: { value: 1 },
        size: { value: new Vector2(portal.width, portal.height) },
        corner: { value: cornerRadius(portal.width, portal.height) },
        accent: { value: new Color(this.accent) },
      },
    });
  }

  private makeSign(air: Air): { texture: CanvasTexture; faces: Object3D[] } {
    const { canvas, portal } = this;
    const width = Math.max(portal.width * 0.92, 2.2);
    canvas.height = 160;
    canvas.width = Math.round((width / signHeight) * canvas.height);
    const texture = new CanvasTexture(canvas);
    texture.colorSpace = SRGBColorSpace;
    texture.anisotropy = 4;
    const material = new MeshBasicMaterial({ map: texture, transparent: true, alphaTest: 0.4 });
    dress(material, air, "plain");
    const geometry = new PlaneGeometry(width, signHeight);
    const faces = [1, -1].map((side) => {
      const sign = new Mesh(geometry, material);
      sign.position.set(0, signMiddle(portal.height), side * 0.04);
      sign.rotation.y = side > 0 ? 0 : Math.PI;
      return sign;
    });
    return { texture, faces };
  }

  setInfo(info: PortalInfo): void {
    drawSign(this.canvas, info, this.accent);
    this.signTexture.needsUpdate = true;
    this.picture.uniforms["open"]!.value = info.open ? 1 : 0;
  }

  /** Shows a picture of the other side; it belongs to the gate from now on. */
  setPicture(taken: { texture: Texture; dispose(): void }): void {
    this.taken?.dispose();
    this.taken = taken;
    this.picture.uniforms["picture"]!.value = taken.texture;
    this.picture.uniforms["hasPicture"]!.value = 1;
  }

  showElsewhere(): void {
    if (!("url" in this.portal.to)) return;
    const texture = new CanvasTexture(drawElsewhere(hostOf(this.portal).subtitle ?? "", this.accent));
    texture.colorSpace = SRGBColorSpace;
    texture.minFilter = LinearFilter;
    this.setPicture({ texture, dispose: () => texture.dispose() });
  }

  dispose(): void {
    this.group.traverse((object) => {
      if (!(object instanceof Mesh)) return;
      object.geometry.dispose();
      (object.material as MeshBasicMaterial).dispose();
    });
    this.signTexture.dispose();
    this.taken?.dispose();
  }
}

/** The host's name of an https portal, for its sign. */
export function hostOf(portal: Portal): { subtitle?: string } {
  if (!("url" in portal.to)) return {};
  try {
    return { subtitle: new URL(portal.to.url).host };
  } catch {
    return {};
  }
}

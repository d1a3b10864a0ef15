// KTX2 textures. three.js's loader builds its worker from the transcoder's text; that text makes functions out of
// strings, which the content security policy refuses. Two places of it are replaced by plain closures before the worker
// starts.

import type { WebGLRenderer } from "three";
import { KTX2Loader } from "three/examples/jsm/loaders/KTX2Loader.js";
import transcoderText from "three/examples/jsm/libs/basis/basis_transcoder.js?url";
import transcoderBinary from "three/examples/jsm/libs/basis/basis_transcoder.wasm?url";

/** embind's invokers (emscripten, src/lib/libembind.js, the variant without dynamic execution). */
const closures = `
function mwInvoker(argTypes, isMethod, returns, needsStack, invoke, target, runDestructors) {
  return function (...given) {
    const stack = needsStack ? [] : null;
    const self = isMethod ? argTypes[1].toWireType(stack, this) : undefined;
    const wired = argTypes.slice(2).map((type, i) => type.toWireType(stack, given[i]));
    const result = isMethod ? invoke(target, self, ...wired) : invoke(target, ...wired);
    if (needsStack) runDestructors(stack);
    else for (let i = isMethod ? 1 : 2; i < argTypes.length; i++) {
      if (argTypes[i].destructorFunction !== null) argTypes[i].destructorFunction(i === 1 ? self : wired[i - 2]);
    }
    return returns ? argTypes[0].fromWireType(result) : undefined;
  };
}
function mwMethodCaller(retType, types, kind, toValue) {
  return function (obj, func, destructors, args) {
    let offset = 0;
    const given = types.map((type) => {
      const value = type.readValueFromPointer(args + offset);
      offset += type.argPackAdvance;
      return value;
    });
    const result = kind === 1 ? new func(...given) : func.call(obj, ...given);
    return retType.isVoid ? undefined : toValue(retType, destructors, result);
  };
}
`;

const replacements: readonly [string, string][] = [
  [
    "newFunc(Function,args)(...closureArgs)",
    "mwInvoker(argTypes,isClassMethodFunc,returns,needsDestructorStack,cppInvokerFunc,cppTargetFunc,runDestructors)",
  ],
  ["newFunc(Function,params)(...args)", "mwMethodCaller(retType,types,kind,emval_returnValue)"],
];

/** Throws when the transcoder is not the one that this was written for. */
export function withoutDynamicCode(text: string): string {
  let out = text;
  for (const [from, to] of replacements) {
    if (!out.includes(from)) throw new Error("the KTX2 transcoder has changed");
    out = out.replace(from, to);
  }
  return `${closures}${out}`;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response;
}

export async function createTextureLoader(renderer: WebGLRenderer): Promise<KTX2Loader> {
  const [text, binary] = await Promise.all([
    fetched(transcoderText).then((response) => response.text()),
    fetched(transcoderBinary).then((response) => response.arrayBuffer()),
  ]);
  const loader = new KTX2Loader().detectSupport(renderer);
  const inner = loader as unknown as {
    transcoderPending: Promise<void> | null;
    transcoderBinary: ArrayBuffer;
    workerSourceURL: string;
    workerConfig: unknown;
    workerPool: { setWorkerCreator(make: () => Worker): void };
  };
  const worker = KTX2Loader as unknown as Record<string, unknown> & { BasisWorker: () => void };
  const body = worker.BasisWorker.toString();
  const constants = ["EngineFormat", "EngineType", "TranscoderFormat", "BasisFormat"].map(
    (name) => `let _${name} = ${JSON.stringify(worker[name])}`,
  );
  const source = [...constants, withoutDynamicCode(text), body.slice(body.indexOf("{") + 1, body.lastIndexOf("}"))];
  inner.workerSourceURL = URL.createObjectURL(new Blob([source.join("\n")], { type: "text/javascript" }));
  inner.transcoderBinary = binary;
  inner.workerPool.setWorkerCreator(() => {
    const made = new Worker(inner.workerSourceURL);
    const copy = binary.slice(0);
    made.postMessage({ type: "init", config: inner.workerConfig, transcoderBinary: copy }, [copy]);
    return made;
  });
  // The loader finds its transcoder there already and fetches none.
  inner.transcoderPending = Promise.resolve();
  return loader;
}

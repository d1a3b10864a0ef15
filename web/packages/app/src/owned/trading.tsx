// With whom a thing of one's own is to be traded: the rest is said on the table.

import { lazy, Suspense } from "preact/compat";
import { ownedText } from "./texts.ts";

const Choose = lazy(() => import("../gifts/choose.tsx"));

export function Trading(props: { asset: string; onDone: () => void }) {
  return (
    <Suspense fallback={null}>
      <Choose
        question={ownedText("trade.with")}
        stop={ownedText("trade.stop")}
        here
        onChoose={async (person) => {
          (await import("../trades/start.ts")).start(person, props.asset);
          return true;
        }}
        onDone={props.onDone}
      />
    </Suspense>
  );
}

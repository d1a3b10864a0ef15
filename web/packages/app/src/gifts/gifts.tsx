// Gifts that wait for somebody's yes: a card each, above everything that a panel could hide.

import { session } from "../ui/context.ts";
import { gifts } from "../state.ts";
import { accept, decline, type Gift, isMine, wordsOf } from "./news.ts";
import { giftText } from "./texts.ts";
import "./gifts.css";

function Bow() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4.500 9.500h15v3h-15zM6 12.500h12V20H6zM12 9.500V20M12 9.500C9 9.500 7 8 7.500 6.200 8.200 4 11.500 5 12 9.500c.5-4.500 3.800-5.500 4.500-3.300.5 1.800-1.500 3.300-4.500 3.300Z" />
    </svg>
  );
}

function Card({ gift }: { gift: Gift }) {
  const client = session.value?.client;
  if (!client) return null;
  const words = wordsOf(gift);
  const mine = isMine(gift);
  const no = () => void decline(client, gift);
  if (!mine && gift.state === "offered")
    return (
      <>
        <div class="grow">
          <strong>{giftText("offered", words)}</strong>
          <span class="faint">{giftText("offered.about", words)}</span>
        </div>
        <div class="answers">
          <button type="button" onClick={no}>
            {giftText("offered.no")}
          </button>
          <button type="button" class="primary" onClick={() => void accept(client, gift)}>
            {giftText("offered.take")}
          </button>
        </div>
      </>
    );
  if (!mine) return <div class="grow">{giftText("accepted.other", words)}</div>;
  const host = URL.parse(gift.confirm ?? "")?.host;
  return (
    <>
      <div class="grow">{giftText(gift.state === "offered" ? "waiting" : "accepted", words)}</div>
      <div class="answers">
        <button type="button" onClick={no}>
          {giftText("back")}
        </button>
        {gift.confirm && host && (
          <a class="button primary" href={gift.confirm} target="_blank" rel="noopener noreferrer">
            {giftText("accepted.confirm", { host })}
          </a>
        )}
      </div>
    </>
  );
}

export default function Gifts() {
  return (
    <div class="gifts" role="status">
      {gifts.value.map((gift) => (
        <section key={gift.id} class="gift">
          <Bow />
          <Card gift={gift} />
        </section>
      ))}
    </div>
  );
}

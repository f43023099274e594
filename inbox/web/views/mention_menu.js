// Calling a colleague in a note: the names that fit what is typed after an @.
import { html } from "htm/preact";
import { matches } from "../lib/text.js";
import { agents } from "../state/store.js";
import { Avatar } from "./avatar.js";
import { Suggest } from "./suggest.js";

const CALL = /(?:^|\s)@([\p{L}\p{N}._-]{0,30})$/u;
const SHOWN = 6;

/** The logins that `text` calls. */
export function mentionsIn(text, known) {
  const called = [...text.matchAll(/(?:^|[\s(])@([\w.-]+)/g)].map((match) => match[1].replace(/[.-]+$/, ""));
  return [...new Set(called)].filter((login) => known.has(login));
}

const fitting = (typed) => [...agents.value.values()].filter((one) => one.active && matches(typed, `${one.id} ${one.name}`)).slice(0, SHOWN);

export function MentionMenu({ area, text, onText }) {
  return html`<${Suggest} area=${area} text=${text} onText=${onText} pattern=${CALL} label="Colleagues" items=${fitting}
        word=${(agent) => `@${agent.id} `}>
    ${(agent) => html`<${Avatar} name=${agent.name || agent.id} id=${agent.id} size="xs" status=${agent.status} />${agent.name}<small>
      @${agent.id}</small>`}
  <//>`;
}

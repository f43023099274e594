// Why a conversation is where it is: the router's own records, newest last.
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { minutes } from "../lib/clock.js";
import { grouped, told } from "../lib/explain.js";
import { closed } from "../lib/hours.js";
import * as time from "../lib/time.js";
import { explain } from "../state/people.js";
import { agentName, queueName, queueOf } from "../state/select.js";
import { conversations } from "../state/store.js";
import { Dialog } from "./dialog.js";
import { Empty } from "./empty.js";
import { Icon } from "./icon.js";

const DEEPEST = 4;
const words = (key) => key.replaceAll("_", " ");

/** A record of any form as nested definitions. */
function Facts({ value, depth = 0 }) {
  if (value === null || typeof value !== "object") return html`<span dir="auto">${String(value)}</span>`;
  if (depth >= DEEPEST) return html`<code>${JSON.stringify(value)}</code>`;
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return html`<span dir="auto">${value.join(", ")}</span>`;
  return html`<dl class="explain-facts">
    ${Object.entries(value).map(([key, one]) => html`<div key=${key}><dt>${words(key)}</dt><dd><${Facts} value=${one} depth=${depth + 1} /></dd></div>`)}
  </dl>`;
}

function Decision({ decision }) {
  const { title, reason, at, lines, rest } = told(decision, queueName, agentName);
  return html`<li class="decision">
    <p><strong>${title}</strong>${at > 0 && html`<time dateTime=${time.iso(at)}>${time.full(at)}</time>`}</p>
    ${reason && html`<p class="decision-reason" dir="auto">${reason}</p>`}
    <dl class="explain-facts">${lines.map(([label, text]) => html`<div key=${label}><dt>${label}</dt><dd dir="auto">${text}</dd></div>`)}</dl>
    ${Object.keys(rest).length > 0 && html`<details class="more"><summary>More</summary><${Facts} value=${rest} /></details>`}
  </li>`;
}

/** Why it waits now, where that is by the clock. */
function Now({ row }) {
  if (row?.status !== "open" || row.assignee) return null;
  const said = closed(queueOf(row.queue), minutes.value);
  return said && html`<p class="decision-now"><${Icon} name="moon" size=${16} /><span>${said.title}</span></p>`;
}

export function Explain({ ids }) {
  const [state, setState] = useState({ decisions: null, error: "" });
  useEffect(() => {
    explain(ids[0]).then((decisions) => setState({ decisions: grouped(decisions), error: "" }), (error) => setState({ decisions: [], error: error.message }));
  }, []);
  const { decisions, error } = state;
  return html`<${Dialog} label="Why is it here?" title="Why is it here?" kind="wide">
    <${Now} row=${conversations.value.get(ids[0])} />
    ${decisions === null && html`<p class="muted">Asking …</p>`}
    ${error && html`<p class="form-error" role="alert">${error}</p>`}
    ${decisions?.length === 0 && !error &&
    html`<${Empty} icon="why" title="No decision yet" text="Routing has not decided anything about this conversation." />`}
    ${decisions?.length > 0 &&
    html`<ol class="decisions" tabindex="0">${decisions.map((decision, i) => html`<${Decision} key=${i} decision=${decision} />`)}</ol>`}
  <//>`;
}

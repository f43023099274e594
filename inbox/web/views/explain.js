// Why a conversation is where it is: the router's own records, in order.
import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import * as time from "../lib/time.js";
import { explain } from "../state/people.js";
import { Dialog } from "./dialog.js";
import { Empty } from "./empty.js";

const DEEPEST = 5;
const words = (key) => key.replaceAll("_", " ");

/** A record of any form as nested definitions; empty values are left out. */
function Facts({ value, depth = 0 }) {
  if (value === null || typeof value !== "object") return html`<span dir="auto">
    ${typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}</span>`;
  if (depth >= DEEPEST) return html`<code>${JSON.stringify(value)}</code>`;
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== "object")) return html`<span dir="auto">${value.join(", ")}</span>`;
    return html`<ol class="explain-list">${value.map((one, i) => html`<li key=${i}><${Facts} value=${one} depth=${depth + 1} /></li>`)}</ol>`;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== "" && one !== null && !(Array.isArray(one) && !one.length));
  return html`<dl class="explain-facts">${entries.map(([key, one]) => html`<div key=${key}><dt>${words(key)}</dt><dd>
    <${Facts} value=${one} depth=${depth + 1} /></dd></div>`)}</dl>`;
}

const TITLES = ["reason", "sentence", "summary"];

function Decision({ decision }) {
  const { at, kind, type, explain: record, ...rest } = decision;
  const title = TITLES.map((key) => rest[key]).find(Boolean);
  const others = Object.fromEntries(Object.entries(rest).filter(([key]) => !TITLES.includes(key)));
  return html`<li class="decision">
    <p><strong>${title || words(String(kind || type || "Decision"))}</strong>${at > 0 && html`<time dateTime=${time.iso(at)}>
      ${time.full(at)}</time>`}</p>
    <${Facts} value=${record && typeof record === "object" ? { ...others, ...record } : others} />
  </li>`;
}

export function Explain({ ids }) {
  const [state, setState] = useState({ decisions: null, error: "" });
  useEffect(() => {
    explain(ids[0]).then((decisions) => setState({ decisions, error: "" }), (error) => setState({ decisions: [], error: error.message }));
  }, []);
  return html`<${Dialog} label="Why is it here?" title="Why is it here?" kind="wide">
    ${state.decisions === null && html`<p class="muted">Asking …</p>`}
    ${state.error && html`<p class="form-error" role="alert">${state.error}</p>`}
    ${state.decisions?.length === 0 && !state.error && html`<${Empty} icon="why" title="No decision yet"
          text="Routing has not decided anything about this conversation." />`}
    ${state.decisions?.length > 0 && html`<ol class="decisions" tabindex="0">
      ${state.decisions.map((decision, i) => html`<${Decision} key=${i} decision=${decision} />`)}</ol>`}
  <//>`;
}

// The navigation: views with what is unread in them, queues with what waits, and the person at the bottom.
import { html } from "htm/preact";
import { minutes } from "../lib/clock.js";
import { closed } from "../lib/hours.js";
import { show } from "../state/navigate.js";
import { run } from "../state/commands.js";
import { signOut } from "../state/session.js";
import { counts, leads, myself, VIEWS } from "../state/select.js";
import { queues } from "../state/store.js";
import { nav, route } from "../state/ui.js";
import { Avatar } from "./avatar.js";
import { IconButton, Keys } from "./button.js";
import { STATUS_NAMES } from "./choices.js";
import { Icon } from "./icon.js";

const BADGED = ["mine", "mentions", "unassigned"];

function Place({ id, name, icon = "", away = null, count = 0, strong = false, told = "", keys = "" }) {
  const here = route.value.view === id;
  return html`<li><a href="#/${encodeURIComponent(id)}" class="place ${here ? "is-here" : ""}" aria-current=${here ? "page" : undefined}
      title=${away?.title ?? name} onClick=${(event) => { event.preventDefault(); show(id); }}>
    ${icon ? html`<${Icon} name=${icon} />` : html`<span class="place-letter" aria-hidden="true">${[...name][0]?.toUpperCase()}</span>`}
      <span class="place-name">${name}</span>
    ${away && html`<span class="place-closed" role="img" aria-label=${away.text}><${Icon} name="moon" size=${14} /></span>`}
    ${keys && html`<${Keys} keys=${keys} />`}
    ${count > 0 && html`<span class="place-count ${strong ? "is-strong" : ""}" aria-label=${told}>${count > 99 ? "99+" : count}</span>`}
  </a></li>`;
}

function Views() {
  return html`<ul class="places">
    ${VIEWS.map(({ id, name, icon }) => {
      const { unread, total } = counts.value.get(id);
      const strong = id === "mine";
      const count = !BADGED.includes(id) ? 0 : strong ? unread : total;
      return html`<${Place} key=${id} id=${id} name=${name} icon=${icon} count=${count} strong=${strong}
            told=${strong ? `${count} with something new` : id === "mentions" ? `${count} open that name you` : `${count} waiting`} />`;
    })}
    ${leads.value && html`<${Place} id="floor" name="Floor" icon="floor" />`}
  </ul>`;
}

function Queues() {
  if (!queues.value.length) return null;
  return html`<h2 class="places-head">Queues</h2>
    <ul class="places">
      ${queues.value.map((queue) => html`<${Place} key=${queue.id} id="queue:${queue.id}" name=${queue.name || queue.id}
            away=${closed(queue, minutes.value)} count=${queue.waiting || 0} told="${queue.waiting} waiting" />`)}
    </ul>`;
}

function Me() {
  const agent = myself.value;
  if (!agent) return null;
  const room = `${agent.load ?? 0} of ${agent.capacity ?? 0}`;
  return html`<div class="me">
    <button type="button" class="me-status" onClick=${() => run("status")}
          aria-label="Your status: ${STATUS_NAMES[agent.status] ?? ""}. Change it." title="Your status">
      <${Avatar} name=${agent.name || agent.id} id=${agent.id} size="s" status=${agent.status} />
      <span class="me-words"><strong>${agent.name || agent.id}</strong>
        <small>${STATUS_NAMES[agent.status]}${agent.reason ? ` · ${agent.reason}` : ""}</small></span>
    </button>
    <${IconButton} icon="gear" label="Settings" keys="g ," onClick=${() => run("settings")} />
    <${IconButton} icon="out" label="Sign out" onClick=${signOut} />
    ${agent.capacity > 0 && html`<div class="me-load" title="You hold ${room} units of work" role="img" aria-label="You hold ${room} units of work">
      <progress max=${Math.max(1, agent.capacity ?? 1)} value=${Math.min(agent.load ?? 0, agent.capacity ?? 0)}></progress>
      <span>${room}</span>
    </div>`}
  </div>`;
}

export function Sidebar() {
  return html`<nav class="sidebar ${nav.value ? "is-out" : ""}" id="nav" aria-label="Views and queues">
    <div class="brand">
      <svg class="brand-mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <path class="brand-back" d="M9 3h9a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3v3.2L14.6 15H13" />
        <path class="brand-front" d="M6 7h6a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3H9.4L6 20v-3a3 3 0 0 1-3-3v-4a3 3 0 0 1 3-3z" /></svg>
      <span class="brand-name">Parley</span>
      <${IconButton} icon="pen" label="Start an email" keys="c" class="brand-new" onClick=${() => run("compose")} />
    </div>
    <div class="sidebar-scroll"><${Views} /><${Queues} /></div>
    <button type="button" class="place place-help" onClick=${() => run("palette")}><${Icon} name="bolt" />
      <span class="place-name">Commands</span><${Keys} keys="Mod+k" /></button>
    <${Me} />
  </nav>
  ${nav.value && html`<button type="button" class="sidebar-veil" aria-label="Close the navigation" onClick=${() => (nav.value = false)}></button>`}`;
}


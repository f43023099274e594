// Who is writing right now, at the end of the thread.
import { html } from "htm/preact";
import { contactName, me } from "../state/select.js";
import { conversations, typing } from "../state/store.js";

export function Typing({ id }) {
  const here = [...(typing.value.get(id)?.values() ?? [])].filter((who) => !(who.kind === "agent" && who.id === me.value?.id));
  if (!here.length) return null;
  const names = here.map((who) => (who.kind === "contact" ? contactName(conversations.value.get(id)) : who.name || who.id));
  return html`<p class="typing" role="status"><span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
    ${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing</p>`;
}

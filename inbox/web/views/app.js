// The frame of the page: the door, or the inbox with what floats above it.
import { html } from "htm/preact";
import { session } from "../state/store.js";
import { dialog, panel, route } from "../state/ui.js";
import { Assign, Palette, Priority, Snooze, Status, Tags, Transfer } from "./choices.js";
import { ConnectionBanner } from "./connection_banner.js";
import { ContactPanel } from "./contact_panel.js";
import { ConversationList } from "./conversation_list.js";
import { Explain } from "./explain.js";
import { DutyBanner } from "./duty_banner.js";
import { EraseDialog } from "./erase_dialog.js";
import { Floor } from "./floor.js";
import { Help } from "./help.js";
import { MergeDialog } from "./merge_dialog.js";
import { MoveDialog } from "./move_dialog.js";
import { NewEmail } from "./new_email.js";
import { Offers } from "./offers.js";
import { Settings } from "./settings.js";
import { Sidebar } from "./sidebar.js";
import { ChoosePassword, SignIn } from "./sign_in.js";
import { Thread } from "./thread.js";
import { Toasts } from "./toasts.js";

const DIALOGS = {
  assign: Assign, transfer: Transfer, tag: Tags, priority: Priority, snooze: Snooze, status: Status, palette: Palette,
  email: NewEmail, erase: EraseDialog, move: MoveDialog, explain: Explain, help: Help, merge: MergeDialog, settings: Settings,
};

/** Whole pages beside the inbox, by the name of their view. A page for admins has its place here. */
const PAGES = { floor: Floor };

/** What comes unasked has a place of its own, below the list or the page: nothing that is read, pressed or written is covered. */
const Dock = () => html`<div class="dock"><${Toasts} /><${Offers} /></div>`;

function Inbox() {
  const { view, conversation } = route.value;
  const Page = conversation ? null : PAGES[view];
  const state = `app ${conversation ? "has-conversation" : ""} ${panel.value && conversation ? "has-panel" : ""} ${Page ? "has-page" : ""}`;
  const Open = DIALOGS[dialog.value?.kind];
  return html`<div class=${state}>
    <a class="skip" href="#thread"
          onClick=${(event) => { event.preventDefault(); document.querySelector("#thread, .page")?.focus(); }}>To the messages</a>
    <div class="banners"><${ConnectionBanner} /><${DutyBanner} /></div>
    <${Sidebar} />
    ${Page ? html`<main class="page" tabindex="-1"><${Page} /></main><${Dock} />` : html`<main class="work"><${ConversationList} /><${Dock} />
      <${Thread} /><${ContactPanel} /></main>`}
    ${Open && html`<${Open} key=${dialog.value.kind} ...${dialog.value} />`}
  </div>`;
}

export function App() {
  const now = session.value;
  if (now === undefined) return html`<div class="booting" aria-label="Loading"></div>`;
  if (now === null) return html`<${SignIn} />`;
  if (now.must_set_password) return html`<${ChoosePassword} login=${now.login} />`;
  return html`<${Inbox} />`;
}

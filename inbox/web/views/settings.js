// What each person sets for themselves: look, signature, keys, notifications, password.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { setTheme } from "../lib/look.js";
import { askToNotify, chime } from "../state/notify.js";
import { saveSettings } from "../state/people.js";
import { choosePassword } from "../state/session.js";
import { settings } from "../state/store.js";
import { toast } from "../state/ui.js";
import { Button } from "./button.js";
import { close, Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

const THEMES = [["system", "screen", "As the system"], ["light", "sun", "Light"], ["dark", "moon", "Dark"]];

function Look() {
  const choose = (theme) => {
    setTheme(theme);
    saveSettings({ theme });
  };
  const now = settings.value.theme || "system";
  return html`<fieldset class="choice"><legend>Look</legend>
    ${THEMES.map(([id, icon, name]) => html`<label key=${id} class=${now === id ? "is-on" : ""}>
    <input type="radio" name="theme" value=${id} checked=${now === id} onChange=${() => choose(id)} /><${Icon} name=${icon} />${name}
    </label>`)}</fieldset>`;
}

function Switch({ name, label, hint, standard = false, onTurn }) {
  const on = settings.value[name] ?? standard;
  const turn = async () => {
    if (onTurn && !(await onTurn(!on))) return;
    saveSettings({ [name]: !on });
  };
  return html`<label class="switch-row"><span>${label}<small>${hint}</small></span>
    <input type="checkbox" role="switch" checked=${on} onChange=${turn} /></label>`;
}

async function allowed(on) {
  if (!on || (await askToNotify()) === "granted") return true;
  toast("The browser does not allow notifications for this page.", { tone: "bad" });
  return false;
}

function Password() {
  const [problem, setProblem] = useState("");
  const save = async (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = new FormData(form);
    try {
      await choosePassword(fields.get("old"), fields.get("new"));
      form.reset();
      setProblem("");
      toast("Your password is changed.");
    } catch (error) {
      setProblem(error.message);
    }
  };
  return html`<details class="more"><summary>Change password</summary><form onSubmit=${save} class="form">
    <label>Old password <input class="field" type="password" name="old" autocomplete="current-password" required /></label>
    <label>New password <input class="field" type="password" name="new" autocomplete="new-password" minlength="10" required /></label>
    ${problem && html`<p class="form-error" role="alert">${problem}</p>`}
    <${Button} type="submit">Change<//>
  </form></details>`;
}

export function Settings() {
  const [signature, setSignature] = useState(settings.peek().signature || "");
  const keep = () => signature !== (settings.peek().signature || "") && saveSettings({ signature });
  return html`<${Dialog} label="Settings" title="Settings" kind="form"><div class="form settings">
    <${Look} />
    <label class="form-block">Signature<small>Added below your emails.</small>
      <textarea class="field" rows="3" dir="auto" value=${signature} onInput=${(event) => setSignature(event.target.value)} onBlur=${keep}>
      </textarea></label>
    <${Switch} name="shortcuts" label="Single-key shortcuts" hint="J, K, R, E … Keys with Ctrl or ⌘ always work." standard=${true} />
    <${Switch} name="sound" label="Sound" hint="A soft chime for offers and new messages, at most every three seconds."
          onTurn=${(on) => { if (on) chime(); return true; }} />
    <${Switch} name="notify" label="Desktop notifications" hint="When you look elsewhere. One tab only speaks." onTurn=${allowed} />
    <${Password} />
    <div class="dialog-verbs"><${Button} tone="main" onClick=${() => { keep(); close(); }}>Close<//></div>
  </div><//>`;
}

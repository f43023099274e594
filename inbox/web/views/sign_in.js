// The door: login and password (paste and password managers welcome), and choosing a password after a one-time link.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { choosePassword, signIn } from "../state/session.js";
import { door } from "../state/ui.js";
import { Button } from "./button.js";

const SHORTEST = 10;

function Door({ title, words, children, onSubmit, verb }) {
  const [problem, setProblem] = useState(words.problem ?? "");
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await onSubmit(new FormData(event.target));
    } catch (error) {
      setProblem(error.message);
    }
    setBusy(false);
  };
  return html`<main class="door"><form class="door-box" onSubmit=${submit}>
    <div class="door-brand" aria-hidden="true"><svg class="brand-mark" viewBox="0 0 24 24" width="40" height="40">
      <path class="brand-back" d="M9 3h9a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3v3.2L14.6 15H13" />
      <path class="brand-front" d="M6 7h6a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3H9.4L6 20v-3a3 3 0 0 1-3-3v-4a3 3 0 0 1 3-3z" /></svg></div>
    <h1>${title}</h1><p class="muted">${words.lead}</p>
    ${children}
    <p class="form-error" role="alert">${problem}</p>
    <${Button} type="submit" tone="main" class="door-verb" disabled=${busy}>${busy ? "One moment …" : verb}<//>
  </form></main>`;
}

export function SignIn() {
  const submit = (fields) => signIn(fields.get("login").trim(), fields.get("password"));
  return html`<${Door} title="Sign in to Parley" words=${{ lead: "All channels, one inbox.", problem: door.value }} verb="Sign in" onSubmit=${submit}>
    <label>Login<input class="field" name="login" autocomplete="username" autocapitalize="none" spellcheck=${false} required autofocus
          ref=${(input) => input?.value === "" && input.focus()} /></label>
    <label>Password<input class="field" name="password" type="password" autocomplete="current-password" required /></label>
  <//>`;
}

export function ChoosePassword({ login }) {
  const submit = async (fields) => {
    if (fields.get("new") !== fields.get("again")) throw new Error("The two are not the same.");
    await choosePassword("", fields.get("new"));
  };
  return html`<${Door}
        title="Choose a password" words=${{ lead: `Welcome, ${login}. The link that brought you here works once only.` }} verb="Keep it and begin"
        onSubmit=${submit}>
    <input type="text" name="login" autocomplete="username" value=${login} hidden readonly />
    <label>New password<input class="field" name="new" type="password" autocomplete="new-password" minlength=${SHORTEST} required autofocus
          aria-describedby="password-hint" ref=${(input) => input?.value === "" && input.focus()} /></label>
    <small class="muted" id="password-hint">At least ${SHORTEST} characters. Several words are better than odd signs.</small>
    <label>Once more<input class="field" name="again" type="password" autocomplete="new-password" required /></label>
  <//>`;
}

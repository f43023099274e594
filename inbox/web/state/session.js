// Who is here: asking, signing in by password or one-time link, choosing a password, signing out.
import { get, post, remember, request } from "../lib/api.js";
import * as apply from "./apply.js";
import * as drafts from "./drafts.js";
import { hangUp } from "./live.js";
import * as ui from "./ui.js";

function keep(answer) {
  remember(answer.csrf, ended);
  apply.session({ ...answer, me: answer.me ?? { id: answer.login, name: answer.login } });
}

/** Are we signed in? A link of the form /sign-in#token is used up first. Whatever stands in the way is said at the door. */
export async function begin() {
  remember("", ended);
  const token = location.pathname === "/sign-in" ? location.hash.slice(1) : "";
  if (token) history.replaceState(null, "", "/sign-in");
  try {
    keep(token ? await request("POST", "/session/link", { body: { token }, quiet401: true }) : await quietly());
    if (location.pathname === "/sign-in") history.replaceState(null, "", "/");
  } catch (error) {
    const used = token && error.status !== 0;
    ui.door.value = used ? "This link has been used or is too old. Ask for a new one, or sign in." : error.status === 401 ? "" : error.message;
    apply.session(null);
  }
}

const quietly = () => request("GET", "/session", { quiet401: true });

export async function signIn(login, password) {
  keep(await request("POST", "/session", { body: { login, password }, quiet401: true }));
  if (location.pathname === "/sign-in") history.replaceState(null, "", "/");
}

/** `old` is empty after a one-time link. */
export async function choosePassword(old, fresh) {
  const answer = await post("/session/password", { old, new: fresh });
  keep(answer?.me ? answer : await get("/session"));
}

export async function signOut() {
  try {
    await request("DELETE", "/session", { quiet401: true });
  } catch {
    ui.toast("The server could not be told. Close the browser to be sure.", { tone: "bad" });
  }
  ended();
  drafts.forget();
}

/** The session is over, by whoever's wish. */
export function ended() {
  hangUp();
  apply.forget();
  ui.forget();
  remember("", ended);
}

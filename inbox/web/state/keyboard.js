// The one listener for keys: finds the command of a press in commands.js and runs it.
import { pressed, sequencer, typing } from "../lib/keys.js";
import { COMMANDS, singleKeys } from "./commands.js";
import { dialog } from "./ui.js";

const IN_LIST = ["ArrowDown", "ArrowUp"];

/** Listen until the returned function is called. An open dialog has the keys to itself; only Escape is never lost. */
export function follow() {
  const names = sequencer();
  const onKey = (event) => {
    const press = pressed(event);
    if (!press || event.defaultPrevented) return;
    if (dialog.peek()) {
      if (press === "Escape") dialog.value = null;
      return;
    }
    const everywhere = press.startsWith("Mod+") || press === "Escape";
    if (!everywhere && (typing(event.target) || !singleKeys() || !meant(press, event))) return;
    const command = everywhere ? find([press]) : find(names(press));
    if (!command) return;
    event.preventDefault();
    command.run();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** Arrows belong to whatever scrolls unless the list has the focus; Enter belongs to a focused button. */
function meant(press, event) {
  if (IN_LIST.includes(press)) return Boolean(event.target.closest?.("#list"));
  return press !== "Enter" || !event.target.closest?.("button, a, summary");
}

function find(names) {
  for (const name of names) {
    const command = COMMANDS.find((one) => one.keys.includes(name) && one.when());
    if (command) return command;
  }
  return null;
}

// Where the keyboard is: kept inside an open dialog, given back when it closes.

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex='0']";

/** Keep Tab inside `box`. Returns a function that lets go and puts the focus back where it was. */
export function hold(box) {
  const before = document.activeElement;
  const onKey = (event) => {
    if (event.key !== "Tab") return;
    const all = [...box.querySelectorAll(FOCUSABLE)].filter((element) => element.offsetParent !== null);
    if (!all.length) return;
    const edge = event.shiftKey ? all[0] : all[all.length - 1];
    if (document.activeElement !== edge && box.contains(document.activeElement)) return;
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  };
  box.addEventListener("keydown", onKey);
  if (!box.contains(document.activeElement)) (box.querySelector("[autofocus]") || box.querySelector(FOCUSABLE) || box).focus();
  return () => {
    box.removeEventListener("keydown", onKey);
    const nowhere = document.activeElement === document.body || box.contains(document.activeElement);
    if (nowhere && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}

/** Put the focus on the first match, if there is one. */
export function focusOn(selector) {
  document.querySelector(selector)?.focus();
}

// Light, dark, or as the system: kept here too, so that the page has the right colours before it has asked anybody.

const PLACE = "parley.theme";

export function setTheme(theme) {
  const chosen = theme === "light" || theme === "dark" ? theme : "";
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  try {
    if (chosen) localStorage.setItem(PLACE, chosen);
    else localStorage.removeItem(PLACE);
  } catch {
    // Without storage the choice lives as long as the tab does.
  }
}

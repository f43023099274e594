/* A small card that asks once for an e-mail address, after the visitor's first message. Never a condition for anything. */

import { element } from "../dom.js";

export class EmailCard {
  /** `acts` has save(email) and later(). */
  constructor({ say, place, acts }) {
    Object.assign(this, { say, place, acts });
  }

  show() {
    if (this.place.firstChild) return;
    const field = element("input", { type: "email", id: "email", autocomplete: "email", maxlength: 254, placeholder: this.say("email"), "aria-label": this.say("email") });
    const wrong = element("p", { class: "problem", role: "alert" });
    const save = element("button", { type: "submit", class: "primary" }, this.say("save"));
    const later = element("button", { type: "button", class: "text", onclick: () => this.acts.later() }, this.say("later"));
    const form = element(
      "form",
      { class: "card", novalidate: true, onsubmit: (event) => this.submit(event, field, wrong) },
      element("h2", {}, this.say("emailTitle")),
      element("p", {}, this.say("emailText")),
      field, wrong,
      element("div", { class: "row" }, save, later),
    );
    this.place.replaceChildren(form);
  }

  submit(event, field, wrong) {
    event.preventDefault();
    const email = field.value.trim();
    if (!email || !field.validity.valid || !email.includes(".")) {
      wrong.textContent = this.say("emailWrong");
      field.setAttribute("aria-invalid", "true");
      field.focus();
      return;
    }
    this.acts.save(email);
  }

  thank(email) {
    this.place.replaceChildren(element("p", { class: "card thanks", role: "status" }, this.say("saved", { email })));
  }

  hide() {
    this.place.replaceChildren();
  }
}

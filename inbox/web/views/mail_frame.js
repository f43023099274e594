// A mail's HTML in its own frame: sandboxed, without scripts, without the page's origin, with remote pictures held back until asked for.
import { html } from "htm/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { readAsDataUrl } from "../lib/api.js";
import { mailFrame } from "../lib/mail_frame.js";
import { plural } from "../lib/text.js";
import { Button } from "./button.js";

const STYLESHEET = new URL("../styles/mail.css", import.meta.url).href;
const MOST_INLINE = 5 * 1024 * 1024;
const SANDBOX = "allow-popups allow-popups-to-escape-sandbox";

const theme = () => document.documentElement.dataset.theme || "system";

/** Pictures that came with the mail: fetched by the page (the frame has no cookies) and handed in as data. */
function usePictures(item, wanted) {
  const [pictures, setPictures] = useState(new Map());
  useEffect(() => {
    let left = MOST_INLINE;
    const files = (item.content.attachments ?? []).filter((file) => wanted.includes(file.content_id) && (left -= file.size) >= 0);
    let live = true;
    Promise.allSettled(files.map(async (file) => [file.content_id, await readAsDataUrl(file.url)])).then((results) => {
      const read = results.filter((result) => result.status === "fulfilled").map((result) => result.value);
      if (live && read.length) setPictures(new Map(read));
    });
    return () => (live = false);
  }, [item.content, wanted.join("\n")]);
  return pictures;
}

export function MailFrame({ item }) {
  const [tall, setTall] = useState(false);
  const [remote, setRemote] = useState(false);
  const wanted = useMemo(() => mailFrame(item.content.html, { stylesheet: STYLESHEET, theme: theme() }).inline, [item.content]);
  const pictures = usePictures(item, wanted);
  const frame = useMemo(() => mailFrame(item.content.html, { stylesheet: STYLESHEET, theme: theme(), pictures }), [item.content, pictures]);
  const height = `${tall ? Math.max(640, frame.height) : Math.min(420, frame.height)}px`;
  const served = `/api/v1/conversations/${encodeURIComponent(item.conversation)}/messages/${encodeURIComponent(item.id)}/html?images=1&theme=${theme()}`;
  const source = remote ? { src: served } : { srcdoc: frame.srcdoc };
  return html`<div class="mail">
    ${frame.remote > 0 && !remote && html`<p class="mail-held">
      ${plural(frame.remote, "remote picture")} held back, so that the sender does not learn that you read this.
      <${Button} tone="quiet" onClick=${() => setRemote(true)}>Show ${frame.remote === 1 ? "it" : "them"}<//></p>`}
    <iframe key=${remote} class="mail-frame" title="The message as it was formatted" sandbox=${SANDBOX} referrerpolicy="no-referrer"
          style=${{ height }} ...${source}></iframe>
    ${frame.height > 420 && html`<button type="button" class="link" onClick=${() => setTall(!tall)}>${tall ? "Smaller" : "Larger"}</button>`}
  </div>`;
}

// The HTTP API as functions: one request, one upload, errors as one class. Knows nothing of views or state.

const BASE = "/api/v1";
const TIMEOUT_MS = 20_000;

let csrf = "";
let onSignedOut = () => {};

/** Keep the session's CSRF token, and whom to tell when the server no longer knows us. */
export function remember(token, signedOut) {
  csrf = token || "";
  if (signedOut) onSignedOut = signedOut;
}

/** What went wrong, in words for a person. `code` "network" means that nobody knows whether the server got it. */
export class ApiError extends Error {
  constructor(status, { code = "error", message = "", field = "", conversation = null } = {}, retryAfter = 0) {
    super(message || SENTENCES[status] || `The server answered ${status}.`);
    Object.assign(this, { status, code, field, conversation, retryAfter });
  }
}

const SENTENCES = {
  0: "The server cannot be reached.",
  401: "You have been signed out.",
  403: "You may not do this.",
  404: "This is gone, or you may not see it.",
  409: "Somebody was faster: this has changed meanwhile.",
  413: "This is too large.",
  429: "Too many requests: please wait a moment.",
  503: "The server is busy: please try again in a moment.",
};

/** Ask and answer JSON. Throws ApiError. */
export async function request(method, path, { body, query, quiet401 = false } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  let response;
  try {
    response = await fetch(BASE + path + search(query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, { code: "network" });
  }
  const answer = await readJson(response);
  if (response.ok) return answer;
  if (response.status === 401 && !quiet401) onSignedOut();
  throw new ApiError(response.status, answer?.error, Number(response.headers.get("Retry-After")) || 0);
}

export const get = (path, query) => request("GET", path, { query });
export const post = (path, body = {}) => request("POST", path, { body });

/** A file of ours as a data: address, for the frame that may not send cookies. */
export async function readAsDataUrl(url) {
  const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new ApiError(response.status);
  const blob = await response.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** Send a file with progress (0 to 1). Returns {done: Promise of the attachment, cancel()}. */
export function upload(file, onProgress) {
  const xhr = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    xhr.open("POST", `${BASE}/attachments${search({ name: file.name || "file" })}`);
    xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    xhr.setRequestHeader("X-CSRF-Token", csrf);
    xhr.responseType = "json";
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) return resolve(xhr.response);
      if (xhr.status === 401) onSignedOut();
      return reject(new ApiError(xhr.status, xhr.response?.error));
    };
    xhr.onerror = () => reject(new ApiError(0, { code: "network" }));
    xhr.onabort = () => reject(new ApiError(0, { code: "cancelled", message: "Cancelled." }));
    xhr.send(file);
  });
  return { done, cancel: () => xhr.abort() };
}

function search(query) {
  const pairs = Object.entries(query || {}).filter(([, value]) => value !== undefined && value !== "" && value !== null);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

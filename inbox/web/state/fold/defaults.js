// The rows as stream/model.py declares them: fields that are left out on the wire have these values.

const AUTHOR = { kind: "system", id: "" };

const ROWS = {
  conversation: {
    status: "open", workspace: "main", queue: "", assignee: "", team: "", offer: null, declined_by: [], units: 0, resting: false, priority: 0,
    rule: "", need: [], opened: [], tags: [], language: "", spam: false, waiting_since: 0, place: 0, last_agent: "", snoozed_until: 0,
    created_at: 0, opened_at: 0, updated_at: 0, resolved_at: 0, level: null, previous: "", seq: 0, read_seq: 0, unread: 0, last_message: "", preview: "",
    last_direction: "", last_customer_at: 0, last_agent_at: 0, participants: [], send_mark: "", automated: 0, automated_since: 0, version: 0,
  },
  message: {
    delivery: "received", provider_ids: [], source_key: "", reply_to: "", error: "", edited_at: 0, deleted_at: 0,
    reactions: [], mentions: [], automatic: false, parts_done: 0,
  },
  agent: {
    name: "", workspace: "main", role: "agent", kind: "agent", teams: [], queues: [], skills: {}, capacity: 10, caps: {}, status: "offline",
    reason: "", status_at: 0, idle_since: 0, load: 0, held: {}, active: true, version: 0,
  },
  contact: { workspace: "main", profile: "", merged_into: "", created_at: 0, version: 0 },
  identity: { verified: "channel", blocked: false, stopped: false, workspace: "main", version: 0 },
};

/** `row` with every field of its kind. */
export function whole(kind, row) {
  const full = { ...ROWS[kind], ...row };
  if (kind === "message") full.author = { ...AUTHOR, ...full.author };
  return full;
}

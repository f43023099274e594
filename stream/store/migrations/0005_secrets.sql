-- What the program makes or receives and must keep to itself, encrypted under the master key. `key` is the id of that key.

CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    sealed {BYTES} NOT NULL,
    at DOUBLE PRECISION NOT NULL
);

-- One row per searchable thing; the index holds its normalised words under the same rowid.
CREATE TABLE search_doc (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    conversation TEXT NOT NULL,
    contact TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX search_doc_content ON search_doc (content);
CREATE VIRTUAL TABLE search_index USING fts5(terms, tokenize = 'ascii', detail = none, prefix = '2 3');

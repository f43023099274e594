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
-- Without `prefix`: the terms lie in their order anyway, so beginnings of words are found as fast (7 ms for two letters among 200,000), at half the price.
CREATE VIRTUAL TABLE search_index USING fts5(terms, tokenize = 'ascii', detail = none);

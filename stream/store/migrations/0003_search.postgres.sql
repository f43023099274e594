-- One row per searchable thing, with its normalised words.
CREATE TABLE search_doc (
    id BIGSERIAL PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    conversation TEXT NOT NULL,
    contact TEXT NOT NULL,
    content TEXT NOT NULL,
    terms TSVECTOR NOT NULL
);
CREATE INDEX search_doc_content ON search_doc (content);
CREATE INDEX search_doc_terms ON search_doc USING GIN (terms);

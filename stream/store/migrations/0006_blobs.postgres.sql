-- Which content rows point to which files: what none points to any more is swept (stream/sweep.py).
CREATE TABLE blob_ref (
    blob TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (blob, content)
);
CREATE INDEX blob_ref_content ON blob_ref (content);
INSERT INTO blob_ref (blob, content)
SELECT DISTINCT file ->> 'blob', c.id
FROM (SELECT id, body FROM content WHERE body LIKE '{"type":"message"%' AND body LIKE '%"attachments":[%') c,
    LATERAL json_array_elements(c.body::json -> 'attachments') file;

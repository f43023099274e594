-- Which content rows point to which files: what none points to any more is swept (stream/sweep.py).
CREATE TABLE blob_ref (
    blob TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (blob, content)
) WITHOUT ROWID;
CREATE INDEX blob_ref_content ON blob_ref (content);
INSERT INTO blob_ref (blob, content)
SELECT DISTINCT json_extract(file.value, '$.blob'), c.id FROM content c, json_each(c.body, '$.attachments') file
WHERE c.body LIKE '%"attachments":[%';

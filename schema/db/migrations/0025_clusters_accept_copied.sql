-- migrate: batches
WITH "batch" AS (SELECT id FROM clusters WHERE accepts_new_boxes <> (accepts_boxes = 1) ORDER BY id LIMIT 500 FOR UPDATE)
UPDATE clusters SET accepts_boxes = accepts_boxes FROM "batch" WHERE clusters.id = "batch".id;

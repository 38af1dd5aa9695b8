-- migrate: contract
ALTER TABLE "clusters" DROP COLUMN "accepts_boxes";

-- migrate: statements
ALTER TABLE "boxes" VALIDATE CONSTRAINT "boxes_pool_result";

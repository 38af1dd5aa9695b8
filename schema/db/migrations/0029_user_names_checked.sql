-- migrate: statements
ALTER TABLE "boxes" VALIDATE CONSTRAINT "boxes_user_names";

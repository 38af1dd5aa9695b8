ALTER TABLE "clusters" ADD COLUMN "accepts_new_boxes" boolean DEFAULT true NOT NULL;
--> statement-breakpoint
-- While the program before this one runs: what either of the two says is said in both columns. A row that was not yet
-- copied is told by what the old column says.
CREATE FUNCTION "keep_accepts_boxes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.accepts_new_boxes := NEW.accepts_new_boxes AND NEW.accepts_boxes = 1;
    NEW.accepts_boxes := NEW.accepts_new_boxes::int;
  ELSIF NEW.accepts_new_boxes <> OLD.accepts_new_boxes THEN
    NEW.accepts_boxes := NEW.accepts_new_boxes::int;
  ELSE
    NEW.accepts_new_boxes := NEW.accepts_boxes = 1;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "clusters_accept" BEFORE INSERT OR UPDATE ON "clusters" FOR EACH ROW EXECUTE FUNCTION "keep_accepts_boxes"();

CREATE TABLE "model_outages" (
	"provider" text NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"last_failed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "model_outages_provider_reason_pk" PRIMARY KEY("provider","reason")
);

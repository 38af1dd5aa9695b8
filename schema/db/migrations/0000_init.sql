CREATE TYPE "public"."box_status" AS ENUM('pending', 'provisioning', 'active', 'updating', 'suspending', 'suspended', 'reactivating', 'destroying', 'destroyed', 'failed');--> statement-breakpoint
CREATE TYPE "public"."connection_status" AS ENUM('pending', 'active', 'error', 'revoked');--> statement-breakpoint
CREATE TYPE "public"."desired_status" AS ENUM('active', 'suspended', 'destroyed');--> statement-breakpoint
CREATE TYPE "public"."job_status" AS ENUM('queued', 'running', 'succeeded', 'dead', 'cancelled', 'superseded');--> statement-breakpoint
CREATE TYPE "public"."job_type" AS ENUM('provision', 'destroy', 'suspend', 'reactivate', 'resize', 'update', 'update_connections', 'restart', 'rotate_token');--> statement-breakpoint
CREATE TYPE "public"."onboarding_state" AS ENUM('started', 'plan_chosen', 'paying', 'paid', 'bot_ready', 'provisioning', 'live', 'abandoned');--> statement-breakpoint
CREATE TYPE "public"."subscription_status" AS ENUM('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled');--> statement-breakpoint
CREATE TYPE "public"."tier" AS ENUM('starter', 'pro', 'team');--> statement-breakpoint
CREATE TYPE "public"."token_status" AS ENUM('active', 'retiring', 'revoked');--> statement-breakpoint
CREATE TABLE "customer_connections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"nango_connection_id" text,
	"status" "connection_status" DEFAULT 'pending' NOT NULL,
	"error_code" text,
	"calls_this_period" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"telegram_user_id" bigint,
	"language" text DEFAULT 'en' NOT NULL,
	"stripe_customer_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "customers_email_lower" CHECK ("customers"."email" = lower("customers"."email"))
);
--> statement-breakpoint
CREATE TABLE "onboarding_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"telegram_user_id" bigint,
	"customer_id" uuid,
	"state" "onboarding_state" DEFAULT 'started' NOT NULL,
	"tier" "tier",
	"language" text DEFAULT 'en' NOT NULL,
	"stripe_checkout_session_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"tier" "tier" NOT NULL,
	"status" "subscription_status" NOT NULL,
	"stripe_subscription_id" text,
	"current_period_start" timestamp with time zone NOT NULL,
	"current_period_end" timestamp with time zone NOT NULL,
	"cancel_at_period_end" timestamp with time zone,
	"stripe_event_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "subscriptions_period" CHECK ("subscriptions"."current_period_end" > "subscriptions"."current_period_start")
);
--> statement-breakpoint
CREATE TABLE "boxes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"subscription_id" uuid NOT NULL,
	"cluster_id" text NOT NULL,
	"tier" "tier" NOT NULL,
	"status" "box_status" DEFAULT 'pending' NOT NULL,
	"desired_status" "desired_status" DEFAULT 'active' NOT NULL,
	"generation" bigint DEFAULT 1 NOT NULL,
	"observed_generation" bigint DEFAULT 0 NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL,
	"model" text NOT NULL,
	"thinking_level" text NOT NULL,
	"language" text NOT NULL,
	"system_prompt" text,
	"telegram_bot_id" bigint NOT NULL,
	"telegram_bot_username" text NOT NULL,
	"telegram_bot_token_sealed" text NOT NULL,
	"telegram_user_ids" bigint[] NOT NULL,
	"health" text DEFAULT 'unknown' NOT NULL,
	"status_reason" text,
	"last_seen_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"destroyed_at" timestamp with time zone,
	CONSTRAINT "boxes_generations" CHECK ("boxes"."observed_generation" <= "boxes"."generation" and "boxes"."observed_generation" >= 0),
	CONSTRAINT "boxes_sealed" CHECK ("boxes"."telegram_bot_token_sealed" like 'v1.%'),
	CONSTRAINT "boxes_destroyed_at" CHECK (("boxes"."status" = 'destroyed') = ("boxes"."destroyed_at" is not null)),
	CONSTRAINT "boxes_users" CHECK (cardinality("boxes"."telegram_user_ids") between 1 and 10)
);
--> statement-breakpoint
CREATE TABLE "clusters" (
	"id" text PRIMARY KEY NOT NULL,
	"agent_keys" jsonb NOT NULL,
	"accepts_boxes" integer DEFAULT 1 NOT NULL,
	"last_seen_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "clusters_id_form" CHECK ("clusters"."id" ~ '^[a-z0-9-]{1,32}$')
);
--> statement-breakpoint
CREATE TABLE "operator_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"box_id" uuid NOT NULL,
	"cluster_id" text NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "operator_jobs_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"type" "job_type" NOT NULL,
	"status" "job_status" DEFAULT 'queued' NOT NULL,
	"generation" bigint NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"fence" bigint,
	"lease_until" timestamp with time zone,
	"available_at" timestamp with time zone DEFAULT now() NOT NULL,
	"steps" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"error_code" text,
	"error_message" text,
	"requested_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "operator_jobs_lease" CHECK (("operator_jobs"."status" = 'running') = ("operator_jobs"."lease_until" is not null)),
	CONSTRAINT "operator_jobs_finished" CHECK (("operator_jobs"."status" in ('succeeded', 'dead', 'cancelled', 'superseded')) = ("operator_jobs"."finished_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "proxy_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"box_id" uuid,
	"token_hash" text NOT NULL,
	"last4" text NOT NULL,
	"scopes" text[] DEFAULT array['llm'] NOT NULL,
	"status" "token_status" DEFAULT 'active' NOT NULL,
	"when_spent" text DEFAULT 'error' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "proxy_tokens_hash_form" CHECK ("proxy_tokens"."token_hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "proxy_tokens_when_spent" CHECK ("proxy_tokens"."when_spent" in ('message', 'error')),
	CONSTRAINT "proxy_tokens_revoked_at" CHECK (("proxy_tokens"."status" = 'revoked') = ("proxy_tokens"."revoked_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"request_id" text,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"owner" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response_status" integer,
	"response_body" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_owner_key_pk" PRIMARY KEY("owner","key"),
	CONSTRAINT "idempotency_keys_length" CHECK (length("idempotency_keys"."key") between 1 and 255)
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"family_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"replaced_by_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"source" text NOT NULL,
	"event_id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_events_source_event_id_pk" PRIMARY KEY("source","event_id"),
	CONSTRAINT "webhook_events_source" CHECK ("webhook_events"."source" in ('stripe', 'telegram', 'nango', 'qstash'))
);
--> statement-breakpoint
CREATE TABLE "usage_events" (
	"id" uuid NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"customer_id" uuid NOT NULL,
	"token_id" uuid NOT NULL,
	"box_id" uuid,
	"period_start" timestamp with time zone NOT NULL,
	"model" text NOT NULL,
	"input_tokens" integer NOT NULL,
	"cached_input_tokens" integer NOT NULL,
	"output_tokens" integer NOT NULL,
	"estimated" boolean DEFAULT false NOT NULL,
	"outcome" text NOT NULL,
	CONSTRAINT "usage_events_occurred_at_id_pk" PRIMARY KEY("occurred_at","id"),
	CONSTRAINT "usage_events_outcome" CHECK ("usage_events"."outcome" in ('completed', 'client_closed', 'upstream_error', 'expired'))
) PARTITION BY RANGE ("occurred_at");
--> statement-breakpoint
CREATE TABLE "usage_monthly" (
	"customer_id" uuid NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"period_end" timestamp with time zone NOT NULL,
	"requests" bigint DEFAULT 0 NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"cached_input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_monthly_customer_id_period_start_pk" PRIMARY KEY("customer_id","period_start"),
	CONSTRAINT "usage_monthly_period" CHECK ("usage_monthly"."period_end" > "usage_monthly"."period_start"),
	CONSTRAINT "usage_monthly_sums" CHECK ("usage_monthly"."requests" >= 0)
);
--> statement-breakpoint
ALTER TABLE "customer_connections" ADD CONSTRAINT "customer_connections_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onboarding_sessions" ADD CONSTRAINT "onboarding_sessions_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_subscription_id_subscriptions_id_fk" FOREIGN KEY ("subscription_id") REFERENCES "public"."subscriptions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "boxes" ADD CONSTRAINT "boxes_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_jobs" ADD CONSTRAINT "operator_jobs_box_id_boxes_id_fk" FOREIGN KEY ("box_id") REFERENCES "public"."boxes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_jobs" ADD CONSTRAINT "operator_jobs_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "public"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proxy_tokens" ADD CONSTRAINT "proxy_tokens_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proxy_tokens" ADD CONSTRAINT "proxy_tokens_box_id_boxes_id_fk" FOREIGN KEY ("box_id") REFERENCES "public"."boxes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_monthly" ADD CONSTRAINT "usage_monthly_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "customer_connections_one_active_per_provider" ON "customer_connections" USING btree ("customer_id","provider") WHERE "customer_connections"."status" = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "customer_connections_nango_connection_id_key" ON "customer_connections" USING btree ("nango_connection_id");--> statement-breakpoint
CREATE UNIQUE INDEX "customers_email_key" ON "customers" USING btree ("email");--> statement-breakpoint
CREATE UNIQUE INDEX "customers_stripe_customer_id_key" ON "customers" USING btree ("stripe_customer_id");--> statement-breakpoint
CREATE INDEX "customers_telegram_user_id_idx" ON "customers" USING btree ("telegram_user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "onboarding_sessions_stripe_checkout_session_id_key" ON "onboarding_sessions" USING btree ("stripe_checkout_session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "onboarding_sessions_one_open_per_telegram_user" ON "onboarding_sessions" USING btree ("telegram_user_id") WHERE "onboarding_sessions"."state" not in ('live', 'abandoned');--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_stripe_subscription_id_key" ON "subscriptions" USING btree ("stripe_subscription_id");--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_one_live_per_customer" ON "subscriptions" USING btree ("customer_id") WHERE "subscriptions"."status" not in ('canceled', 'incomplete_expired');--> statement-breakpoint
CREATE UNIQUE INDEX "boxes_one_live_per_subscription" ON "boxes" USING btree ("subscription_id") WHERE "boxes"."status" <> 'destroyed';--> statement-breakpoint
CREATE UNIQUE INDEX "boxes_one_live_per_bot" ON "boxes" USING btree ("telegram_bot_id") WHERE "boxes"."status" <> 'destroyed';--> statement-breakpoint
CREATE INDEX "boxes_customer_id_idx" ON "boxes" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "boxes_cluster_id_status_idx" ON "boxes" USING btree ("cluster_id","status");--> statement-breakpoint
CREATE UNIQUE INDEX "operator_jobs_one_running_per_box" ON "operator_jobs" USING btree ("box_id") WHERE "operator_jobs"."status" = 'running';--> statement-breakpoint
CREATE INDEX "operator_jobs_open_idx" ON "operator_jobs" USING btree ("cluster_id","seq") WHERE "operator_jobs"."status" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "operator_jobs_box_id_seq_idx" ON "operator_jobs" USING btree ("box_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "proxy_tokens_token_hash_key" ON "proxy_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "proxy_tokens_one_active_per_box" ON "proxy_tokens" USING btree ("box_id") WHERE "proxy_tokens"."status" = 'active';--> statement-breakpoint
CREATE INDEX "proxy_tokens_customer_id_idx" ON "proxy_tokens" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "audit_log_subject_at_idx" ON "audit_log" USING btree ("subject","at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sessions_family_id_idx" ON "sessions" USING btree ("family_id");--> statement-breakpoint
CREATE INDEX "sessions_customer_id_idx" ON "sessions" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "usage_events_customer_id_occurred_at_idx" ON "usage_events" USING btree ("customer_id","occurred_at");
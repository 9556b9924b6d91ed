-- What the pipeline remembers: runs, steps, deliveries, batches, builds and the pointers that readers follow.

CREATE TABLE goldgate_control.lease (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  token bigint NOT NULL,
  holder text NOT NULL,
  -- The database session of the holder: when it is gone the holder is dead, and nobody waits for expires_at.
  backend_pid integer,
  backend_start timestamptz,
  expires_at timestamptz NOT NULL
);
INSERT INTO goldgate_control.lease (token, holder, expires_at) VALUES (0, 'nobody', '-infinity');

CREATE TABLE goldgate_control.runs (
  run_id text COLLATE "C" PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed')),
  sources text[] NOT NULL,
  -- Overrides the folder of the single source of this run.
  data_directory text,
  given_as_of date,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  error text
);

CREATE TABLE goldgate_control.steps (
  run_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs,
  step text NOT NULL,
  -- A source or a warehouse.
  subject text NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'done', 'failed', 'skipped')),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  rows bigint,
  bytes bigint,
  error text,
  PRIMARY KEY (run_id, step, subject)
);

CREATE TABLE goldgate_control.deliveries (
  run_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs,
  source text NOT NULL,
  manifest_key text NOT NULL,
  PRIMARY KEY (run_id, source)
);

-- What the mapping of each source said when it was last conformed.
CREATE TABLE goldgate_control.source_states (
  source text PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs,
  currency text NOT NULL,
  timezone text NOT NULL,
  country text NOT NULL,
  given_as_of date,
  entities text[] NOT NULL
);

CREATE TABLE goldgate_control.batches (
  run_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs,
  source text NOT NULL,
  entity text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('full', 'append')),
  hash text NOT NULL,
  object_key text NOT NULL,
  bytes bigint NOT NULL,
  raw_rows bigint NOT NULL,
  loaded_rows bigint NOT NULL,
  collapsed_rows bigint NOT NULL,
  quarantined_rows bigint NOT NULL,
  filtered_rows bigint NOT NULL,
  quarantine_key text,
  PRIMARY KEY (run_id, source, entity)
);
CREATE INDEX ON goldgate_control.batches (source, entity);

CREATE TABLE goldgate_control.quarantine (
  run_id text COLLATE "C" NOT NULL,
  source text NOT NULL,
  entity text NOT NULL,
  dataset text NOT NULL,
  reason text NOT NULL,
  column_name text NOT NULL,
  rows bigint NOT NULL,
  example_object text NOT NULL,
  example_row bigint NOT NULL,
  example_text text NOT NULL,
  PRIMARY KEY (run_id, source, entity, dataset, reason, column_name),
  FOREIGN KEY (run_id, source, entity) REFERENCES goldgate_control.batches ON DELETE CASCADE
);

CREATE TABLE goldgate_control.builds (
  warehouse text NOT NULL,
  build_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs (run_id),
  tag text NOT NULL,
  -- SHA-256 of everything the Gold rows follow from.
  fingerprint text NOT NULL,
  -- built: tables are whole, checks did not run yet.
  status text NOT NULL CHECK (status IN ('built', 'passed', 'failed', 'dropped')),
  built_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  first_published_at timestamptz,
  superseded_at timestamptz,
  data_through jsonb NOT NULL DEFAULT '{}',
  model_rows jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (warehouse, build_id)
);

CREATE TABLE goldgate_control.check_results (
  warehouse text NOT NULL,
  build_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('error', 'warn')),
  status text NOT NULL CHECK (status IN ('passed', 'failed')),
  violations bigint NOT NULL,
  sample text NOT NULL,
  PRIMARY KEY (warehouse, build_id, name),
  FOREIGN KEY (warehouse, build_id) REFERENCES goldgate_control.builds ON DELETE CASCADE
);

-- The pointer: one row a warehouse. Every read of the gateway starts here.
CREATE TABLE goldgate_control.published (
  warehouse text PRIMARY KEY,
  build_id text COLLATE "C",
  fence bigint NOT NULL,
  -- Moved by hand: later builds wait until it is released.
  held boolean NOT NULL DEFAULT false,
  published_at timestamptz,
  FOREIGN KEY (warehouse, build_id) REFERENCES goldgate_control.builds
);

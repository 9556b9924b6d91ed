-- Which object store holds what. A manifest is in a store when it and everything it names is there.

CREATE TABLE goldgate_control.manifests (
  manifest_key text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL REFERENCES goldgate_control.runs,
  source text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('bronze', 'silver')),
  -- Of the manifest. NULL for those of version 0.1, like what follows.
  sha256 text,
  -- What came with it: its new objects and itself.
  objects bigint,
  bytes bigint,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A manifest without its row is what that store still owes.
CREATE TABLE goldgate_control.replicas (
  store text NOT NULL,
  manifest_key text COLLATE "C" NOT NULL REFERENCES goldgate_control.manifests,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (store, manifest_key)
);

-- Why the last attempt to bring a store up to date failed; no row when it did not.
CREATE TABLE goldgate_control.store_failures (
  store text PRIMARY KEY,
  error text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE goldgate_control.batches
  ADD COLUMN manifest_key text COLLATE "C" REFERENCES goldgate_control.manifests,
  ADD COLUMN sha256 text;

ALTER TABLE goldgate_control.steps ADD COLUMN objects bigint;

INSERT INTO goldgate_control.manifests (manifest_key, run_id, source, kind)
  SELECT manifest_key, run_id, source, 'bronze' FROM goldgate_control.deliveries;

-- A build may be made more than once in one warehouse, when its tables were lost: an attempt at it is named by its tag.

ALTER TABLE goldgate_control.published DROP CONSTRAINT published_warehouse_build_id_fkey;
ALTER TABLE goldgate_control.check_results DROP CONSTRAINT check_results_warehouse_build_id_fkey;
ALTER TABLE goldgate_control.check_results DROP CONSTRAINT check_results_pkey;
ALTER TABLE goldgate_control.builds DROP CONSTRAINT builds_pkey;

ALTER TABLE goldgate_control.builds ADD PRIMARY KEY (warehouse, tag);
CREATE INDEX ON goldgate_control.builds (warehouse, build_id);
-- The run that made this attempt; build_id is an older run's where other warehouses had the build before.
ALTER TABLE goldgate_control.builds ADD COLUMN run_id text COLLATE "C" REFERENCES goldgate_control.runs;
UPDATE goldgate_control.builds SET run_id = build_id;
ALTER TABLE goldgate_control.builds ALTER COLUMN run_id SET NOT NULL;
-- SHA-256 of what the Gold rows follow from in every warehouse alike. NULL: made before there was one.
ALTER TABLE goldgate_control.builds ADD COLUMN input_fingerprint text;

ALTER TABLE goldgate_control.check_results ADD COLUMN tag text;
UPDATE goldgate_control.check_results AS c SET tag = b.tag
FROM goldgate_control.builds AS b WHERE b.warehouse = c.warehouse AND b.build_id = c.build_id;
ALTER TABLE goldgate_control.check_results DROP COLUMN build_id;
ALTER TABLE goldgate_control.check_results ADD PRIMARY KEY (warehouse, tag, name);
ALTER TABLE goldgate_control.check_results ADD FOREIGN KEY (warehouse, tag) REFERENCES goldgate_control.builds ON DELETE CASCADE;

ALTER TABLE goldgate_control.published ADD COLUMN tag text;
UPDATE goldgate_control.published AS p SET tag = b.tag
FROM goldgate_control.builds AS b WHERE b.warehouse = p.warehouse AND b.build_id = p.build_id;
ALTER TABLE goldgate_control.published ADD FOREIGN KEY (warehouse, tag) REFERENCES goldgate_control.builds;

-- What the rows of one model come to in one warehouse; equal in every warehouse that holds the build.
CREATE TABLE goldgate_control.digests (
  warehouse text NOT NULL,
  tag text NOT NULL,
  model text NOT NULL,
  row_count bigint NOT NULL,
  -- Sum of each numeric measure as text in plain notation, by the measure's name; null where no row has a value.
  sums jsonb NOT NULL,
  -- Sum over all rows of the hash of the row's canonical text.
  checksum numeric NOT NULL,
  PRIMARY KEY (warehouse, tag, model),
  FOREIGN KEY (warehouse, tag) REFERENCES goldgate_control.builds ON DELETE CASCADE
);

-- The only warehouses that a run works on; NULL: all.
ALTER TABLE goldgate_control.runs ADD COLUMN warehouses text[];

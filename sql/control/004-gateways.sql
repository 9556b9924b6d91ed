-- Gateways hold the pointers in memory: a count of changes tells them that theirs are old, and leases tell a publisher whom to wait for.

-- Grows with every change that a reader could see: a published build, its gate, whether it is stale or held, what is retained.
CREATE TABLE goldgate_control.generation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  generation bigint NOT NULL,
  -- A transaction counts once.
  changed_by bigint NOT NULL
);
INSERT INTO goldgate_control.generation (generation, changed_by) VALUES (1, 0);

CREATE TABLE goldgate_control.gateways (
  id text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  -- Until then it may answer from memory.
  lease_until timestamptz NOT NULL,
  -- Its memory is not older than this generation.
  acknowledged bigint NOT NULL
);

CREATE FUNCTION goldgate_control.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE goldgate_control.generation SET generation = generation + 1, changed_by = txid_current() WHERE changed_by <> txid_current();
  IF FOUND THEN
    PERFORM pg_notify('goldgate_pointers', '');
  END IF;
  RETURN NULL;
END $$;

-- By triggers, so that a pointer moved by hand counts too. Deferred: the row of the generation is then the last that a transaction locks, and two of them cannot wait
-- for each other; generations become visible in the order of their numbers, which a sequence would not promise.
CREATE CONSTRAINT TRIGGER builds_changed AFTER INSERT OR UPDATE OR DELETE ON goldgate_control.builds
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION goldgate_control.count_change();
CREATE CONSTRAINT TRIGGER published_changed AFTER INSERT OR UPDATE OR DELETE ON goldgate_control.published
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION goldgate_control.count_change();

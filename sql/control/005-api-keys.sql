-- Keys of callers. A key itself is nowhere: who reads this table can use none of them.
CREATE TABLE goldgate_control.api_keys (
  -- The part of a key that may be shown, by which people name it.
  key_id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  -- SHA-256 of the whole key; 256 random bits need no slower hash.
  key_hash bytea NOT NULL UNIQUE,
  -- The first is the one of requests that name none.
  roles text[] NOT NULL,
  claims jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- NULL: never.
  expires_at timestamptz,
  revoked_at timestamptz,
  -- To five minutes.
  last_used_at timestamptz
);

-- Gateways hold keys in memory like pointers: what changes a key counts as a change that they acknowledge. That one was used is none.
CREATE CONSTRAINT TRIGGER api_keys_changed
  AFTER UPDATE OF key_hash, roles, claims, expires_at, revoked_at OR DELETE ON goldgate_control.api_keys
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION goldgate_control.count_change();

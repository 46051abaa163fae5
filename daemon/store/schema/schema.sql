-- SPDX-License-Identifier: Apache-2.0
--
-- The log's shape as the migrations make it, with the reason beside each column. For people: what is run are the migrations, and a test
-- compares the two. Numbers like S5 are the invariants of README.md, W7 those of sync/README.md.

-- The machine that this log lives on. One row.
create table gateway (
    -- one: keeps it to one row
    one integer primary key check (one = 1),
    -- machine_id: /etc/machine-id as it was; another one begins a new epoch (S2); empty: unknown, which proves nothing
    machine_id text not null,
    -- file_system: the file system's UUID, likewise: a cloned disk keeps the machine-id of its image
    file_system text not null,
    -- opened: times opened; this write also makes the WAL file exist at every start
    opened integer not null,
    -- highest_as_of: highest_key holds what records up to here had; a start reads the rest of the tail
    highest_as_of integer not null
) strict;

-- Names that positions count under (S2). Rows are never changed nor deleted: receipts name old epochs.
create table epoch (
    -- number: 1, 2, 3, …; what record.epoch holds, which saves 30 bytes a record
    number integer primary key,
    -- id: UUIDv7
    id text not null,
    -- first_position: positions run on into a new epoch
    first_position integer not null,
    -- cause: "installed", "restored", …, in plain words
    cause text not null,
    -- begun_at: microseconds since 1970 UTC, like all times here
    begun_at integer not null
) strict;

-- The log (S1, S5, S8). Keyed by position and by nothing else: a secondary index would cost two thirds of the append's speed, so that
-- all others stand in history.db.
create table record (
    -- position: 1, 2, 3, … without holes, given by the writer in commit order
    position integer primary key,
    -- epoch: epoch.number
    epoch integer not null,
    -- id: UUIDv7, 16 bytes; not indexed
    id blob not null,
    -- kind: dotted text: a number would need a table to be read by people
    kind text not null,
    -- happened_at: the device's statement; null: it made none
    happened_at integer,
    -- heard_at: the gateway's clock
    heard_at integer not null,
    -- clock: 0 synced, 1 unsynced, 2 skewed
    clock integer not null,
    -- clock_offset_us: device minus ours, when measured
    clock_offset_us integer not null,
    -- compound: as in the settings at that time
    compound text not null,
    -- source: device id, or "gateway"
    source text not null,
    -- place: where the device stood then
    place text not null,
    -- device_key: the device's own number, or a keyed hash of its textual one; null: it gives none, and such records are never merged (S9)
    device_key integer,
    -- generation: raised when the counter begins anew (S10)
    generation integer not null,
    -- sameness: keyed hash of what every way of reading the event yields alike (S9)
    sameness integer,
    -- conflicts_with: position of the first one under this key with another sameness
    conflicts_with integer,
    -- facts: JSON object, nothing personal, verbatim: it is hashed as text (S3)
    facts text not null,
    -- personal_commitment: hash over salt and personal part (S4); stays when a person is erased
    personal_commitment blob not null,
    -- commitment: hash over the frame and personal_commitment (S5)
    commitment blob not null,
    -- subject: personal: who the device says it was; null when erased or none
    subject text,
    -- details: personal: JSON object; null when erased or none
    details text,
    -- pictures: personal: JSON array of role, hash and size; null when erased or none
    pictures text,
    -- salt: personal: 16 bytes; without it nobody can try subjects against the commitment. Null: erased
    salt blob
) strict;

-- One per commit that appended (S6).
create table seal (
    -- last: the last position sealed: what a head is looked up by
    last integer primary key,
    -- first: the first one
    first integer not null,
    -- seal: chained over the commitments in between
    seal blob not null
) strict;

-- What retention leaves of a record, so that seals can still be computed; goes when its hour's signed digest stands for it.
create table removed (
    -- position: as in record
    position integer primary key,
    -- commitment: as it stood in record
    commitment blob not null
) strict;

-- Every hour's signed statement of the head (S7). Stays for ever: it stands for what is gone.
create table signed_digest (
    -- last: the last position it speaks of
    last integer primary key,
    -- first: the first one
    first integer not null,
    -- epoch: the epoch's id
    epoch text not null,
    -- seal: the head's at `last`
    seal blob not null,
    -- previous: the seal that the digest before stated
    previous blob not null,
    -- at: ISO 8601, as signed
    at text not null,
    -- key: Ed25519 public key
    key blob not null,
    -- signature: over the text that S7 spells out
    signature blob not null
) strict;

-- How far each device's memory has been read without a hole (S11); written in the commit of the record it came with.
create table source_mark (
    -- source: device id
    source text primary key,
    -- generation: as in record
    generation integer not null,
    -- number: the driver's own; never goes back within a generation
    number integer not null,
    -- text: the driver's own, at most 256 bytes
    text text not null
) strict, without rowid;

-- The greatest key of each device and generation: most new events are above it, and need no look-up at all (S9).
create table highest_key (
    -- source: device id
    source text not null,
    -- generation: as in record
    generation integer not null,
    -- highest: the device's number; hashed keys are left out
    highest integer not null,
    primary key (source, generation)
) strict, without rowid;

-- How far each reader has got (S12).
create table cursor (
    -- reader: "upstream/<name>/<lane>", "incident", …
    reader text primary key,
    -- settled: everything up to here is dealt with
    settled integer not null,
    -- member: the lane's last position up to there
    member integer not null,
    -- retired: 1: left the settings, holds nothing back; the row stays
    retired integer not null default 0,
    check (settled >= member)
) strict, without rowid;

-- What each upstream may have, from a position on. Never changed: what was in force at a position must be known for ever.
create table entitlement (
    -- upstream: its name in the settings
    upstream text not null,
    -- version: 1, 2, 3, …
    version integer not null,
    -- from_position: of the upstream.changed record that says so
    from_position integer not null,
    -- rules: JSON, which sync alone reads
    rules text not null,
    primary key (upstream, version)
) strict, without rowid;

-- Versions of registry rows. Nothing is overwritten: a new version closes the one before, which forgets its sealed passwords with it.
create table registry_row (
    -- class: "place", "device"
    class text not null,
    -- id: the row's
    id text not null,
    -- version: 1, 2, 3, …
    version integer not null,
    -- from_position: of its registry.changed record
    from_position integer not null,
    -- until_position: of the next version's or the removal's; null: in force
    until_position integer,
    -- body: JSON object
    body text not null,
    primary key (class, id, version)
) strict, without rowid;

-- The resource library (人车物事): persons, residences, leases, visits, staff, vehicles, permits, things, organisations, credentials, consents.
-- Every version is a row; nothing is overwritten. A table with a rowid on purpose: secure_delete clears its rows, but leaves copies of deleted
-- bytes in index pages, of which a table without rowid wholly consists.
create table library_row (
    -- number: nobody's business but SQLite's
    number integer primary key,
    -- class: "person", "vehicle", …
    class text not null,
    -- id: the row's; says nothing about whom it is
    id text not null,
    -- version: 1, 2, 3, …; class:id@version is this row for ever
    version integer not null,
    -- person: id of the person whom the row is about: erasing finds it by that
    person text,
    -- import: id of the import that wrote this version; null: by hand
    import text,
    -- from_position: of its registry.changed record
    from_position integer not null,
    -- until_position: of the next version's record, or of its end's; null: in force
    until_position integer,
    -- valid_from: when it came into force, µs; stays when retention has the record
    valid_from integer not null,
    -- valid_to: when it ceased, µs; null: in force
    valid_to integer,
    -- body: JSON object; nothing personal
    body text not null,
    -- personal: JSON object, sealed (XChaCha20-Poly1305 under the field key, bound to class, id and version); null: none, or erased
    personal blob,
    -- erased: 1: its personal part is gone for good
    erased integer not null default 0,
    check ((until_position is null) = (valid_to is null)),
    check (erased = 0 or personal is null)
) strict;

create unique index library_row_version on library_row(class, id, version);

create unique index library_row_in_force on library_row(class, id) where until_position is null;

create index library_row_person on library_row(person) where person is not null;

create index library_row_import on library_row(import) where import is not null;

-- Blind index of the rows in force: exact look-up by a document number, phone, plate or card, without its text.
create table library_key (
    -- hash: 64-bit keyed hash of class, field and value in its plain form
    hash integer not null,
    -- class: of the row
    class text not null,
    -- id: of the row
    id text not null,
    primary key (hash, class, id)
) strict, without rowid;

create index library_key_row on library_key(class, id);

-- What an application refused (W7); the lane has gone on.
create table dead_letter (
    -- reader: the lane
    reader text not null,
    -- position: as in record
    position integer not null,
    -- reason: the application's words, cut
    reason text not null,
    -- at: when
    at integer not null,
    primary key (reader, position)
) strict, without rowid;

-- Small durable values of parts, such as the state of a lane's digest.
create table note (
    -- key: who and what, e.g. "digest/district/routine"
    key text primary key,
    -- value: at most 64 KiB
    value text not null
) strict, without rowid;

-- Erasing a person is the one change of a row: everything of the personal part at once, nothing else (S8, S13).
create trigger record_is_never_rewritten before update on record
when not (new.subject is null and new.details is null and new.pictures is null and new.salt is null
          and new.position is old.position and new.epoch is old.epoch and new.id is old.id and new.kind is old.kind
          and new.happened_at is old.happened_at and new.heard_at is old.heard_at and new.clock is old.clock
          and new.clock_offset_us is old.clock_offset_us and new.compound is old.compound and new.source is old.source
          and new.place is old.place and new.device_key is old.device_key and new.generation is old.generation
          and new.sameness is old.sameness and new.conflicts_with is old.conflicts_with and new.facts is old.facts
          and new.personal_commitment is old.personal_commitment and new.commitment is old.commitment)
begin select raise(abort, 'a record is never rewritten'); end;

-- Only retention deletes, and it leaves the commitment first.
create trigger record_leaves_its_commitment before delete on record
when not exists (select 1 from removed where position = old.position and commitment = old.commitment)
begin select raise(abort, 'a record leaves its commitment behind'); end;

-- A reader that would go back would send again what was receipted, or count as undelivered what was delivered.
create trigger cursor_never_goes_back before update on cursor
when new.settled < old.settled or new.member < old.member
begin select raise(abort, 'a cursor never goes back'); end;

create trigger seal_is_never_rewritten before update on seal
begin select raise(abort, 'a seal is never rewritten'); end;

create trigger removed_is_never_rewritten before update on removed
begin select raise(abort, 'what was removed is never rewritten'); end;

create trigger signed_digest_is_never_rewritten before update on signed_digest
begin select raise(abort, 'a digest is never rewritten'); end;

create trigger signed_digest_stays before delete on signed_digest
begin select raise(abort, 'a digest stays'); end;

create trigger epoch_is_never_rewritten before update on epoch
begin select raise(abort, 'an epoch is never rewritten'); end;

create trigger epoch_stays before delete on epoch
begin select raise(abort, 'an epoch stays'); end;

create trigger entitlement_is_never_rewritten before update on entitlement
begin select raise(abort, 'an entitlement is never rewritten'); end;

create trigger entitlement_stays before delete on entitlement
begin select raise(abort, 'an entitlement stays'); end;

create trigger registry_row_is_only_closed before update on registry_row
when not (new.class is old.class and new.id is old.id and new.version is old.version and new.from_position is old.from_position
          and old.until_position is null
          and (new.body is old.body or (instr(old.body, ',"sealed_password":"') > 0
                                        and new.body is substr(old.body, 1, instr(old.body, ',"sealed_password":"') - 1) || '}')))
begin select raise(abort, 'a registry row is only closed'); end;

-- Closing a version and erasing a person are the two changes of a row.
create trigger library_row_is_only_closed_or_erased before update on library_row
when not (new.number is old.number and new.class is old.class and new.id is old.id and new.version is old.version
          and new.person is old.person and new.import is old.import and new.from_position is old.from_position
          and new.valid_from is old.valid_from and new.body is old.body
          and ((new.until_position is old.until_position and new.valid_to is old.valid_to) or old.until_position is null)
          and ((new.personal is old.personal and new.erased = old.erased) or (new.personal is null and new.erased = 1)))
begin select raise(abort, 'a row of the library is only closed or erased'); end;

create trigger library_row_stays before delete on library_row when old.erased = 0
begin select raise(abort, 'a row of the library stays until it is erased'); end;

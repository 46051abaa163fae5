-- SPDX-License-Identifier: Apache-2.0
-- The first shape of the log. Reasons stand in schema.sql.
create table gateway (
    one integer primary key check (one = 1),
    machine_id text not null,
    file_system text not null,
    opened integer not null,
    highest_as_of integer not null
) strict;

create table epoch (
    number integer primary key,
    id text not null,
    first_position integer not null,
    cause text not null,
    begun_at integer not null
) strict;

create table record (
    position integer primary key,
    epoch integer not null,
    id blob not null,
    kind text not null,
    happened_at integer,
    heard_at integer not null,
    clock integer not null,
    clock_offset_us integer not null,
    compound text not null,
    source text not null,
    place text not null,
    device_key integer,
    generation integer not null,
    sameness integer,
    conflicts_with integer,
    facts text not null,
    personal_commitment blob not null,
    commitment blob not null,
    subject text,
    details text,
    pictures text,
    salt blob
) strict;

create table seal (
    last integer primary key,
    first integer not null,
    seal blob not null
) strict;

create table removed (
    position integer primary key,
    commitment blob not null
) strict;

create table signed_digest (
    last integer primary key,
    first integer not null,
    epoch text not null,
    seal blob not null,
    previous blob not null,
    at text not null,
    key blob not null,
    signature blob not null
) strict;

create table source_mark (
    source text primary key,
    generation integer not null,
    number integer not null,
    text text not null
) strict, without rowid;

create table highest_key (
    source text not null,
    generation integer not null,
    highest integer not null,
    primary key (source, generation)
) strict, without rowid;

create table cursor (
    reader text primary key,
    settled integer not null,
    member integer not null,
    retired integer not null default 0,
    check (settled >= member)
) strict, without rowid;

create table entitlement (
    upstream text not null,
    version integer not null,
    from_position integer not null,
    rules text not null,
    primary key (upstream, version)
) strict, without rowid;

create table registry_row (
    class text not null,
    id text not null,
    version integer not null,
    from_position integer not null,
    until_position integer,
    body text not null,
    primary key (class, id, version)
) strict, without rowid;

create table dead_letter (
    reader text not null,
    position integer not null,
    reason text not null,
    at integer not null,
    primary key (reader, position)
) strict, without rowid;

create table note (
    key text primary key,
    value text not null
) strict, without rowid;

create trigger record_is_never_rewritten before update on record
when not (new.subject is null and new.details is null and new.pictures is null and new.salt is null
          and new.position is old.position and new.epoch is old.epoch and new.id is old.id and new.kind is old.kind
          and new.happened_at is old.happened_at and new.heard_at is old.heard_at and new.clock is old.clock
          and new.clock_offset_us is old.clock_offset_us and new.compound is old.compound and new.source is old.source
          and new.place is old.place and new.device_key is old.device_key and new.generation is old.generation
          and new.sameness is old.sameness and new.conflicts_with is old.conflicts_with and new.facts is old.facts
          and new.personal_commitment is old.personal_commitment and new.commitment is old.commitment)
begin select raise(abort, 'a record is never rewritten'); end;

create trigger record_leaves_its_commitment before delete on record
when not exists (select 1 from removed where position = old.position and commitment = old.commitment)
begin select raise(abort, 'a record leaves its commitment behind'); end;

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
          and new.body is old.body and old.until_position is null)
begin select raise(abort, 'a registry row is only closed'); end;

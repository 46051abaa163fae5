-- SPDX-License-Identifier: Apache-2.0
create table library_row (
    number integer primary key,
    class text not null,
    id text not null,
    version integer not null,
    person text,
    import text,
    from_position integer not null,
    until_position integer,
    valid_from integer not null,
    valid_to integer,
    body text not null,
    personal blob,
    erased integer not null default 0,
    check ((until_position is null) = (valid_to is null)),
    check (erased = 0 or personal is null)
) strict;

create unique index library_row_version on library_row(class, id, version);

create unique index library_row_in_force on library_row(class, id) where until_position is null;

create index library_row_person on library_row(person) where person is not null;

create index library_row_import on library_row(import) where import is not null;

create table library_key (
    hash integer not null,
    class text not null,
    id text not null,
    primary key (hash, class, id)
) strict, without rowid;

create index library_key_row on library_key(class, id);

create trigger library_row_is_only_closed_or_erased before update on library_row
when not (new.number is old.number and new.class is old.class and new.id is old.id and new.version is old.version
          and new.person is old.person and new.import is old.import and new.from_position is old.from_position
          and new.valid_from is old.valid_from and new.body is old.body
          and ((new.until_position is old.until_position and new.valid_to is old.valid_to) or old.until_position is null)
          and ((new.personal is old.personal and new.erased = old.erased) or (new.personal is null and new.erased = 1)))
begin select raise(abort, 'a row of the library is only closed or erased'); end;

create trigger library_row_stays before delete on library_row when old.erased = 0
begin select raise(abort, 'a row of the library stays until it is erased'); end;

-- SPDX-License-Identifier: Apache-2.0
-- A password that was changed is forgotten: a version that is over loses what stands sealed at its end, and nothing else of it changes. Sealed as it
-- is, the site's key opened it for ever otherwise. Core functions alone: a schema that is not trusted may not call json_remove().
drop trigger registry_row_is_only_closed;

update registry_row set body = substr(body, 1, instr(body, ',"sealed_password":"') - 1) || '}'
where until_position is not null and instr(body, ',"sealed_password":"') > 0;

create trigger registry_row_is_only_closed before update on registry_row
when not (new.class is old.class and new.id is old.id and new.version is old.version and new.from_position is old.from_position
          and old.until_position is null
          and (new.body is old.body or (instr(old.body, ',"sealed_password":"') > 0
                                        and new.body is substr(old.body, 1, instr(old.body, ',"sealed_password":"') - 1) || '}')))
begin select raise(abort, 'a registry row is only closed'); end;

-- Source: a log made by this project's own store at schema version 3, printed by unit_store (README.md here).
CREATE TABLE cursor (
    reader text primary key,
    settled integer not null,
    member integer not null,
    retired integer not null default 0,
    check (settled >= member)
) strict, without rowid;
CREATE TABLE dead_letter (
    reader text not null,
    position integer not null,
    reason text not null,
    at integer not null,
    primary key (reader, position)
) strict, without rowid;
CREATE TABLE entitlement (
    upstream text not null,
    version integer not null,
    from_position integer not null,
    rules text not null,
    primary key (upstream, version)
) strict, without rowid;
CREATE TABLE epoch (
    number integer primary key,
    id text not null,
    first_position integer not null,
    cause text not null,
    begun_at integer not null
) strict;
CREATE TABLE gateway (
    one integer primary key check (one = 1),
    machine_id text not null,
    file_system text not null,
    opened integer not null,
    highest_as_of integer not null
) strict;
CREATE TABLE highest_key (
    source text not null,
    generation integer not null,
    highest integer not null,
    primary key (source, generation)
) strict, without rowid;
CREATE TABLE library_key (
    hash integer not null,
    class text not null,
    id text not null,
    primary key (hash, class, id)
) strict, without rowid;
CREATE TABLE library_row (
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
CREATE TABLE note (
    key text primary key,
    value text not null
) strict, without rowid;
CREATE TABLE record (
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
CREATE TABLE registry_row (
    class text not null,
    id text not null,
    version integer not null,
    from_position integer not null,
    until_position integer,
    body text not null,
    primary key (class, id, version)
) strict, without rowid;
CREATE TABLE removed (
    position integer primary key,
    commitment blob not null
) strict;
CREATE TABLE seal (
    last integer primary key,
    first integer not null,
    seal blob not null
) strict;
CREATE TABLE signed_digest (
    last integer primary key,
    first integer not null,
    epoch text not null,
    seal blob not null,
    previous blob not null,
    at text not null,
    key blob not null,
    signature blob not null
) strict;
CREATE TABLE source_mark (
    source text primary key,
    generation integer not null,
    number integer not null,
    text text not null
) strict, without rowid;
insert into cursor values ('upstream/district/routine',5,4,1);
insert into cursor values ('upstream/police/urgent',3,0,0);
insert into dead_letter values ('upstream/police/routine',5,'no such person',1768437000000000);
insert into entitlement values ('district',1,6,'{"kinds":["*"]}');
insert into epoch values (1,'019bbf0f-2740-7167-9e0b-b980a575a896',1,'installed',1768437000000000);
insert into epoch values (2,'019bbf0f-2740-771d-94d6-22eaee401e6d',12,'identity renewed',1768437000000000);
insert into gateway values (1,'machine-1','uuid-1',1,0);
insert into library_key values (7,'person','p-1');
insert into library_row values (1,'person','p-1',1,'p-1',NULL,14,NULL,1768437000000000,NULL,'{}',X'010203',0);
insert into note values ('digest/police/routine','state');
insert into record values (1,1,X'019BBF0F274071FE808AA83B63F1EE08','pass.granted',NULL,1768437000000000,1,0,'compound-1','door-1','gate-east',1,0,3648348062283863777,NULL,'{"door":1,"direction":"in"}',X'FF3499F331C9BFD6271FA34A220D3709FC8F6832A1F792ED997767628F0A4429',X'8B0306419B54993683B162BB7E317D44235056222C09753C4D968A20EA65704D','card:4471','{"card":"4471"}',NULL,X'469CCDAC9FF735AB278A84BA6D1C170C');
insert into record values (10,1,X'019BBF0F27407DC5AEB009555A81ECD7','digest',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"epoch":"019bbf0f-2740-7167-9e0b-b980a575a896","first":1,"last":9,"seal":"0835c7cd91a542adf4576c16664c8593ee891d6ae9d07d10738708db4429b5c8","previous":"0000000000000000000000000000000000000000000000000000000000000000","key":"tQqyEhN79266USDNNmNt/8pdKhqpgwjl2lR0znjAMKw=","signature":"Rjxeobp9TOYmkWhtohc+f4Qlig89J8KcUi9wpgO/zJ1ykQ1CkCeDe4t/mmrzU3cLpkKGP7kfiroiGTgMdn9BDQ==","at":"2026-01-15T00:30:00.000000Z"}',X'C322F59CF63EC881836D44BBAC7892EFAA436DC098FC55B4C5A2C9ED6E140584',X'670E9A15DD9C9153186685BC6962499134ED4E19D6EC0EF2D5263DE4E717B4AD',NULL,NULL,NULL,X'139260B27E785CEEDECC0ABC5C03D978');
insert into record values (11,1,X'019BBF0F274073419FA9A80574B29140','subject.erased',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"positions":[5],"count":1,"epoch":"019bbf0f-2740-7167-9e0b-b980a575a896","order":"order 7","subject_key":"38878fbb6183f74b"}',X'236CE459F2E169EE1F2A10D7ADD476CDC061BA448DB13A55B36AD1DCFFB5E922',X'69AAC1694A672226D0B90BA3CC829A6084C5BEF91FFA101DBBD04E8FC2786A11',NULL,NULL,NULL,X'4A274FFA7B2D3FF6F060741AE30D6FFB');
insert into record values (12,2,X'019BBF0F27407A89863112190482E8D1','gateway.started',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"version":"0.1.0","epoch":"019bbf0f-2740-771d-94d6-22eaee401e6d","cause":"identity renewed","previous_epoch":"019bbf0f-2740-7167-9e0b-b980a575a896","head":11}',X'0880648513BA512F33CE8D93AD1531A1E2E20C27A04F3775A339736773A7C4BE',X'5BCE5277B4EC5E8B598B93FAC2B2311B40D308C54D24D41E132CAD6A800F41B0',NULL,NULL,NULL,X'96BFE10F673299C63B888FA4E16549EE');
insert into record values (13,2,X'019BBF0F2740756687B60D1C1C613B68','pass.granted',1768437000000000,1768437000000000,0,0,'compound-1','door-3','gate-east',NULL,0,NULL,NULL,'{"door":1,"direction":"in"}',X'04D70E9DAB413EEF79DC8612A982C6D9FA4BE8AB6116077499A955CD5A176C09',X'7A9B55619F9DFCFF8F13C6BBBAB3A06CE31F70ACEACF8BD5C889930E51D5D6DA','card:newest','{"card":"newest"}',NULL,X'2D356EDF4BECA6F81F05768EC3214D18');
insert into record values (14,2,X'019BBF0F27407A898B2364E7D6C1A7D0','registry.changed',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"what":"device","action":"added","id":"door-1"}',X'D5E64886D86ADBF1D4619FE9C1E56465D427EC9B36C82ADFEF0A5D726B45CD64',X'01211DB522742C339DD4E14BEC88416B7A6F8C757887720E1208CFB98F82000F',NULL,NULL,NULL,X'D68123DC39C7FA6BAC0C381D5C98B621');
insert into record values (2,1,X'019BBF0F274075C1983C860763B28138','pass.granted',948501000000000,1768437000000000,2,-819936000000000,'compound-1','door-1','gate-east',2,0,2203946648192695433,NULL,'{"door":1,"direction":"in"}',X'F01C9595C3C0E4DDE9E0A8D133BF100975E4696FE927C069026E80F03081A58D',X'5AC5C78B96401C8A2BA0F03CDD1380AC48992FAF19C759884E1C8A165ABFC26F','card:4471','{"card":"4471"}',NULL,X'5E96737A74E5F8908FAFAFCC5252147F');
insert into record values (3,1,X'019BBF0F27407C5BA2ACF36BA9BB6187','pass.granted',1768437000000000,1768437000000000,0,0,'compound-1','door-1','gate-east',2,0,8025253811014846091,2,'{"door":1,"direction":"in"}',X'466D8166FDB59B213473ED3151CE6F4F3A7B89B8BE4D08DFBB8524CDF9822032',X'26F8C33648E47C0F593C3828232661261D37DE1413AF9DFA3AAB648EA28B7B43','card:4471','{"card":"4471"}',NULL,X'75730E4353BE559D39E1D7F209B1796E');
insert into record values (4,1,X'019BBF0F27407712AFC402BB22DE9F70','pass.granted',1768437000000000,1768437000000000,0,0,'compound-1','door-1','gate-east',1,1,3648348062283863777,NULL,'{"door":1,"direction":"in"}',X'2E8104EA94F4D23627DBAE2EF42E2E253211DFC4AAEE5134CBE26F05075F9AE1',X'34527599E5DBE079935CD4DB72A3618E8D2824A685DE7DDEDBAFDBF903AB7063','card:4471','{"card":"4471"}',NULL,X'70D39D4485F8ED96704095D6D213ECF2');
insert into record values (5,1,X'019BBF0F27407AB3A3158DE4BD7F0496','pass.granted',1768437000000000,1768437000000000,0,0,'compound-1','door-2','gate-east',NULL,0,NULL,NULL,'{"door":1,"direction":"in"}',X'983965C8F5E53D28E8FC4E52F10FA32087EB6926A2C0E52037FAAFA0241B69FF',X'F5419F295C72AB1ECBCF67FECD52FEFB762AFF68FB246C0720BA03E586130701',NULL,NULL,NULL,NULL);
insert into record values (6,1,X'019BBF0F274075F385B5F99CB64FE6DB','upstream.changed',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"upstream":"district","state":"entitled","version":1}',X'CEE64333C5D35CACD1C8DF898C602498EF1E864B4D25A8C55AADC99579F710B5',X'1B9F91E6764567F2114A77EAE8F7BD3EA05B785B1EF43BB957082C960955FDDA',NULL,NULL,NULL,X'5B63DAFC5B6DA95685E239D79940EE70');
insert into record values (7,1,X'019BBF0F27407682B89045859A5D2EE0','registry.changed',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"what":"device","action":"put","id":"door-1"}',X'F13E7FDBB00305C50BA1AF09F18C3FAFC24510D636453ABE48CF50BAB4D38DCF',X'278ED6F4E312F82916A41BB9D72E75F84F6032E1EA5314569C63245FADED31BC',NULL,NULL,NULL,X'671DF37F3BE5C4D90BE18DD86D24938D');
insert into record values (8,1,X'019BBF0F274079119E91476B6BB56179','registry.changed',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"what":"device","action":"put","id":"door-1"}',X'D253480D3468AD5A81FF7C615E941898BF7E4DBA656B6BE7F2D1C0C1ED45C0E1',X'DCDE17054B2AA77F60602E6C3AC496FCBA2448C8CB5B359256E0846872A42BCF',NULL,NULL,NULL,X'6F51C7AAD01CC0EBBE180ADE20C437E1');
insert into record values (9,1,X'019BBF0F274073B3946A1EAC1BA177C5','registry.changed',NULL,1768437000000000,0,0,'compound-1','gateway','',NULL,0,NULL,NULL,'{"what":"device","action":"removed","id":"door-1"}',X'144BB8D9678C9C535C036ABC25022684F3D885C814ECB49D6F2ADE3D58BC0840',X'74BB00EF0B10191536CA91B91707A7971EFB8B0CEDDC1FDC8A7FAD00F374E660',NULL,NULL,NULL,X'F62A53F97370DE08080967BAF52A5945');
insert into registry_row values ('device','door-1',1,7,8,'{"name":"东门"}');
insert into registry_row values ('device','door-1',2,8,9,'{"name":"西门"}');
insert into seal values (1,1,X'634330120368253E247A185F72FECB567F1204BF5B72E1AFC3A4AC5B82E8F25E');
insert into seal values (10,10,X'5B84E41556D7C7485C2AD840CC842D58BD3C12587048230D17691499673AAC97');
insert into seal values (11,11,X'909406B8F3D79D4D3C1D33B3CF5456278AA4BC7626E7E4A5229933BCF0E44026');
insert into seal values (12,12,X'DFF53784117E11D146E72F489AEFD6CA4958571E7AF2C96E42431E3080EEA9A6');
insert into seal values (13,13,X'EDFAA5281D5E5A355A7A5961767DAAB45736810FE1DF9F9380A34DFA0D527F73');
insert into seal values (14,14,X'619EF5136BD9D383AFEE48090439FCE0E6EC8F02D2E5C84B840077648BE6F7AF');
insert into seal values (2,2,X'672EAC2E7A3A871CDC4CE710274D84A369C956320EB20F9B8EA77521BBC45E46');
insert into seal values (3,3,X'62142AE02EEE56D0B05C3D456223078D46AC590EE5AB5346DCE5287741C49E66');
insert into seal values (4,4,X'1C74E03C2A78898F31923D4541A56F0914DD21E246201921C523C25690FF0E1A');
insert into seal values (5,5,X'8A1CD9A4DFA0C3A3A1FC225816B2E55D9316CF2902168E6318ABFBADD159BEC0');
insert into seal values (6,6,X'EBE01FADE1697C5D1D03801B386728E9D2BE98953D6105E569984D5925DBB132');
insert into seal values (7,7,X'D8C8A696245071A6EF8210C3C172472D3741E04E70801BC3EF396227F8B6F2B1');
insert into seal values (8,8,X'14F634A8B68AFE7D907FABA55BCDA69BE9BF362FD9B27E4192DEAD96463AD840');
insert into seal values (9,9,X'0835C7CD91A542ADF4576C16664C8593EE891D6AE9D07D10738708DB4429B5C8');
insert into signed_digest values (9,1,'019bbf0f-2740-7167-9e0b-b980a575a896',X'0835C7CD91A542ADF4576C16664C8593EE891D6AE9D07D10738708DB4429B5C8',X'0000000000000000000000000000000000000000000000000000000000000000','2026-01-15T00:30:00.000000Z',X'B50AB212137BF76EBA5120CD36636DFFCA5D2A1AA98308E5DA5474CE78C030AC',X'463C5EA1BA7D4CE62691686DA2173E7F84258A0F3D27C29C522F70A603BFCC9D72910D429027837B8B7F9A6AF353770BA642863FB91F8ABA2219380C767F410D');
insert into source_mark values ('door-1',1,1,'');
CREATE INDEX library_key_row on library_key(class, id);
CREATE INDEX library_row_import on library_row(import) where import is not null;
CREATE UNIQUE INDEX library_row_in_force on library_row(class, id) where until_position is null;
CREATE INDEX library_row_person on library_row(person) where person is not null;
CREATE UNIQUE INDEX library_row_version on library_row(class, id, version);
CREATE TRIGGER cursor_never_goes_back before update on cursor
when new.settled < old.settled or new.member < old.member
begin select raise(abort, 'a cursor never goes back'); end;
CREATE TRIGGER entitlement_is_never_rewritten before update on entitlement
begin select raise(abort, 'an entitlement is never rewritten'); end;
CREATE TRIGGER entitlement_stays before delete on entitlement
begin select raise(abort, 'an entitlement stays'); end;
CREATE TRIGGER epoch_is_never_rewritten before update on epoch
begin select raise(abort, 'an epoch is never rewritten'); end;
CREATE TRIGGER epoch_stays before delete on epoch
begin select raise(abort, 'an epoch stays'); end;
CREATE TRIGGER library_row_is_only_closed_or_erased before update on library_row
when not (new.number is old.number and new.class is old.class and new.id is old.id and new.version is old.version
          and new.person is old.person and new.import is old.import and new.from_position is old.from_position
          and new.valid_from is old.valid_from and new.body is old.body
          and ((new.until_position is old.until_position and new.valid_to is old.valid_to) or old.until_position is null)
          and ((new.personal is old.personal and new.erased = old.erased) or (new.personal is null and new.erased = 1)))
begin select raise(abort, 'a row of the library is only closed or erased'); end;
CREATE TRIGGER library_row_stays before delete on library_row when old.erased = 0
begin select raise(abort, 'a row of the library stays until it is erased'); end;
CREATE TRIGGER record_is_never_rewritten before update on record
when not (new.subject is null and new.details is null and new.pictures is null and new.salt is null
          and new.position is old.position and new.epoch is old.epoch and new.id is old.id and new.kind is old.kind
          and new.happened_at is old.happened_at and new.heard_at is old.heard_at and new.clock is old.clock
          and new.clock_offset_us is old.clock_offset_us and new.compound is old.compound and new.source is old.source
          and new.place is old.place and new.device_key is old.device_key and new.generation is old.generation
          and new.sameness is old.sameness and new.conflicts_with is old.conflicts_with and new.facts is old.facts
          and new.personal_commitment is old.personal_commitment and new.commitment is old.commitment)
begin select raise(abort, 'a record is never rewritten'); end;
CREATE TRIGGER record_leaves_its_commitment before delete on record
when not exists (select 1 from removed where position = old.position and commitment = old.commitment)
begin select raise(abort, 'a record leaves its commitment behind'); end;
CREATE TRIGGER registry_row_is_only_closed before update on registry_row
when not (new.class is old.class and new.id is old.id and new.version is old.version and new.from_position is old.from_position
          and old.until_position is null
          and (new.body is old.body or (instr(old.body, ',"sealed_password":"') > 0
                                        and new.body is substr(old.body, 1, instr(old.body, ',"sealed_password":"') - 1) || '}')))
begin select raise(abort, 'a registry row is only closed'); end;
CREATE TRIGGER removed_is_never_rewritten before update on removed
begin select raise(abort, 'what was removed is never rewritten'); end;
CREATE TRIGGER seal_is_never_rewritten before update on seal
begin select raise(abort, 'a seal is never rewritten'); end;
CREATE TRIGGER signed_digest_is_never_rewritten before update on signed_digest
begin select raise(abort, 'a digest is never rewritten'); end;
CREATE TRIGGER signed_digest_stays before delete on signed_digest
begin select raise(abort, 'a digest stays'); end;
pragma user_version = 3;

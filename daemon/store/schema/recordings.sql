-- SPDX-License-Identifier: Apache-2.0
--
-- recordings.db: which video lies on the disk, where in each file every fragment stands, who holds it, and why something is missing. A file
-- of its own, in no backup: it is rebuilt from the video files where it is lost (recordings.hpp, reconcile). This text is what is run at the
-- first start, and is frozen: a change is a step of its own behind it. R numbers are the invariants of README.md.

-- Which disk this index speaks of: the same id stands in a file beside the cameras' folders. A recordings' disk that is not mounted is an empty
-- folder, and an empty folder must not be read as "all video is gone" (R5).
create table disk (
    one integer primary key check (one = 1),
    -- id: 32 hex digits, made with the index
    id text not null
) strict;

-- What fragments are decoded by (ftyp and moov). Segments of one camera share theirs, so that playing a day reads one row and no file.
create table init (
    id integer primary key,
    -- sha256: of bytes
    sha256 blob not null unique,
    -- bytes: at most 256 KiB
    bytes blob not null
) strict;

-- One per file (R1, R2).
create table segment (
    -- id: never used twice: entity tags of playback rest on it
    id integer primary key autoincrement,
    -- camera: the registry's id, and the name of its folder
    camera text not null,
    -- stream: "main" or "sub"
    stream text not null,
    -- file: name in the camera's folder
    file text not null,
    -- bytes: the file's length
    bytes integer not null,
    -- sha256: of the whole file; what an export is signed over
    sha256 blob not null,
    -- started_at: the gateway's clock at the first frame, microseconds since 1970 UTC, like all times here
    started_at integer not null,
    -- ended_at: and past the last one
    ended_at integer not null,
    -- init: init.id
    init integer not null,
    -- init_bytes: where the fragments begin
    init_bytes integer not null,
    -- timescale: ticks a second, of the video
    timescale integer not null,
    -- codecs: as a browser is asked
    codecs text not null,
    width integer not null,
    height integer not null,
    -- ended: why it ended: "rolled", "parameters", "lost", "stopped", "repaired"
    ended text not null,
    -- going: 1: the file is being removed, or is removed; the row goes last (R3)
    going integer not null default 0,
    -- one owner a file
    unique (camera, file)
) strict;

-- What a span of a camera is made of.
create index segment_by_time on segment (camera, stream, started_at);
-- Oldest first, over all cameras: what goes when the disk is full.
create index segment_by_age on segment (started_at);

-- Every fragment of a segment in one row: 30 days of 64 cameras are 166 million fragments, 5 bytes each (recording_packing.hpp). Beside segment, not in
-- it, so that a month's spans are listed without walking over them.
create table fragment (
    -- segment: segment.id
    segment integer primary key,
    packed blob not null
) strict;

-- What a camera holds, kept by the triggers below: summing 2.7 million rows at each look would take a second.
create table usage (
    camera text primary key,
    segments integer not null,
    bytes integer not null
) strict, without rowid;

-- Spans that nobody deletes before their time, also of what is yet to be recorded.
create table lock (
    id integer primary key autoincrement,
    camera text not null,
    -- from_at, to_at: the span
    from_at integer not null,
    to_at integer not null,
    -- case_number: why, as on paper
    case_number text not null,
    -- by_whom: account or uid; personal
    by_whom text not null,
    -- until_at: from then on it holds nothing
    until_at integer not null,
    made_at integer not null
) strict;
create index lock_by_camera on lock (camera, from_at);

-- Why there is no video where there should be.
create table gap (
    id integer primary key,
    camera text not null,
    stream text not null,
    from_at integer not null,
    to_at integer not null,
    -- cause: "lost", "retention", "missing", …, as recording.gap in the log says
    cause text not null
) strict;
create index gap_by_time on gap (camera, stream, from_at);

create trigger segment_counts after insert on segment
begin
    insert into usage (camera, segments, bytes) values (new.camera, 1, new.bytes)
    on conflict (camera) do update set segments = segments + 1, bytes = bytes + new.bytes;
end;

create trigger segment_counts_no_more after delete on segment
begin
    update usage set segments = segments - 1, bytes = bytes - old.bytes where camera = old.camera;
    delete from fragment where segment = old.id;
end;

-- What was recorded is not talked about differently later.
create trigger segment_is_only_marked before update on segment
when not (new.id is old.id and new.camera is old.camera and new.stream is old.stream and new.file is old.file and new.bytes is old.bytes
          and new.sha256 is old.sha256 and new.started_at is old.started_at and new.ended_at is old.ended_at and new.init is old.init
          and new.init_bytes is old.init_bytes and new.timescale is old.timescale and new.codecs is old.codecs and new.width is old.width
          and new.height is old.height and new.ended is old.ended and new.going >= old.going)
begin select raise(abort, 'a segment is only marked'); end;

-- A row goes after its file (R3), so it is marked before.
create trigger segment_goes_marked before delete on segment
when old.going = 0
begin select raise(abort, 'a segment is marked before it goes'); end;

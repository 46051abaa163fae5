// SPDX-License-Identifier: Apache-2.0
//
// Somebody with the file and SQLite changes the log. Triggers are dropped first: they stop mistakes, not thieves.
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/store/commitment.hpp"
#include "daemon/store/sqlite.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

void make_log(World& world) {
    world.open();
    for (int i = 0; i < 5; ++i) world.must_append(world.pass("door-1", std::to_string(i)));
    REQUIRE(world.await(world.store->write_digest()).has_value()); // digest is record 6
    for (int i = 0; i < 5; ++i) world.must_append(world.pass("door-2", std::to_string(i)));
    REQUIRE(world.await(world.store->write_digest()).has_value()); // 12
    world.must_append(world.pass("door-3", "last"));               // 13
}

void tamper(World& world, std::string_view sql) {
    world.close();
    auto connection = Connection::open("/log/gatehouse.db", Connection::Access::read_write, world.disk.name());
    REQUIRE(connection.has_value());
    for (const auto* trigger : {"record_is_never_rewritten", "record_leaves_its_commitment", "seal_is_never_rewritten", "removed_is_never_rewritten",
                                "signed_digest_is_never_rewritten", "signed_digest_stays"})
        REQUIRE(connection->run("drop trigger " + std::string(trigger)).has_value());
    const auto done = connection->run(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().what()));
    connection->close();
    world.open();
}

std::optional<std::uint64_t> first_bad(World& world) {
    const auto report = world.await(world.store->verify());
    REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
    return report->first_bad;
}

} // namespace

TEST_CASE("verify counts what it saw of a log without a fault") {
    World world;
    make_log(world);
    const auto report = world.await(world.store->verify());
    REQUIRE(report.has_value());
    CHECK_MESSAGE(!report->first_bad, report->fault);
    CHECK(report->first == 1);
    CHECK(report->last == 13);
    CHECK(report->whole == 13);
    CHECK(report->digests == 2);
    CHECK(report->seals == 13);
}

TEST_CASE("S7 a digest states the head before it and names the one before; anybody with the public key can check it") {
    World world;
    make_log(world);
    const auto records = world.all();
    const auto first = parse_json(records[5].facts)->get_object();
    const auto second = parse_json(records[11].facts)->get_object();
    CHECK(records[5].kind == Kind::digest);
    CHECK(number_at(first, "first") == 1);
    CHECK(number_at(first, "last") == 5);
    CHECK(number_at(second, "first") == 6);
    CHECK(number_at(second, "last") == 11);
    CHECK(text_at(first, "previous") == std::string(64, '0'));
    CHECK(text_at(second, "previous") == text_at(first, "seal"));
    const auto message = "gatehouse digest 1\n" + *text_at(second, "epoch") + "\n6\n11\n" + *text_at(second, "seal") + "\n" +
                         *text_at(second, "previous") + "\n" + *text_at(second, "at");
    // In base64, as in status and lane digests: a platform compares the key with the one that it pinned from there.
    const auto signature_bytes = from_base64(*text_at(second, "signature"));
    REQUIRE(signature_bytes.has_value());
    REQUIRE(signature_bytes->size() == 64);
    Signature signature{};
    std::copy(signature_bytes->begin(), signature_bytes->end(), signature.begin());
    CHECK(text_at(second, "key") == to_base64(world.keys.signing().public_key()));
    CHECK(signature_fits(world.keys.signing().public_key(), message, signature));
    CHECK_FALSE(signature_fits(world.keys.signing().public_key(), message + " ", signature));
}

TEST_CASE("S7 a digest comes every hour") {
    World world;
    world.open();
    TaskGroup group(world.loop);
    group.spawn("run", world.store->run());
    world.must_append(world.pass());
    world.clock.run_for(1h + 1min);
    CHECK(world.all().back().kind == Kind::digest);
    world.clock.run_for(1h);
    CHECK(world.store->head().position == 3);
    group.cancel();
    world.clock.run_for(1s);
}

TEST_CASE("verify names the first position that somebody touched") {
    World world;
    make_log(world);
    SUBCASE("a fact") {
        tamper(world, "update record set facts = '{\"door\":2,\"direction\":\"in\"}' where position = 3");
        CHECK(first_bad(world) == 3);
    }
    SUBCASE("a subject") {
        tamper(world, "update record set subject = 'card:9' where position = 8");
        CHECK(first_bad(world) == 8);
    }
    SUBCASE("a time") {
        tamper(world, "update record set heard_at = heard_at + 1 where position = 2");
        CHECK(first_bad(world) == 2);
    }
    SUBCASE("an epoch") {
        tamper(world, "insert into epoch select number + 1, 'ffffffff-ffff-7fff-8fff-ffffffffffff', 14, 'x', 0 from epoch; update record set epoch = "
                      "2 where position = 4");
        CHECK(first_bad(world) == 4);
    }
    SUBCASE("a record left out") {
        tamper(world, "delete from record where position = 4");
        CHECK(first_bad(world) == 4);
    }
    SUBCASE("a record left out with a commitment of one's own") {
        tamper(world, "insert into removed values (4, zeroblob(32)); delete from record where position = 4");
        CHECK(first_bad(world) == 4);
    }
    SUBCASE("two records exchanged") {
        tamper(world, "update record set position = 100 where position = 2; update record set position = 2 where position = 3; update record set "
                      "position = 3 where position = 100");
        CHECK(first_bad(world) == 2);
    }
    SUBCASE("the tail cut off, back to a seal") {
        tamper(world, "delete from record where position > 10; delete from seal where last > 10");
        CHECK(first_bad(world).has_value());
    }
    SUBCASE("a seal") {
        tamper(world, "update seal set seal = zeroblob(32) where last = 7");
        CHECK(first_bad(world) == 7);
    }
    SUBCASE("a person emptied without a word") {
        tamper(world, "update record set subject = null, details = null, pictures = null, salt = null where position = 9");
        CHECK(first_bad(world) == 9);
    }
    SUBCASE("a digest left out") {
        tamper(world, "delete from signed_digest where last = 5");
        CHECK(first_bad(world) == 1);
    }
    SUBCASE("a digest's seal") {
        tamper(world, "update signed_digest set seal = zeroblob(32) where last = 11");
        CHECK(first_bad(world) == 6);
    }
}

TEST_CASE("S8 the schema refuses what nobody may do") {
    World world;
    make_log(world);
    world.close();
    auto connection = Connection::open("/log/gatehouse.db", Connection::Access::read_write, world.disk.name());
    for (const auto* sql :
         {"update record set facts = '{}' where position = 3", "update record set subject = 'card:9' where position = 3",
          "update record set subject = null where position = 3", "update record set position = 99 where position = 3",
          "update record set subject = null, details = null, pictures = null, salt = null, facts = '{}' where position = 3",
          "delete from record where position = 3", "insert or replace into record select * from record where position = 3",
          "update seal set seal = zeroblob(32)", "update epoch set id = 'x'", "delete from epoch", "update signed_digest set at = 'x'",
          "delete from signed_digest", "insert into cursor values ('a', 5, 3, 0); update cursor set settled = 4",
          "insert into cursor values ('b', 5, 6, 0)", "insert into removed values (99, zeroblob(32)); update removed set commitment = zeroblob(1)"}) {
        CAPTURE(sql);
        REQUIRE(connection->run("pragma recursive_triggers = on").has_value());
        const auto done = connection->run(sql);
        REQUIRE(done.has_error());
        CHECK(done.error().fault() == Fault::refused);
    }
    CHECK(connection->run("update record set subject = null, details = null, pictures = null, salt = null where position = 3").has_value());
}

TEST_CASE("S3 to S6 are computed by hand from README.md") {
    // enc() of a text, a number and an absent value.
    Encoding encoding;
    encoding.text("ab").number(-7).absent().text("");
    CHECK(to_hex(as_bytes(encoding.bytes())) == "000000026162000000022d37ffffffff00000000");
    // S4: SHA-256(salt ‖ enc(subject, details, pictures)), here with all absent, as any tool computes it.
    const Salt salt{};
    Bytes plain(16, 0);
    for (int i = 0; i < 12; ++i) plain.push_back(0xff);
    CHECK(personal_commitment(salt, "", "", "") == sha256(plain));
    // S6: SHA-256(previous ‖ first ‖ last ‖ commitments).
    Bytes sealed(32, 0);
    for (const auto byte : {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}) sealed.push_back(static_cast<std::uint8_t>(byte));
    const auto one = sha256("one");
    const auto two = sha256("two");
    sealed.insert(sealed.end(), one.begin(), one.end());
    sealed.insert(sealed.end(), two.begin(), two.end());
    Sealing sealing(Digest{}, 1, 2);
    sealing.add(one);
    sealing.add(two);
    CHECK(sealing.finish() == sha256(sealed));
    // S5, field by field.
    FrameView frame;
    frame.position = 12;
    frame.epoch = "e";
    frame.id = "i";
    frame.kind = "gap";
    frame.heard_at_us = 5;
    frame.clock = "synced";
    frame.compound = "c";
    frame.source = "gateway";
    frame.facts = "{}";
    Bytes bytes;
    const auto add = [&](std::optional<std::string> field) {
        const auto length = field ? static_cast<std::uint32_t>(field->size()) : 0xffffffffu;
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(length >> shift));
        if (field) bytes.insert(bytes.end(), field->begin(), field->end());
    };
    for (const std::optional<std::string>& field : std::initializer_list<std::optional<std::string>>{
             "12", "e", "i", "gap", std::nullopt, "5", "synced", "0", "c", "gateway", "", std::nullopt, "0", std::nullopt, std::nullopt, "{}"})
        add(field);
    bytes.insert(bytes.end(), one.begin(), one.end());
    CHECK(commitment(frame, one) == sha256(bytes));
}

// SPDX-License-Identifier: Apache-2.0
//
// An export is checked as its receiver would: by tar, sha256sum and openssl, and by our own verifier.
#include "tests/unit/daemon/store/recordings_world.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

struct Exporting {
    Exporting() {
        world.open();
        shelf.must_start();
        start = world.clock.now() - 1h;
        segments.push_back(shelf.must_record("gate-1", start));
        segments.push_back(shelf.must_record("gate-1", start + 20s));
    }
    ExportOrder order() const { return {"gw-7", "compound-1", "gate-1", "main", start, start + 1min, "杭公(2026)17号", "theft", {}}; }
    Result<Bytes> read_all() {
        auto made = world.await(shelf.recordings->make_export(order()));
        if (!made) return std::move(made).error();
        Bytes bytes;
        while (bytes.size() < (*made)->bytes()) {
            auto piece = world.await(shelf.recordings->next_of(*made));
            if (!piece) return std::move(piece).error();
            REQUIRE_FALSE(piece->empty());
            REQUIRE(piece->size() <= export_piece_bytes_max);
            bytes.insert(bytes.end(), piece->begin(), piece->end());
        }
        CHECK(bytes.size() == (*made)->bytes());
        return bytes;
    }
    World world;
    Shelf shelf{world};
    Time start{};
    std::vector<pipelines::Segment> segments;
};

} // namespace

TEST_CASE("recording export: what tar, sha256sum and openssl make of it: every file as recorded, every hash, the gateway's signature") {
    Exporting exporting;
    const auto bytes = exporting.read_all();
    REQUIRE_MESSAGE(bytes.has_value(), (bytes ? std::string() : bytes.error().what()));
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("clip.tar"), *bytes);
    const auto at = folder.folder().string();
    fixtures::output_of("cd " + at + " && tar -xf clip.tar 2>&1");
    CHECK(fixtures::read_file(folder.path("video/" + exporting.segments[0].file)) == fixtures::clip({.seconds = 2}));
    const auto sums = fixtures::output_of("cd " + at + " && sha256sum -c SHA256SUMS");
    CHECK(sums.find("manifest.json: OK") != std::string::npos);
    CHECK(sums.find("video/" + exporting.segments[1].file + ": OK") != std::string::npos);
    const auto verified =
        fixtures::output_of("cd " + at + " && openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile manifest.json.sig");
    CHECK(verified.find("Signature Verified Successfully") != std::string::npos);
    const auto text = fixtures::read_file(folder.path("manifest.json"));
    const auto manifest = parse_json(as_text(text)).value().as_object();
    CHECK(manifest.at("case").as_string() == "杭公(2026)17号");
    CHECK(manifest.at("camera").as_string() == "gate-1");
    REQUIRE(manifest.at("missing").as_array().size() == 2);
    CHECK(manifest.at("missing").as_array()[0].as_object().at("from").as_string() == to_text(exporting.start + 2s));
    // The key is the gateway's, not merely one that fits.
    const auto key = exporting.world.keys.signing().public_key();
    CHECK(manifest.at("key").as_string() == to_base64(key));
    const auto read = [&](const std::string& name) -> Result<Bytes> { return fixtures::read_file(folder.path(name)); };
    const auto report = verify_export(key, read);
    REQUIRE(report.has_value());
    CHECK(report->files == 2);
}

TEST_CASE("recording export: the verifier refuses a changed manifest, another key, and a film with one bit turned") {
    Exporting exporting;
    const auto bytes = exporting.read_all();
    REQUIRE(bytes.has_value());
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("clip.tar"), *bytes);
    fixtures::output_of("cd " + folder.folder().string() + " && tar -xf clip.tar 2>&1");
    const auto key = exporting.world.keys.signing().public_key();
    std::string changed;
    const auto read = [&](const std::string& name) -> Result<Bytes> {
        auto content = fixtures::read_file(folder.path(name));
        if (name == changed) content[content.size() / 2] ^= 1;
        return content;
    };
    CHECK(verify_export(key, read).has_value());
    auto other = key;
    other[0] ^= 1;
    CHECK(verify_export(other, read).error().fault() == Fault::refused);
    changed = "manifest.json";
    CHECK(verify_export(key, read).error().fault() == Fault::refused);
    changed = "manifest.json.sig";
    CHECK(verify_export(key, read).error().fault() == Fault::refused);
    changed = "video/" + exporting.segments[1].file;
    CHECK(verify_export(key, read).error().fault() == Fault::damaged);
}

TEST_CASE("recording export: a file that is no longer what was recorded ends the export, so that nobody is handed it") {
    Exporting exporting;
    exporting.world.disk.damage(exporting.shelf.path(exporting.segments[1]), 5'000, 1);
    CHECK(exporting.read_all().error().fault() == Fault::damaged);
    REQUIRE(exporting.world.disk.files().remove(exporting.shelf.path(exporting.segments[0])).has_value());
    CHECK(exporting.read_all().error().fault() == Fault::gone);
    auto order = exporting.order();
    order.camera = "gate-2";
    CHECK(exporting.world.await(exporting.shelf.recordings->make_export(order)).error().fault() == Fault::gone);
    order.to = order.from + 25h;
    CHECK(exporting.world.await(exporting.shelf.recordings->make_export(order)).error().fault() == Fault::malformed);
}

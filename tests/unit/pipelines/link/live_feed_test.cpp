// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/live_feed.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using What = LiveViewer::Piece::What;

namespace {

LiveInit an_init(std::uint8_t mark = 1) { return LiveInit{"avc1.64001f", 1920, 1080, 90'000, Bytes(100, mark)}; }

FragmentMade a_fragment(std::uint8_t mark, bool key, std::size_t bytes = 1000) {
    FragmentMade made;
    made.fragment.bytes = static_cast<std::uint32_t>(bytes);
    made.fragment.key = key;
    made.bytes = Bytes(bytes, mark);
    return made;
}

struct Watching {
    Loop loop;
    /// What waits for the viewer now; fewer than `most` when it would have to wait.
    std::vector<LiveViewer::Piece> take(LiveViewer& viewer, std::size_t most = 100) {
        std::vector<LiveViewer::Piece> taken;
        TaskGroup group(loop);
        const auto read = [](LiveViewer& from, std::vector<LiveViewer::Piece>& into, std::size_t count) -> Task<void> {
            while (into.size() < count) {
                auto piece = co_await from.next();
                if (!piece) co_return;
                into.push_back(std::move(*piece));
            }
        };
        group.spawn("viewer", read(viewer, taken, most));
        loop.poll();
        group.cancel();
        loop.poll();
        return taken;
    }
};

} // namespace

TEST_CASE("live feed: a viewer gets the init part, then fragments from a key frame on") {
    Watching watching;
    LiveFeed feed;
    auto viewer = feed.view();
    REQUIRE(viewer.has_value());
    feed.publish(an_init());
    feed.publish(a_fragment(1, false));
    feed.publish(a_fragment(2, true));
    feed.publish(a_fragment(3, false));
    const auto pieces = watching.take(**viewer);
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0].what == What::init);
    CHECK(pieces[0].codecs == "avc1.64001f");
    CHECK((*pieces[1].bytes)[0] == 2);
    CHECK((*pieces[2].bytes)[0] == 3);
    CHECK_FALSE(pieces[1].after_loss);

    // One that comes later gets the same init part at once.
    auto late = feed.view();
    feed.publish(a_fragment(4, false));
    feed.publish(a_fragment(5, true));
    const auto others = watching.take(**late);
    REQUIRE(others.size() == 2);
    CHECK(others[0].what == What::init);
    CHECK((*others[1].bytes)[0] == 5);
}

TEST_CASE("live feed: a slow viewer goes on at the next key frame within its bound, and no other notices") {
    Watching watching;
    LiveFeed feed;
    auto slow = feed.view();
    auto quick = feed.view();
    feed.publish(an_init());
    std::size_t quick_got = 0;
    constexpr std::size_t each = 512 * 1024;
    for (std::uint8_t i = 0; i < 38; ++i) {
        feed.publish(a_fragment(i, i % 4 == 0, each));
        quick_got += watching.take(**quick).size();
    }
    CHECK(quick_got == 39);
    CHECK((*quick)->dropped() == 0);
    CHECK((*slow)->dropped() > 0);
    const auto pieces = watching.take(**slow);
    REQUIRE(pieces.size() >= 2);
    std::size_t bytes = 0;
    for (const auto& piece : pieces) bytes += piece.bytes->size();
    CHECK(bytes <= viewer_bytes_max);
    CHECK(pieces[0].what == What::init);
    CHECK((*pieces[1].bytes)[0] % 4 == 0); // a key frame
    CHECK(pieces[1].after_loss);
    // What it got after the loss is without a hole.
    for (std::size_t i = 2; i < pieces.size(); ++i) {
        CHECK((*pieces[i].bytes)[0] == (*pieces[i - 1].bytes)[0] + 1);
        CHECK_FALSE(pieces[i].after_loss);
    }
}

TEST_CASE("live feed: a stream that begins anew is an init part again, and fragments of the old one do not follow it") {
    Watching watching;
    LiveFeed feed;
    auto viewer = feed.view();
    feed.publish(an_init(1));
    feed.publish(a_fragment(1, true));
    feed.publish(an_init(2));
    feed.publish(a_fragment(2, false)); // of the new one, and no key frame
    feed.publish(a_fragment(3, true));
    const auto pieces = watching.take(**viewer);
    REQUIRE(pieces.size() == 4);
    CHECK((*pieces[2].bytes)[0] == 2);
    CHECK(pieces[2].what == What::init);
    CHECK((*pieces[3].bytes)[0] == 3);
}

TEST_CASE("live feed: what the link left out is a loss, and playing goes on at a key frame") {
    Watching watching;
    LiveFeed feed;
    auto viewer = feed.view();
    feed.publish(an_init());
    feed.publish(a_fragment(1, true));
    auto without = a_fragment(2, false);
    without.bytes.clear();
    feed.publish(std::move(without));
    feed.publish(a_fragment(3, false));
    feed.publish(a_fragment(4, true));
    const auto pieces = watching.take(**viewer);
    REQUIRE(pieces.size() == 3);
    CHECK((*pieces[2].bytes)[0] == 4);
    CHECK(pieces[2].after_loss);
}

TEST_CASE("live feed: more viewers than may be are refused, and a viewer outlives its feed") {
    Watching watching;
    auto feed = std::make_unique<LiveFeed>();
    std::vector<std::unique_ptr<LiveViewer>> viewers;
    for (std::size_t i = 0; i < viewers_max; ++i) viewers.push_back(*feed->view());
    const auto refused = feed->view();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().fault() == Fault::full);
    viewers.pop_back();
    CHECK(feed->view().has_value());
    feed.reset();
    CHECK(watching.take(*viewers[0]).empty());
}

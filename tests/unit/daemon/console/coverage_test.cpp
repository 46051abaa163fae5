// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/coverage.hpp"

#include <doctest/doctest.h>

#include <ostream>

using namespace gatehouse;
using namespace gatehouse::console;

namespace {

using What = Heard::What;

/// Minutes of a day, so that stories read as "at 60".
Time at(double minutes) { return from_us(1'768'000'000'000'000 + static_cast<std::int64_t>(minutes * 60e6)); }

/// A log of one source, told in the order of its positions.
struct Story {
    Heard& add(What what, double when) {
        Heard heard;
        heard.what = what;
        heard.position = ++position;
        heard.heard_at = at(when);
        log.push_back(heard);
        return log.back();
    }
    void online(double when) { add(What::online, when); }
    void offline(double when, double silent_since) { add(What::offline, when).silent_since = at(silent_since); }
    void started(double when, double last_heard) { add(What::started, when).silent_since = at(last_heard); }
    void event(double when, std::optional<std::uint64_t> key = {}) {
        auto& heard = add(What::event, when);
        heard.at = at(when);
        heard.key = key;
    }
    void recovered(double when, double happened, std::optional<std::uint64_t> key = {}) {
        auto& heard = add(What::event, when);
        heard.at = at(happened);
        heard.key = key;
        heard.is_recovered = true;
    }
    Heard& gap(double when, std::optional<double> from, std::optional<double> to, std::optional<std::uint64_t> lost) {
        auto& heard = add(What::gap, when);
        if (from) heard.from = at(*from);
        if (to) heard.to = at(*to);
        heard.lost = lost;
        heard.cause = "overwritten";
        return heard;
    }
    /// Each span as "state from-to cause lost", from 0 to 180, heard until 180 unless told otherwise.
    std::vector<std::string> spans(double heard_until = 180, double from = 0, double to = 180) const {
        CoverageQuestion question;
        question.from = at(from);
        question.to = at(to);
        question.heard_until = at(heard_until);
        std::vector<std::string> texts;
        Time reached = question.from;
        for (const auto& span : coverage_of(log, question)) {
            CHECK(span.from == reached); // without holes
            reached = span.to;
            CHECK(span.from < span.to);
            const auto minute = [](Time time) {
                const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time - at(0)).count();
                return seconds % 60 == 0 ? std::to_string(seconds / 60) : std::to_string(seconds) + "s";
            };
            texts.push_back(std::string(name_of(span.state)) + " " + minute(span.from) + "-" + minute(span.to) +
                            (span.cause.empty() ? "" : " " + span.cause) + (span.lost ? " " + std::to_string(*span.lost) : ""));
        }
        CHECK(reached == question.to);
        return texts;
    }
    std::uint64_t position = 0;
    std::vector<Heard> log;
};

using Spans = std::vector<std::string>;

} // namespace

TEST_CASE("coverage: what was never heard of is unknown, and so is the time before the first contact") {
    Story story;
    CHECK(story.spans() == Spans{"unknown 0-180 never_heard"});
    story.online(60);
    CHECK(story.spans() == Spans{"unknown 0-60 never_heard", "covered 60-180"});
}

TEST_CASE("coverage: an outage begins where the silence began, not where it was noticed, and silence alone stays unknown") {
    Story story;
    story.online(0);
    story.event(20);
    story.offline(70, 60);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-180 offline"}); // still offline
    story.online(120);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-120 offline", "covered 120-180"});
    story.event(150);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-120 offline", "covered 120-180"});
}

TEST_CASE("coverage: an outage is recovered when the device's numbers go on without a hole") {
    Story story;
    story.online(0);
    story.event(20, 7);
    story.offline(70, 60);
    story.online(120);
    story.recovered(121, 80, 8);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-80", "unknown 80-120 offline", "covered 120-180"});
    story.recovered(121, 110, 9);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-110", "unknown 110-120 offline", "covered 120-180"});
    story.event(130, 10);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-120", "covered 120-180"});
}

TEST_CASE("coverage: consecutive numbers around an outage prove that nothing happened; a hole between them proves nothing") {
    Story story;
    story.online(0);
    story.event(20, 7);
    story.offline(70, 60);
    story.online(120);
    story.event(130, 8);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-120", "covered 120-180"});
    Story with_hole;
    with_hole.online(0);
    with_hole.event(20, 7);
    with_hole.offline(70, 60);
    with_hole.online(120);
    with_hole.recovered(121, 119, 9); // pushed late, beyond what is not read yet
    with_hole.event(130, 10);
    CHECK(with_hole.spans() == Spans{"covered 0-60", "unknown 60-119 offline", "recovered 119-120", "covered 120-180"});
    Story other_generation;
    other_generation.online(0);
    other_generation.event(20, 7);
    other_generation.offline(70, 60);
    other_generation.online(120);
    other_generation.event(130, 8);
    other_generation.log.back().generation = 1;
    CHECK(other_generation.spans() == Spans{"covered 0-60", "unknown 60-120 offline", "covered 120-180"});
}

TEST_CASE("coverage: a memory without numbers recovers an outage as far as it was read, and wholly once it was read past its end") {
    Story story;
    story.online(0);
    story.offline(70, 60);
    story.online(120);
    story.recovered(121, 80);
    story.recovered(121, 100);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-100", "unknown 100-120 offline", "covered 120-180"});
    story.recovered(122, 121);
    CHECK(story.spans() == Spans{"covered 0-60", "recovered 60-120", "covered 120-180"});
}

TEST_CASE("coverage: history read at the first contact is recovered between its first and its last event") {
    Story story;
    story.online(60);
    story.recovered(61, 20, 1);
    story.recovered(61, 50, 2);
    story.event(70, 3);
    CHECK(story.spans() == Spans{"unknown 0-20 never_heard", "recovered 20-60", "covered 60-180"});
    Story plates;
    plates.online(60);
    plates.recovered(61, 20);
    plates.recovered(61, 50);
    CHECK(plates.spans() == Spans{"unknown 0-20 never_heard", "recovered 20-50", "unknown 50-60 never_heard", "covered 60-180"});
}

TEST_CASE("coverage: a gap is unknown with its exact count, whatever else is said of that time") {
    Story story;
    story.online(0);
    story.event(20, 7);
    story.offline(70, 60);
    story.online(120);
    auto& gap = story.gap(121, 60, 90, 12);
    gap.first = 8;
    gap.last = 19;
    story.recovered(121, 95, 20);
    story.event(130, 21);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-90 overwritten 12", "recovered 90-120", "covered 120-180"});
    // Also where it was listened to.
    story.gap(140, 131, 135, std::nullopt);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-90 overwritten 12", "recovered 90-120", "covered 120-131", "unknown 131-135 overwritten",
                                 "covered 135-180"});
}

TEST_CASE("coverage: a gap that does not say when it was lies between its neighbours, else from the beginning to when it was told") {
    Story story;
    story.online(0);
    story.event(20, 7);
    story.offline(70, 60);
    story.online(120);
    auto& gap = story.gap(121, std::nullopt, std::nullopt, 3);
    gap.first = 8;
    gap.last = 10;
    story.recovered(122, 100, 11);
    story.event(130, 12);
    CHECK(story.spans() == Spans{"covered 0-20", "unknown 20-100 overwritten 3", "recovered 100-120", "covered 120-180"});
    Story bare;
    bare.online(0);
    bare.gap(60, std::nullopt, std::nullopt, std::nullopt);
    CHECK(bare.spans() == Spans{"unknown 0-60 overwritten", "covered 60-180"});
}

TEST_CASE("coverage: overlapping gaps are one, with the sum of exact counts; a gap of no width is seen") {
    Story story;
    story.online(0);
    story.gap(100, 20, 40, 3);
    story.gap(101, 30, 60, 5);
    CHECK(story.spans() == Spans{"covered 0-20", "unknown 20-60 overwritten 8", "covered 60-180"});
    story.gap(102, 50, 70, std::nullopt).cause = "cleared";
    CHECK(story.spans() == Spans{"covered 0-20", "unknown 20-70 overwritten; cleared", "covered 70-180"});
    Story instant;
    instant.online(0);
    instant.gap(100, 30, 30, 1);
    CHECK(instant.spans() == Spans{"covered 0-30", "unknown 30-1801s overwritten 1", "covered 1801s-180"});
}

TEST_CASE("coverage: a gateway that stopped covers nothing; one that was killed covers up to the last record heard") {
    Story story;
    story.online(0);
    story.add(What::stopped, 60);
    story.started(90, 60);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-180 gateway_stopped"});
    story.online(100);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-100 gateway_stopped", "covered 100-180"});
    Story killed;
    killed.online(0);
    killed.started(90, 45);
    killed.online(100);
    CHECK(killed.spans() == Spans{"covered 0-45", "unknown 45-100 gateway_killed", "covered 100-180"});
    Story unheard; // the record before the start is gone
    unheard.online(10);
    unheard.add(What::started, 90);
    CHECK(unheard.spans() == Spans{"unknown 0-10 never_heard", "unknown 10-180 gateway_killed"});
}

TEST_CASE("coverage: a device that was removed or changed is covered again from its next conversation on only") {
    Story story;
    story.online(0);
    story.add(What::removed, 60);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-180 removed"});
    story.add(What::changed, 80).cause = "never_heard";
    story.online(90);
    story.add(What::changed, 120);
    CHECK(story.spans() == Spans{"covered 0-60", "unknown 60-80 removed", "unknown 80-90 never_heard", "covered 90-120", "unknown 120-180 changed"});
}

TEST_CASE("coverage: what the log does not end is believed only as far as the source was heard") {
    Story story;
    story.online(0);
    CHECK(story.spans(150) == Spans{"covered 0-150", "unknown 150-180 not_online"});
    CHECK(story.spans(-10) == Spans{"unknown 0-180 not_online"});
}

TEST_CASE("coverage: an event heard as it happened stands for a device.online that retention took, but for no ended conversation") {
    Story story;
    story.event(30);
    CHECK(story.spans() == Spans{"unknown 0-30 never_heard", "covered 30-180"});
    Story late;
    late.recovered(30, 20);
    CHECK(late.spans() == Spans{"unknown 0-180 never_heard"});
    Story ended;
    ended.online(0);
    ended.offline(21, 20);
    ended.event(30); // posted to us outside a conversation: nobody would notice its silence
    CHECK(ended.spans() == Spans{"covered 0-20", "unknown 20-180 offline"});
}

TEST_CASE("coverage: a device clock that jumped back does not stretch what is known") {
    Story story;
    story.online(60);
    story.event(70, 1);
    story.offline(80, 80);
    story.online(120);
    story.recovered(121, 5, 2); // the battery was empty
    story.event(130, 3);
    CHECK(story.spans() == Spans{"unknown 0-60 never_heard", "covered 60-80", "recovered 80-120", "covered 120-180"});
}

TEST_CASE("coverage: a question sees what lies around it, and only what it asks for") {
    Story story;
    story.online(-100);
    story.event(-50, 7);
    story.offline(70, 60);
    story.online(120);
    story.event(200, 8);
    story.gap(210, 170, 200, 4);
    CHECK(story.spans(300, 0, 180) == Spans{"covered 0-60", "recovered 60-120", "covered 120-170", "unknown 170-180 overwritten 4"});
    CHECK(story.spans(300, 80, 100) == Spans{"recovered 80-100"});
    CHECK(story.spans(300, 250, 260) == Spans{"covered 250-260"});
}

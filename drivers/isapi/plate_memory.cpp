// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/plate_memory.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr int rounds_max = 20;
// The search is asked from a little before our last plate, so that this one comes again: if it does not, it was pushed out.
constexpr Duration overlap = std::chrono::seconds(2);

} // namespace

PlateMemory::PlateMemory(DeviceApi& api, Writer& writer, Surroundings surroundings, bool with_history, std::string device_id)
    : api_(api), writer_(writer), surroundings_(surroundings), with_history_(with_history), device_id_(std::move(device_id)) {}

Task<Result<PlatesPage>> PlateMemory::search(Time after) {
    for (;;) {
        std::string method = variant_ == Variant::get_z ? "GET" : "POST";
        std::string target(plates_target);
        auto body = encode_plates_search(after, surroundings_.zone, variant_ != Variant::post_local);
        auto answer = co_await api_.ask(std::move(method), std::move(target), std::move(body));
        if (answer) {
            writer_.heard();
            co_return decode_plates(*answer, surroundings_.zone);
        }
        const auto fault = answer.error().fault();
        const auto next = static_cast<Variant>(static_cast<int>(variant_) + 1);
        // A time without Z helps against "bad content", another verb against "not supported".
        const bool other_form = fault == Fault::malformed && variant_ == Variant::post_z;
        const bool other_verb = fault == Fault::unsupported && variant_ != Variant::get_z;
        if (!other_form && !other_verb) co_return std::move(answer).error();
        variant_ = other_verb ? Variant::get_z : next;
    }
}

Task<Done> PlateMemory::tell_gap(std::string cause, std::optional<Time> to) {
    Record gap = writer_.record_now(Kind::gap);
    gap.facts["of"] = device_id_;
    gap.facts["cause"] = cause;
    gap.facts["count_known"] = false;
    if (writer_.plates_until()) gap.facts["from"] = to_text(*writer_.plates_until());
    gap.facts["to"] = to_text(to.value_or(surroundings_.clock.now()));
    co_return co_await writer_.tell(std::move(gap));
}

Task<Done> PlateMemory::catch_up() {
    if (writer_.plates_whole()) co_return Done();
    const auto known_until = writer_.plates_until();
    // After our setting the camera's clock back its times begin before our mark.
    const auto device_now = surroundings_.clock.now() + Duration(writer_.clock_reading().offset_us.value_or(0));
    auto from = known_until ? std::min(*known_until, device_now) - overlap : with_history_ ? from_us(0) : device_now;
    bool first_round = true;
    for (int round = 0; round < rounds_max; ++round) {
        auto page = co_await search(from);
        if (!page) {
            if (page.error().fault() != Fault::unsupported) co_return std::move(page).error();
            if (known_until) {
                auto told = co_await tell_gap("the camera has no memory to search", std::nullopt);
                if (!told) co_return told;
            }
            break;
        }
        writer_.status().malformed += page->unreadable;
        if (first_round && known_until && (page->rows.empty() || *page->rows.front().time.at > *known_until + overlap)) {
            const auto oldest = page->rows.empty() ? std::nullopt : page->rows.front().time.at;
            auto told = co_await tell_gap("the camera's memory does not reach back to the last plate", oldest);
            if (!told) co_return told;
        }
        first_round = false;
        bool found_new = false;
        for (auto& row : page->rows) {
            from = std::max(from, *row.time.at);
            Arrival arrival;
            arrival.alert = std::move(row);
            auto kept = co_await writer_.write(std::move(arrival), Way::search);
            if (!kept && kept.error().fault() != Fault::malformed) co_return std::move(kept).error();
            found_new = found_new || (kept && *kept == Kept::stored);
        }
        if (!found_new) break;
        from -= overlap;
    }
    writer_.set_plates_whole(true);
    co_return Done();
}

} // namespace gatehouse::drivers::isapi

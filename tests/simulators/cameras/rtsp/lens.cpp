// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/lens.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <algorithm>

namespace gatehouse::simulators::cameras {
namespace {

// Frames from the first key frame to the second; all of them where there is one only.
std::size_t key_every(const Footage& footage) {
    for (std::size_t i = 1; i < footage.frames.size(); ++i)
        if (footage.frames[i].is_key) return i;
    return footage.frames.size();
}

} // namespace

Lens::Lens(std::string name, Footage footage, std::optional<Footage> other_size, std::uint64_t seed)
    : name_(std::move(name)), footage_(std::move(footage)), other_size_(std::move(other_size)), random_(seed) {}

Lens::~Lens() {
    for (Client& client : clients_) gst_object_unref(client.source);
}

void Lens::begin(SteadyTime at, std::chrono::system_clock::time_point real) { begun_ = at, begun_real_ = real; }

SteadyTime Lens::due(std::uint64_t number) const {
    return begun_ + std::chrono::nanoseconds(number * 1'000'000'000ull / static_cast<std::uint64_t>(footage_.fps));
}

SteadyTime Lens::next_due() const { return due(next_); }

void Lens::push_due(SteadyTime now, const std::function<Harm(bool)>& harm) {
    for (; due(next_) <= now; ++next_) {
        const auto at = static_cast<std::size_t>(next_ % footage_.frames.size());
        const bool is_key = footage_.frames[at].is_key;
        const Harm harms = harm(is_key);
        if (is_key) shows_other_size_ = harms.has_other_size && other_size_;
        const Footage& shown = shows_other_size_ ? *other_size_ : footage_;
        if (at < shown.frames.size()) send(shown.frames[at], due(next_), harms);
        sent_.push_back({next_, is_key});
        if (sent_.size() > frames_remembered_max) sent_.pop_front();
    }
}

void Lens::send(const Frame& frame, SteadyTime due, const Harm& harm) {
    const std::lock_guard lock(clients_lock_);
    if (harm.is_held) {
        for (Client& client : clients_) client.waits_for_key = true;
        return;
    }
    if (clients_.empty()) return;
    GstBuffer* whole = nullptr;
    if (harm.is_garbage || (harm.loses_keys && frame.is_key)) {
        const auto bytes = harmed(frame, harm);
        whole = gst_buffer_new_memdup(bytes.data(), bytes.size());
    } else {
        whole = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, const_cast<std::uint8_t*>(frame.bytes.data()), frame.bytes.size(), 0,
                                            frame.bytes.size(), nullptr, nullptr);
    }
    std::erase_if(clients_, [&](Client& client) {
        if (client.waits_for_key && !frame.is_key) return false;
        // The pipeline's clock and the steady clock are one: CLOCK_MONOTONIC. Before it runs there is no base time.
        const auto base = gst_element_get_base_time(client.source);
        const auto at = static_cast<GstClockTime>(due.time_since_epoch().count());
        if (GST_STATE(client.source) != GST_STATE_PLAYING || base == 0 || at < base) return false;
        client.waits_for_key = false;
        GstBuffer* buffer = gst_buffer_copy(whole);
        GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = at - base;
        GST_BUFFER_DURATION(buffer) = GST_SECOND / static_cast<GstClockTime>(footage_.fps);
        if (!frame.is_key) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        if (gst_app_src_push_buffer(GST_APP_SRC(client.source), buffer) == GST_FLOW_OK) return false;
        gst_object_unref(client.source);
        return true;
    });
    gst_buffer_unref(whole);
}

std::vector<std::uint8_t> Lens::harmed(const Frame& frame, const Harm& harm) {
    std::vector<std::uint8_t> bytes;
    for (const auto nal : nal_units(frame.bytes)) {
        const bool is_kept = is_parameter_set(footage_.codec, nal);
        if (!is_kept && harm.loses_keys && frame.is_key) continue;
        bytes.push_back(0);
        bytes.insert(bytes.end(), nal.begin(), nal.end());
        if (is_kept || !harm.is_garbage) continue;
        // Start code and kind of the unit stay; what follows is noise that looks like no start code.
        constexpr std::size_t head_bytes = 5;
        for (std::size_t i = std::min(nal.size(), head_bytes); i < nal.size(); ++i)
            bytes[bytes.size() - nal.size() + i] = static_cast<std::uint8_t>(1 + random_() % 255);
    }
    return bytes;
}

void Lens::add(_GstElement* source) {
    const std::lock_guard lock(clients_lock_);
    if (clients_.size() >= clients_max) return;
    clients_.push_back({GST_ELEMENT(gst_object_ref(source))});
}

void Lens::remove(_GstElement* source) {
    const std::lock_guard lock(clients_lock_);
    std::erase_if(clients_, [source](Client& client) {
        if (client.source != source) return false;
        gst_object_unref(client.source);
        return true;
    });
}

boost::json::array Lens::frames_since(std::uint64_t first) const {
    boost::json::array all;
    const auto begun_us = std::chrono::duration_cast<std::chrono::microseconds>(begun_real_.time_since_epoch()).count();
    for (const Sent& sent : sent_) {
        if (sent.number < first) continue;
        const auto after_us = std::chrono::duration_cast<std::chrono::microseconds>(due(sent.number) - begun_).count();
        all.push_back(boost::json::object{
            {"frame", sent.number}, {"shows", sent.number % footage_.frames.size()}, {"key", sent.is_key}, {"at_us", begun_us + after_us}});
    }
    return all;
}

std::string Lens::snapshot() const {
    if (footage_.pictures.empty()) return {};
    const auto second = next_ % footage_.frames.size() / static_cast<std::uint64_t>(footage_.fps);
    return footage_.pictures[std::min<std::size_t>(second, footage_.pictures.size() - 1)];
}

boost::json::object Lens::to_json() const {
    const Footage& shown = shows_other_size_ ? *other_size_ : footage_;
    return {{"codec", footage_.codec},
            {"width", shown.width},
            {"height", shown.height},
            {"fps", footage_.fps},
            {"frames_made", next_},
            {"scene_frames", footage_.frames.size()},
            {"key_every", key_every(footage_)}};
}

} // namespace gatehouse::simulators::cameras

// SPDX-License-Identifier: Apache-2.0
//
// One stream of a camera, before it becomes packets: frame after frame at its time, the same to every client at the same moment, as a camera
// sends it. A client begins at the next key frame. Frame number N since the start shows frame N modulo the scene's length, so a test knows at
// any time what is to be seen.
//
// push_due() is called by the io thread; add() and remove() by GStreamer's, under one lock.
#pragma once

#include "tests/simulators/cameras/rtsp/footage.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include <boost/json.hpp>

struct _GstElement;
struct _GstBuffer;

namespace gatehouse::simulators::cameras {

using SteadyTime = std::chrono::steady_clock::time_point;

class Lens {
public:
    static constexpr std::size_t frames_remembered_max = 20'000;
    static constexpr std::size_t clients_max = 64;

    /// What is done to a frame on its way.
    struct Harm {
        bool is_held = false;        // nothing is sent
        bool loses_keys = false;     // of key frames the parameter sets alone are sent
        bool is_garbage = false;     // the slices' bytes are noise
        bool has_other_size = false; // the other footage from the next key frame on
    };

    Lens(std::string name, Footage footage, std::optional<Footage> other_size, std::uint64_t seed);
    ~Lens();

    const std::string& name() const { return name_; }
    const Footage& footage() const { return footage_; }
    bool has_other_size() const { return other_size_.has_value(); }

    /// Frame 0 was due then. Before that nothing is sent.
    void begin(SteadyTime at, std::chrono::system_clock::time_point real);
    /// When the next frame is due.
    SteadyTime next_due() const;
    /// Sends all that is due.
    void push_due(SteadyTime now, const std::function<Harm(bool is_key)>& harm);

    /// A client's appsrc; kept until removed or until it takes nothing more.
    void add(_GstElement* source);
    void remove(_GstElement* source);

    std::uint64_t frames_made() const { return next_; }
    /// What is to be seen now, as JPEG, to the second; empty where the footage has no pictures.
    std::string snapshot() const;
    /// [{"frame":N,"shows":M,"key":true,"at_us":…}, …] from frame `first` on, as far as remembered; at_us is Unix time.
    boost::json::array frames_since(std::uint64_t first) const;
    boost::json::object to_json() const;

private:
    struct Client {
        _GstElement* source;
        bool waits_for_key = true;
    };
    struct Sent {
        std::uint64_t number;
        bool is_key;
    };
    SteadyTime due(std::uint64_t number) const;
    void send(const Frame& frame, SteadyTime due, const Harm& harm);
    std::vector<std::uint8_t> harmed(const Frame& frame, const Harm& harm);

    std::string name_;
    Footage footage_;
    std::optional<Footage> other_size_;
    std::mt19937_64 random_;
    SteadyTime begun_{};
    std::chrono::system_clock::time_point begun_real_{};
    std::uint64_t next_ = 0;
    bool shows_other_size_ = false;
    std::deque<Sent> sent_;
    mutable std::mutex clients_lock_;
    std::vector<Client> clients_;
};

} // namespace gatehouse::simulators::cameras

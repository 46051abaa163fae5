// SPDX-License-Identifier: Apache-2.0
//
// The one folder in which a worker touches files. A segment is NAME.part while it is written and NAME.mp4 once it is whole: file fsynced,
// renamed, folder fsynced, in this order, and only then is it told. So a .part is what an earlier worker left unfinished, and a .mp4 is
// whole whatever happens.
#pragma once

#include "pipelines/link/segment.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace gatehouse::pipelines {

constexpr std::string_view whole_ending = ".mp4";
constexpr std::string_view unfinished_ending = ".part"; ///< after the whole name

/// An open descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_ = -1;
};

class RecordingFolder {
public:
    /// Fault::gone, refused, full as the system says.
    static Result<RecordingFolder> open(const std::string& path);
    /// Of a worker that records nothing: nothing lies there, and nothing can be made.
    static RecordingFolder nowhere() { return RecordingFolder(Descriptor()); }

    int number() const { return folder_.number(); }

    /// "20260115T003000000Z-main.mp4": sorts as time does; a name that is taken gets a number.
    Result<std::string> free_name(Time started_at, const std::string& stream) const;

    /// NAME.part, anew, for writing.
    Result<Descriptor> create(const std::string& file) const;
    /// What is written so far is made durable under its whole name.
    Done finish(const Descriptor& open, const std::string& file) const;
    /// NAME.part is taken away: there was nothing whole in it.
    void drop(const std::string& file) const;

    /// Whole names of what was left unfinished, oldest first.
    std::vector<std::string> unfinished() const;

    /// Reads NAME.part (or NAME, where that exists already), cuts it after its last whole fragment and makes it durable. The segment has its
    /// times from its name and its fragments, and ended by "repaired". None: it held no whole fragment and was taken away.
    Result<std::optional<Segment>> repair(const std::string& file) const;

private:
    explicit RecordingFolder(Descriptor folder) : folder_(std::move(folder)) {}
    Descriptor folder_;
};

/// The system's word for a failed call: Fault::full (no space, quota, file too large), gone, refused, damaged (input/output), else unreachable.
Error file_error(int number, const std::string& doing);

/// All of `bytes` at the descriptor's place. Answers 0 or the system's error.
int write_all(int descriptor, ByteView bytes);

} // namespace gatehouse::pipelines

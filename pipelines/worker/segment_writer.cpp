// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/segment_writer.hpp"

#include <unistd.h>

#include <cerrno>

namespace gatehouse::pipelines {

SegmentWriter::SegmentWriter(const RecordingFolder& folder) : folder_(folder), thread_([this] { run(); }) {}

SegmentWriter::~SegmentWriter() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    filled_.notify_one();
    thread_.join();
}

void SegmentWriter::put(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
}

void SegmentWriter::begin(Segment segment, Bytes init) { put(Begin{std::move(segment), std::move(init)}); }

bool SegmentWriter::add(Fragment fragment, Bytes bytes) {
    if (waiting_bytes_ + bytes.size() > disk_waiting_bytes_max) return false;
    waiting_bytes_ += bytes.size();
    put(Add{fragment, std::move(bytes)});
    return true;
}

void SegmentWriter::end(std::string why, Time started_at, Time ended_at) { put(End{std::move(why), started_at, ended_at}); }

void SegmentWriter::repair(std::string file) { put(Repair{std::move(file)}); }

std::vector<SegmentWriter::Outcome> SegmentWriter::outcomes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(outcomes_, {});
}

bool SegmentWriter::is_idle() const {
    const std::lock_guard lock(mutex_);
    return jobs_.empty() && !working_;
}

void SegmentWriter::tell(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcomes_.push_back(std::move(outcome));
}

void SegmentWriter::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        filled_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        working_ = true;
        lock.unlock();
        std::visit([this](auto& each) { work(each); }, job);
        lock.lock();
        working_ = false;
    }
}

void SegmentWriter::work(Begin& job) {
    segment_ = std::move(job.segment);
    hash_ = Sha256();
    auto name = folder_.free_name(segment_.started_at, segment_.stream);
    auto file = name ? folder_.create(*name) : Result<Descriptor>(name.error());
    if (!file) return tell(Failed{std::move(file).error()});
    segment_.file = *name;
    file_ = std::move(*file);
    if (const int failed = write_all(file_.number(), job.init); failed != 0) return fail(file_error(failed, "writing " + segment_.file));
    hash_.add(job.init);
    segment_.bytes = segment_.init_bytes = static_cast<std::uint32_t>(job.init.size());
    tell(Opened{segment_.file, segment_.started_at});
}

void SegmentWriter::work(Add& job) {
    waiting_bytes_ -= job.bytes.size();
    if (!file_) return; // its segment has failed
    if (const int failed = write_all(file_.number(), job.bytes); failed != 0) return fail(file_error(failed, "writing " + segment_.file));
    hash_.add(job.bytes);
    job.fragment.offset = segment_.bytes;
    job.fragment.bytes = static_cast<std::uint32_t>(job.bytes.size());
    segment_.bytes += job.bytes.size();
    segment_.fragments.push_back(job.fragment);
}

void SegmentWriter::work(End& job) {
    if (!file_) return; // it has failed
    segment_.started_at = job.started_at;
    close(std::move(job.why), job.ended_at);
}

void SegmentWriter::work(Repair& job) {
    auto mended = folder_.repair(job.file);
    if (!mended) return tell(NotMended{std::move(mended).error()});
    if (*mended) tell(Closed{std::move(**mended)});
}

// What is whole is kept: cut behind it, the file is a shorter segment.
void SegmentWriter::fail(Error error) {
    if (::ftruncate(file_.number(), static_cast<off_t>(segment_.bytes)) != 0) segment_.fragments.clear();
    auto ended_at = segment_.started_at;
    if (!segment_.fragments.empty()) {
        const auto& last = segment_.fragments.back();
        ended_at += std::chrono::microseconds((last.start_ticks + last.duration_ticks) * 1'000'000 / segment_.timescale);
    }
    close("lost", ended_at);
    tell(Failed{std::move(error)});
}

void SegmentWriter::close(std::string why, Time ended_at) {
    const Descriptor file = std::move(file_);
    if (segment_.fragments.empty()) return folder_.drop(segment_.file);
    segment_.end = std::move(why);
    segment_.ended_at = std::max(ended_at, segment_.started_at);
    segment_.sha256 = hash_.finish();
    // Unfinished it stays a .part, and the next worker mends it.
    if (auto done = folder_.finish(file, segment_.file); !done) return tell(Failed{std::move(done).error()});
    tell(Closed{std::exchange(segment_, {})});
}

} // namespace gatehouse::pipelines

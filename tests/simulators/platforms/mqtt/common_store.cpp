// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/common_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace gatehouse::simulators::platform {
namespace json = boost::json;

namespace {
constexpr std::size_t read_bytes_max = 1024 * 1024;
}

CommonStore::CommonStore(const std::string& path, Apply apply) : apply_(std::move(apply)) {
    if (path.empty()) return;
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) throw std::runtime_error("can't open " + path);
}

CommonStore::~CommonStore() {
    if (file_ >= 0) ::close(file_);
}

void CommonStore::read_on() {
    if (file_ < 0) return;
    std::string text;
    std::string piece(read_bytes_max, '\0');
    for (std::int64_t at = read_up_to_;;) {
        const auto got = ::pread(file_, piece.data(), piece.size(), at);
        if (got <= 0) break;
        text.append(piece, 0, static_cast<std::size_t>(got));
        at += got;
    }
    const auto whole = text.rfind('\n');
    const std::size_t usable = whole == std::string::npos ? 0 : whole + 1;
    for (std::size_t at = 0; at < usable;) {
        const auto end = text.find('\n', at);
        boost::system::error_code error;
        const auto row = json::parse(json::string_view(text.data() + at, end - at), error);
        if (!error && row.is_object()) apply_(row.get_object());
        at = end + 1;
    }
    read_up_to_ += static_cast<std::int64_t>(usable);
    // What is left has no end: its writer was killed in the midst of it, since we hold the lock.
    if (usable < text.size() && ::ftruncate(file_, read_up_to_) != 0) throw std::runtime_error("can't cut the store");
}

CommonStore::Turn::Turn(CommonStore& store) : store_(store) {
    if (store_.file_ >= 0) {
        while (::flock(store_.file_, LOCK_EX) != 0)
            if (errno != EINTR) throw std::runtime_error("can't lock the store");
    }
    store_.read_on();
}

void CommonStore::Turn::append(const json::object& row) {
    store_.apply_(row);
    if (store_.file_ >= 0) waiting_ += json::serialize(row) + "\n";
}

void CommonStore::Turn::write() {
    std::size_t written = 0;
    while (written < waiting_.size()) {
        const auto done =
            ::pwrite(store_.file_, waiting_.data() + written, waiting_.size() - written, store_.read_up_to_ + static_cast<std::int64_t>(written));
        if (done <= 0) std::abort(); // an application that can't keep what it took must not receipt it
        written += static_cast<std::size_t>(done);
    }
    store_.read_up_to_ += static_cast<std::int64_t>(waiting_.size());
}

CommonStore::Turn::~Turn() {
    if (store_.file_ < 0) return;
    write();
    ::flock(store_.file_, LOCK_UN);
}

} // namespace gatehouse::simulators::platform

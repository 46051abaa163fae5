// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/connections.hpp"

namespace gatehouse::store {

namespace {
constexpr std::size_t idle_connections_max = 6;
} // namespace

Result<Connections::Lease> Connections::take() { return lend(false); }
Result<Connections::Lease> Connections::take_new() { return lend(true); }

Result<Connections::Lease> Connections::lend(bool is_new) {
    auto access = Connection::Access::read_only;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !shut_; });
        ++lent_;
        if (without_writer_) access = Connection::Access::read_frozen;
        if (!is_new && !idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return Lease(*this, std::move(connection));
        }
    }
    auto made = Connection::open(path_, access, vfs_);
    if (!made) {
        give_back(Connection(), true);
        return std::move(made).error();
    }
    return Lease(*this, std::move(*made));
}

void Connections::give_back(Connection connection, bool bad) {
    {
        const std::lock_guard lock(mutex_);
        if (!bad && !shut_ && idle_.size() < idle_connections_max)
            idle_.push_back(std::move(connection));
        else
            connection.close(); // before it counts as back: shut() promises that none is open
        --lent_;
    }
    changed_.notify_all();
}

void Connections::shut() {
    std::unique_lock lock(mutex_);
    shut_ = true;
    changed_.wait(lock, [this] { return lent_ == 0; });
    idle_.clear();
}

void Connections::open_again(bool without_writer) {
    {
        const std::lock_guard lock(mutex_);
        shut_ = false;
        without_writer_ = without_writer;
    }
    changed_.notify_all();
}

} // namespace gatehouse::store

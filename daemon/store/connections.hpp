// SPDX-License-Identifier: Apache-2.0
//
// The read-only connections that pool threads and the index share. All of them can be shut at once: after a failed fsync no page that
// the old ones remember may be believed. Thread-safe.
#pragma once

#include "daemon/store/sqlite.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace gatehouse::store {

class Connections {
public:
    Connections(std::string path, std::string vfs) : path_(std::move(path)), vfs_(std::move(vfs)) {}

    /// A connection until this goes. Never kept over a co_await.
    class Lease {
    public:
        Lease(Connections& owner, Connection connection) : owner_(&owner), connection_(std::move(connection)) {}
        ~Lease() {
            if (owner_ != nullptr) owner_->give_back(std::move(connection_), bad_);
        }
        Lease(Lease&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), connection_(std::move(other.connection_)), bad_(other.bad_) {}
        Lease& operator=(Lease&&) = delete;
        Connection* operator->() { return &connection_; }
        Connection& operator*() { return connection_; }
        /// It met a fault: it is closed, not reused.
        void mark_bad() { bad_ = true; }

    private:
        Connections* owner_;
        Connection connection_;
        bool bad_ = false;
    };

    /// Waits while shut.
    Result<Lease> take();
    /// One that has read nothing yet.
    Result<Lease> take_new();

    /// Waits until every lease is back, closes all; take() waits from now on.
    void shut();
    /// `without_writer`: the disk is out and nobody keeps the index of the WAL (-shm); readers make one in their memory.
    void open_again(bool without_writer = false);

private:
    Result<Lease> lend(bool is_new);
    void give_back(Connection connection, bool bad);

    std::string path_;
    std::string vfs_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Connection> idle_;
    std::size_t lent_ = 0;
    bool shut_ = false;
    bool without_writer_ = false;
};

} // namespace gatehouse::store

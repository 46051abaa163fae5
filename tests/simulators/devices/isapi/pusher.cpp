// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/pusher.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <utility>

namespace gatehouse::simulators::isapi {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;

std::chrono::microseconds micros_of(double s) { return std::chrono::microseconds(static_cast<std::int64_t>(s * 1e6)); }

} // namespace

// One post from connect to answer. Ends exactly once, with the HTTP status or 0.
class Pusher::Job : public std::enable_shared_from_this<Job> {
public:
    Job(asio::io_context& io, Waiting what, std::function<void(int)> ended)
        : socket_(io), deadline_(io), pace_(io), what_(std::move(what)), ended_(std::move(ended)) {}

    void start(double wait_s) {
        deadline_.expires_after(micros_of(wait_s));
        deadline_.async_wait([self = shared_from_this()](error_code error) {
            if (!error) self->end(0);
        });
        error_code error;
        auto address = asio::ip::make_address(what_.listener.host == "localhost" ? "127.0.0.1" : what_.listener.host, error);
        if (error) {
            asio::post(socket_.get_executor(), [self = shared_from_this()] { self->end(0); });
            return;
        }
        socket_.async_connect(tcp::endpoint(address, what_.listener.port), [self = shared_from_this()](error_code failed) {
            if (failed) return self->end(0);
            // The answer may come before the last byte has left (a body refused by its length), so both go on at once.
            self->read();
            self->write();
        });
    }

    void end(int status) {
        if (!ended_) return;
        error_code ignored;
        socket_.close(ignored);
        deadline_.cancel();
        pace_.cancel();
        auto ended = std::move(ended_);
        ended_ = nullptr;
        ended(status);
    }

private:
    void write() {
        auto stop = what_.manner.cut_after_bytes > 0 ? std::min(what_.manner.cut_after_bytes, what_.bytes.size()) : what_.bytes.size();
        if (written_ >= stop) {
            if (stop < what_.bytes.size()) end(0);
            return;
        }
        auto count = stop - written_;
        bool paced = what_.manner.pace_bytes > 0;
        if (paced) count = std::min(count, what_.manner.pace_bytes);
        asio::async_write(socket_, asio::buffer(what_.bytes.data() + written_, count),
                          [self = shared_from_this(), paced](error_code error, std::size_t bytes) {
                              // A failed write is not the end: the answer that explains it may still be in the socket.
                              if (error || !self->ended_) return;
                              self->written_ += bytes;
                              if (!paced || self->what_.manner.pace_ms <= 0) return self->write();
                              self->pace_.expires_after(micros_of(self->what_.manner.pace_ms / 1e3));
                              self->pace_.async_wait([self](error_code stopped) {
                                  if (!stopped && self->ended_) self->write();
                              });
                          });
    }

    void read() {
        asio::async_read_until(socket_, asio::dynamic_buffer(answer_, answer_bytes_max), "\r\n\r\n",
                               [self = shared_from_this()](error_code error, std::size_t) {
                                   auto space = self->answer_.find(' ');
                                   if (error || space == std::string::npos || !self->answer_.starts_with("HTTP/1.")) return self->end(0);
                                   self->end(std::atoi(self->answer_.c_str() + space + 1));
                               });
    }

    tcp::socket socket_;
    asio::steady_timer deadline_;
    asio::steady_timer pace_;
    Waiting what_;
    std::function<void(int)> ended_;
    std::size_t written_ = 0;
    std::string answer_;
};

Pusher::Pusher(asio::io_context& io, double wait_s) : io_(io), wait_s_(wait_s) {}

Pusher::~Pusher() { drop_all(); }

void Pusher::post(const Listener& listener, const Post& post, const Manner& manner) {
    if (queue_.size() >= queue_posts_max) {
        ++overflowed_;
        return;
    }
    auto host = listener.host + ":" + std::to_string(listener.port);
    std::string bytes = "POST " + listener.path + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!post.content_type.empty()) bytes += "Content-Type: " + post.content_type + "\r\n";
    bytes += "Content-Length: " + std::to_string(post.declared_bytes.value_or(post.body.size())) + "\r\nConnection: close\r\n\r\n" + post.body;
    queue_.push_back(Waiting{.listener = listener, .bytes = std::move(bytes), .manner = manner});
    if (!job_) next();
}

void Pusher::next() {
    job_.reset();
    if (queue_.empty()) return;
    auto what = std::move(queue_.front());
    queue_.pop_front();
    job_ = std::make_shared<Job>(io_, std::move(what), [this](int status) {
        if (status == 0)
            ++failed_;
        else
            ++answers_[status];
        next();
    });
    job_->start(wait_s_);
}

void Pusher::drop_all() {
    failed_ += queue_.size();
    queue_.clear();
    if (auto job = std::exchange(job_, nullptr)) job->end(0);
}

std::uint64_t Pusher::answered(int status) const {
    auto found = answers_.find(status);
    return found == answers_.end() ? 0 : found->second;
}

boost::json::object Pusher::state() const {
    boost::json::object answers;
    for (auto& [status, count] : answers_) answers[std::to_string(status)] = count;
    return {{"waiting", queue_.size() + (job_ ? 1 : 0)}, {"answers", answers}, {"failed", failed_}, {"overflowed", overflowed_}};
}

} // namespace gatehouse::simulators::isapi

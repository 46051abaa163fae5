// SPDX-License-Identifier: Apache-2.0
//
// Workers by script: the daemon's end of the link on a simulated clock, without processes. What a test makes a worker say is said as bytes.
#pragma once

#include "daemon/net/child_process.hpp"
#include "pipelines/link/codec.hpp"

#include <deque>
#include <functional>

namespace gatehouse::pipelines {

/// What both ends know of one worker.
struct WorkerState {
    Bytes to_daemon, from_daemon;
    Event moved;
    bool hung_up = false, killed = false, destroyed = false;
    net::ChildExit exit{0, 0};

    void say(const Up& message) { say_bytes(frame_of(message)); }
    void say_bytes(const Bytes& bytes) {
        to_daemon.insert(to_daemon.end(), bytes.begin(), bytes.end());
        moved.set();
    }
    void end(net::ChildExit how) {
        exit = how;
        hung_up = true;
        moved.set();
    }
    /// All that the daemon has said, as messages.
    std::vector<Down> heard() const {
        std::vector<Down> messages;
        FrameReader reader(down_frame_bytes_max);
        reader.add(from_daemon);
        for (;;) {
            auto frame = reader.next();
            if (!frame || !*frame) return messages;
            auto message = decode_down(**frame);
            if (message) messages.push_back(std::move(*message));
        }
    }
    template <class Message>
    std::size_t count_heard() const {
        std::size_t count = 0;
        for (const auto& message : heard()) count += std::holds_alternative<Message>(message) ? 1 : 0;
        return count;
    }
};

class ScriptedStream final : public net::Stream {
public:
    explicit ScriptedStream(std::shared_ptr<WorkerState> state) : state_(std::move(state)) {}
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
        auto state = state_;
        while (state->to_daemon.empty()) {
            if (state->hung_up) co_return std::size_t{0};
            state->moved.reset();
            co_await state->moved.wait();
        }
        const auto count = std::min(into.size(), state->to_daemon.size());
        std::copy_n(state->to_daemon.begin(), count, into.begin());
        state->to_daemon.erase(state->to_daemon.begin(), state->to_daemon.begin() + static_cast<std::ptrdiff_t>(count));
        co_return count;
    }
    Task<Done> write(ByteView bytes) override {
        if (state_->hung_up) co_return Error(Fault::gone, "hung up");
        state_->from_daemon.insert(state_->from_daemon.end(), bytes.begin(), bytes.end());
        if (on_write) on_write(*state_);
        co_return Done();
    }
    void close() override { state_->hung_up = true; }
    net::Endpoint remote() const override { return {}; }
    std::function<void(WorkerState&)> on_write;

private:
    std::shared_ptr<WorkerState> state_;
};

class ScriptedChild final : public net::ChildProcess {
public:
    explicit ScriptedChild(std::shared_ptr<WorkerState> state) : state_(state), stream_(state) {}
    ~ScriptedChild() override {
        state_->destroyed = true;
        if (!state_->hung_up) kill();
    }
    net::Stream& stream() override { return stream_; }
    int pid() const override { return 4711; }
    void kill() override {
        state_->killed = true;
        state_->end({-1, 9});
    }
    Task<net::ChildExit> wait() override {
        while (!state_->hung_up) {
            state_->moved.reset();
            co_await state_->moved.wait();
        }
        co_return state_->exit;
    }
    ScriptedStream& scripted() { return stream_; }

private:
    std::shared_ptr<WorkerState> state_;
    ScriptedStream stream_;
};

class ScriptedChildren final : public net::Children {
public:
    Result<std::unique_ptr<net::ChildProcess>> start(const std::string& program) override {
        programs.push_back(program);
        auto state = std::make_shared<WorkerState>();
        started.push_back(state);
        auto child = std::make_unique<ScriptedChild>(state);
        child->scripted().on_write = on_write;
        if (at_start) at_start(*state);
        return std::unique_ptr<net::ChildProcess>(std::move(child));
    }
    std::vector<std::shared_ptr<WorkerState>> started;
    std::vector<std::string> programs;
    std::function<void(WorkerState&)> at_start, on_write;
};

} // namespace gatehouse::pipelines

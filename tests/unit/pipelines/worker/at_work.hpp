// SPDX-License-Identifier: Apache-2.0
//
// The real program at work: started as the daemon starts it, configured over its link, and heard to its end.
#pragma once

#include "daemon/net/child_process.hpp"
#include "pipelines/link/codec.hpp"
#include "tests/paths.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <functional>

namespace gatehouse::pipelines {

class AtWork {
public:
    explicit AtWork(const Configuration& configuration) : children_(net::make_system_children(real_.loop)) {
        auto child = children_->start(tests::program_path("gatehouse-media"));
        if (!child) throw std::runtime_error(child.error().what());
        child_ = std::move(*child);
        say(configuration);
    }

    void say(Down message) {
        const auto frame = frame_of(message);
        const auto written = real_.run<Done>(child_->stream().write(frame));
        if (!written) throw std::runtime_error(written.error().what());
    }

    /// All that it says until `enough`, or until it hangs up.
    void hear(const std::function<bool(const Up&)>& enough = [](const Up&) { return false; }) {
        while (!hung_up_) {
            const auto got = real_.run<Result<std::size_t>>(child_->stream().read_some(buffer_));
            if (!got || *got == 0) {
                hung_up_ = true;
                return;
            }
            reader_.add(ByteView(buffer_).first(*got));
            bool is_enough = false;
            for (;;) {
                auto frame = reader_.next();
                if (!frame) throw std::runtime_error(frame.error().what());
                if (!*frame) break;
                auto message = decode_up(**frame);
                if (!message) throw std::runtime_error(message.error().what());
                is_enough = enough(*message) || is_enough;
                said.push_back(std::move(*message));
            }
            if (is_enough) return;
        }
    }
    net::ChildExit end() { return real_.run<net::ChildExit>(child_->wait()); }
    void kill() { child_->kill(); }
    int pid() const { return child_->pid(); }

    template <class Message>
    std::vector<Message> all() const {
        std::vector<Message> found;
        for (const auto& message : said)
            if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
        return found;
    }
    std::vector<Segment> segments() const {
        std::vector<Segment> found;
        for (const auto& closed : all<SegmentClosed>()) found.push_back(closed.segment);
        return found;
    }

    std::vector<Up> said;

private:
    net::OnLoop real_;
    std::unique_ptr<net::Children> children_;
    std::unique_ptr<net::ChildProcess> child_;
    Bytes buffer_ = Bytes(65536);
    FrameReader reader_{up_frame_bytes_max};
    bool hung_up_ = false;
};

} // namespace gatehouse::pipelines

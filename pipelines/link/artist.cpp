// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/artist.hpp"

#include "pipelines/link/codec.hpp"

namespace gatehouse::pipelines {

namespace {

constexpr std::size_t answer_bytes = 64 * 1024;

/// Counted as long as it lives.
class Counted {
public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --count_; }

private:
    std::size_t& count_;
};

} // namespace

Task<Result<Still>> Artist::hear(net::ChildProcess& child) {
    FrameReader reader(still_jpeg_bytes_max + 64 * 1024);
    Bytes buffer(answer_bytes);
    for (;;) {
        auto got = co_await child.stream().read_some(buffer);
        if (!got || *got == 0) co_return Error(Fault::gone, "the process that draws ended without a word");
        reader.add(ByteView(buffer).first(*got));
        for (;;) {
            auto frame = reader.next();
            if (!frame) co_return std::move(frame).error();
            if (!*frame) break;
            auto message = decode_up(**frame);
            if (!message) co_return std::move(message).error();
            if (auto* still = std::get_if<Still>(&*message)) co_return std::move(*still);
            if (const auto* lost = std::get_if<Lost>(&*message)) co_return Error(lost->fault, lost->reason);
        }
    }
}

Task<Result<Still>> Artist::converse(DrawStill asked) {
    auto child = children_.start(program_);
    if (!child) co_return std::move(child).error();
    const Down message = std::move(asked);
    const auto frame = frame_of(message);
    auto said = co_await (*child)->stream().write(frame);
    if (!said) co_return std::move(said).error();
    co_return co_await hear(**child);
}

Task<Result<Still>> Artist::draw(DrawStill asked) {
    if (asked.film.size() > still_film_bytes_max) co_return Error(Fault::full, "a fragment that is too long to be drawn from");
    if (waiting_ >= stills_waiting_max) co_return Error(Fault::busy, "too many stills are being drawn");
    {
        const Counted waiting(waiting_);
        while (drawing_ >= stills_at_once_max) {
            free_.reset();
            co_await free_.wait();
        }
    }
    struct Freed {
        Event& event;
        ~Freed() { event.set(); }
    } freed{free_};
    const Counted drawing(drawing_);
    auto work = converse(std::move(asked));
    std::string doing = "drawing a still";
    co_return co_await within<Still>(clock_, still_limit, std::move(doing), std::move(work));
}

} // namespace gatehouse::pipelines

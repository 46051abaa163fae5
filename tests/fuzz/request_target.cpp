// SPDX-License-Identifier: Apache-2.0
//
// sync/requests: what is signed is what is read, and nothing is let through unsigned or twice. The bytes are taken as they are, and once
// more with a signature of ours put in, so that what lies behind the signature is reached.
#include "daemon/base/bytes.hpp"
#include "sync/requests.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/simulators/platforms/mqtt/event.hpp"

namespace gatehouse::fuzz {

using namespace sync;

namespace {

const SigningKey& platform_key() {
    static const SigningKey key = [] {
        start_crypto();
        Key seed{};
        seed.fill(7);
        return SigningKey(seed);
    }();
    return key;
}

void check_read(const Request& request, std::string_view payload) {
    must_hold(!request.id.empty() && request.id.size() <= 128, "an id is neither empty nor long");
    must_hold(payload.find(request.args_text) != std::string_view::npos, "what is signed stands in the payload");
    boost::system::error_code fault;
    const auto args = boost::json::parse(request.args_text, fault);
    must_hold(!fault && args.is_object() && args.get_object() == request.args, "what is signed says what is read");
    const std::string list = "[" + request.args_text + "]";
    const auto theirs = simulators::platform::objects_of(list);
    must_hold(theirs.size() == 1 && theirs.front() == request.args_text, "a platform cuts the same arguments out");
}

void check_gate(Request request) {
    RequestGate gate("gateway-1", {platform_key().public_key()}, request.issued_at);
    const Time now = request.issued_at;
    must_hold(!gate.admit(request, now, ClockQuality::synced), "nothing unsigned is let through");
    request.signature = platform_key().sign(request_statement(request, "gateway-1"));
    auto other = request;
    other.verb += 'x';
    must_hold(!gate.admit(other, now, ClockQuality::synced), "nothing changed after signing is let through");
    must_hold(!gate.admit(request, now, ClockQuality::unsynced), "nothing is let through on a clock that nobody keeps");
    const bool is_alive = request.expires_at >= now;
    must_hold(gate.admit(request, now, ClockQuality::synced).has_value() == is_alive, "a signed request is let through while it lives");
    must_hold(!gate.admit(request, now, ClockQuality::synced), "and once only");
    const auto answer = parse_json(answer_with(request.id, Error(Fault::gone, request.verb)));
    must_hold(answer && text_at(answer->as_object(), "id") == request.id, "an answer names its request");
}

} // namespace

void request(std::string_view bytes) {
    platform_key();
    auto request = parse_request(bytes);
    if (!request) return;
    check_read(*request, bytes);
    check_gate(std::move(*request));
}

} // namespace gatehouse::fuzz

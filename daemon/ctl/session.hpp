// SPDX-License-Identifier: Apache-2.0
//
// One run of a command: what was typed, where it writes, and how it asks. What goes wrong is said here, once: what, where, and what to do.
#pragma once

#include "daemon/base/json.hpp"
#include "daemon/ctl/gatehousectl.hpp"
#include "daemon/ctl/words.hpp"

namespace gatehouse::ctl {

constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

constexpr int http_refused = 409; ///< it is there already, or not now

/// Why there is no answer. It was said on err already.
struct Ended {
    Ended() = default;
    Ended(int ends_with, int answered_with) : code(ends_with), status(answered_with) {}
    int code = exit_software;
    int status = 0; ///< of HTTP; 0: there was none
};
template <class T>
using Answer = boost::system::result<T, Ended>;

struct Session {
    const Words& words;
    Surroundings& around;

    bool zh() const { return around.zh; }
    std::string say(std::string zh, std::string en) const { return around.zh ? std::move(zh) : std::move(en); }

    /// Says something beside the output, on err.
    void note(const std::string& zh, const std::string& en) const;
    /// Says what is wrong on err; the code again, for `return session.fail(…)`.
    int fail(int code, const std::string& zh, const std::string& en) const;
    int fail(int code, const Sentence& wrong) const { return fail(code, wrong.zh, wrong.en); }
    /// An answer without what it must have: exit_software.
    int fail_foreign(const std::string& what) const;

    /// The answer's object; an answer without a body: an empty one.
    Answer<json::object> ask(const std::string& method, const std::string& target, const json::value& body = nullptr) const;
    /// The answer's text.
    Answer<std::string> ask_text(const std::string& method, const std::string& target) const;
    /// Any status; only the daemon's silence is said.
    Answer<net::HttpResponse> ask_any(const std::string& method, const std::string& target, const json::value& body = nullptr) const;

    /// Says what the daemon refused (RFC 9457, or whatever it is), and what to do.
    Ended fail_refused(const net::HttpResponse& answer) const;
    /// What was asked, for messages: "device open east-doors".
    std::string what() const;

    int show(const json::object& object) const;
    /// Looks at an operand or option that must be a whole number.
    OrSentence<std::int64_t> whole(const std::string& name, const std::string& text, std::int64_t least, std::int64_t most) const;
};

} // namespace gatehouse::ctl

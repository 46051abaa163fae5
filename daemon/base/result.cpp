// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/result.hpp"

#include "daemon/base/expects.hpp"

#include <cstdio>
#include <cstdlib>

namespace gatehouse {

std::string_view name_of(Fault fault) {
    switch (fault) {
    case Fault::unreachable: return "unreachable";
    case Fault::refused: return "refused";
    case Fault::malformed: return "malformed";
    case Fault::timed_out: return "timed_out";
    case Fault::full: return "full";
    case Fault::gone: return "gone";
    case Fault::unsupported: return "unsupported";
    case Fault::damaged: return "damaged";
    case Fault::busy: return "busy";
    }
    broken_promise("a Fault outside its list", std::source_location::current());
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    broken_promise("value() of an error: " + error.what(), std::source_location::current());
}

void broken_promise(std::string_view what, std::source_location where) {
    // stdio, not the logger: the logger may be what is broken.
    std::fprintf(stderr, "gatehouse: broken promise at %s:%u: %.*s\n", where.file_name(), where.line(), static_cast<int>(what.size()), what.data());
    std::abort();
}

} // namespace gatehouse

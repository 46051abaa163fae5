// SPDX-License-Identifier: Apache-2.0
//
// The running gateway from outside: memory, descriptors and threads by /proc, its queue and losses by /metrics, and whether its console
// answers. The worst of all looks is kept; a look at a gateway that does not run is none. Main thread only.
#pragma once

#include "tests/harness/gateway.hpp"
#include "tests/oracle/evidence.hpp"

namespace gatehouse::harness {

class Vitals {
public:
    /// Of the daemon as it is built for tests; under a sanitizer its memory is a multiple.
    struct Limits {
        double resident_kib = 300'000;
        double descriptors = 256;
        double threads = 16;
        double waiting_records = 4096; // daemon/store/README.md
    };
    Limits limits{};

    void look(Gateway& gateway);
    /// Bounds, answers and what was shed.
    void tell(oracle::Evidence& evidence) const;

    double resident_kib() const { return worst_.resident_kib; } ///< the peak, by the kernel's own count
    double descriptors() const { return worst_.descriptors; }

    /// Of one family of /metrics, summed by its first label's value; "" where there is none.
    static std::map<std::string, double> family(Gateway& gateway, const std::string& name);

private:
    void ask(Gateway& gateway);

    Limits worst_{.resident_kib = 0, .descriptors = 0, .threads = 0, .waiting_records = 0};
    std::map<std::string, bool> answers_; // question -> every answer was good
    oracle::Shed shed_;                   // of this run of the daemon
};

} // namespace gatehouse::harness

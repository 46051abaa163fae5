// SPDX-License-Identifier: Apache-2.0
//
// Who looked at what, who took what along, who changed what: records in the log, sealed like all others.
#pragma once

#include "daemon/auth/permission.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/record/sink.hpp"

namespace gatehouse::auth {

struct Act {
    std::string what;    ///< e.g. "records", "pictures", "bundle", "device gate-1"; never a person
    std::string route;   ///< method and path as in the route table
    std::string purpose; ///< as stated by the person
    std::string case_number;
    std::string outcome; ///< "done", "refused"
    std::int64_t count = 0;
    Role role = Role::machine;
    std::string by; ///< account or uid; personal
};

class AuditTrail {
public:
    AuditTrail(RecordSink& sink, Clock& clock) : sink_(sink), clock_(clock) {}

    /// Comes back once it is on disk: nobody sees personal data whose reading is not recorded. Kind: audit.read, .exported or .changed.
    Task<Done> write(Kind kind, Act act);

private:
    RecordSink& sink_;
    Clock& clock_;
};

} // namespace gatehouse::auth

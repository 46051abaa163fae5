// SPDX-License-Identifier: Apache-2.0
#include "daemon/auth/audit_trail.hpp"

namespace gatehouse::auth {

Task<Done> AuditTrail::write(Kind kind, Act act) {
    expects(kind == Kind::audit_read || kind == Kind::audit_exported || kind == Kind::audit_changed, "an audit record has an audit kind");
    Record record;
    record.kind = kind;
    record.heard_at = clock_.now();
    record.clock = clock_.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    record.facts = {{"what", act.what}, {"route", act.route}, {"by_role", name_of(act.role)}, {"count", act.count}};
    if (!act.purpose.empty()) record.facts["purpose"] = act.purpose;
    if (!act.case_number.empty()) record.facts["case"] = act.case_number;
    if (!act.outcome.empty()) record.facts["outcome"] = act.outcome;
    if (!act.by.empty()) record.details["by"] = act.by;
    auto appended = co_await sink_.append(std::move(record), std::nullopt);
    if (!appended) co_return std::move(appended).error().during("writing the audit trail");
    co_return Done();
}

} // namespace gatehouse::auth

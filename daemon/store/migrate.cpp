// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/migrate.hpp"

namespace gatehouse::store {

Done migrate(Connection& connection) {
    auto version = connection.number("pragma user_version");
    if (!version) return std::move(version).error().during("reading the schema version");
    const auto known = static_cast<std::int64_t>(migrations().size());
    if (*version > known)
        return Error(Fault::unsupported, "the log has schema " + std::to_string(*version) + ", this version knows " + std::to_string(known) +
                                             ": install the newer version again");
    if (*version == known) return {};
    std::string whole = "begin immediate;\n";
    for (auto step = *version; step < known; ++step) whole += std::string(migrations()[static_cast<std::size_t>(step)].sql) + "\n";
    whole += "pragma user_version = " + std::to_string(known) + ";\ncommit;";
    if (auto done = connection.run(whole); !done) {
        connection.roll_back();
        return std::move(done).error().during("migrating the log from schema " + std::to_string(*version) + " to " + std::to_string(known));
    }
    return {};
}

} // namespace gatehouse::store

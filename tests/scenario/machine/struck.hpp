// SPDX-License-Identifier: Apache-2.0
//
// System calls of a running process that fail or dawdle, by strace, until told otherwise.
#pragma once

#include "tests/harness/child_process.hpp"

namespace gatehouse::harness {

class Struck {
public:
    /// `what` as strace takes it after "inject=": "fdatasync:error=EIO". `files`: only calls on these. In force when this returns.
    Struck(ChildProcess& process, const std::vector<std::string>& what, const std::vector<std::filesystem::path>& files,
           const std::filesystem::path& folder);
    ~Struck() { heal(); }
    Struck(const Struck&) = delete;
    Struck& operator=(const Struck&) = delete;

    /// How many calls were struck so far.
    std::size_t count() const;
    /// From now on they do what they should.
    void heal();

    /// Empty: strace may trace here.
    static std::string why_not();

private:
    std::filesystem::path trace_;
    ChildProcess strace_;
};

} // namespace gatehouse::harness

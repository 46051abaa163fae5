// SPDX-License-Identifier: Apache-2.0
//
// As much of JSON Schema draft 7 as sync/schemas.json uses, written from the specification and sharing nothing with what prints the file.
// A keyword that it does not know is a fault of the schema: nothing passes for being checked that is not.
#pragma once

#include <boost/json.hpp>

#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::golden {

class JsonSchema {
public:
    /// The whole file, with its "definitions".
    explicit JsonSchema(boost::json::object file) : file_(std::move(file)) {}

    bool defines(std::string_view definition) const;
    /// What does not fit, each with its place ("/data/facts/door: …"); none: it is valid.
    std::vector<std::string> faults(const boost::json::value& instance, std::string_view definition) const;
    /// Each schema of the file by itself: keywords known, patterns readable, references pointing somewhere.
    std::vector<std::string> faults_of_the_file() const;

private:
    using Faults = std::vector<std::string>;
    void check(const boost::json::value& instance, const boost::json::value& schema, const std::string& at, Faults& faults) const;
    void check_scalar(const boost::json::value& instance, const boost::json::object& schema, const std::string& at, Faults& faults) const;
    void check_object(const boost::json::object& instance, const boost::json::object& schema, const std::string& at, Faults& faults) const;
    void check_array(const boost::json::array& instance, const boost::json::object& schema, const std::string& at, Faults& faults) const;
    void check_combined(const boost::json::value& instance, const boost::json::object& schema, const std::string& at, Faults& faults) const;
    void look_through(const boost::json::value& schema, const std::string& at, Faults& faults) const;
    bool fits(const boost::json::value& instance, const boost::json::value& schema) const;
    const boost::json::value* target_of(std::string_view reference) const;
    const std::regex& pattern(const std::string& text) const;

    boost::json::object file_;
    mutable std::map<std::string, std::regex> patterns_;
};

} // namespace gatehouse::golden

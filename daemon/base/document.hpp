// SPDX-License-Identifier: Apache-2.0
//
// A file that people write (rules, catalogues, vendor code tables), as a tree of values that know their line. config parses it; who
// uses it is handed the tree and says what is wrong with the place: "events/isapi.toml:12:8: code.kind: no such kind".
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// Immutable once built. Copies share nothing but the file's name.
class Document {
public:
    enum class Kind { text, whole, real, truth, list, table };

    /// Where it stands; lines and columns count from 1.
    struct Place {
        std::shared_ptr<const std::string> file;
        std::size_t line = 1;
        std::size_t column = 1;
    };

    static Document of_text(Place place, std::string value);
    static Document of_whole(Place place, std::int64_t value);
    static Document of_real(Place place, double value);
    static Document of_truth(Place place, bool value);
    static Document of_list(Place place, std::vector<Document> items);
    /// keys[i] names items[i]; no key stands twice.
    static Document of_table(Place place, std::vector<std::string> keys, std::vector<Document> items);

    Kind kind() const { return kind_; }
    const Place& place() const { return place_; }

    // The value; asking for another kind than kind() is our mistake and ends the process. real() takes whole numbers too.
    const std::string& text() const;
    std::int64_t whole() const;
    double real() const;
    bool truth() const;

    /// Of a list or a table, in the file's order.
    const std::vector<Document>& items() const { return items_; }
    const std::vector<std::string>& keys() const { return keys_; }

    /// A table's member; null when there is none or this is no table.
    const Document* find(std::string_view key) const;

    /// The member as that type; none when missing. Of another type: Fault::malformed naming file, line and key.
    Result<std::optional<std::string>> text_at(std::string_view key) const;
    Result<std::optional<std::int64_t>> whole_at(std::string_view key) const;
    Result<std::optional<bool>> truth_at(std::string_view key) const;
    /// Missing is malformed too.
    Result<std::string> need_text(std::string_view key) const;

    /// "events/isapi.toml:12:8".
    std::string where() const;
    /// Fault::malformed: where(), then `what`.
    Error flaw(std::string_view what) const;

private:
    Document(Place place, Kind kind) : kind_(kind), place_(std::move(place)) {}

    Kind kind_;
    Place place_;
    std::string text_;
    std::int64_t whole_ = 0;
    double real_ = 0;
    std::vector<std::string> keys_;
    std::vector<Document> items_;
};

} // namespace gatehouse

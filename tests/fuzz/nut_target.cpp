// SPDX-License-Identifier: Apache-2.0
//
// What upsd answers, cut anyhow: the same lines, words that are written as they were read, lists within their bounds, a status that is read
// from its own words, and readings that follow their schema.
#include "daemon/base/text.hpp"
#include "drivers/nut/answer.hpp"
#include "drivers/nut/readings.hpp"
#include "drivers/nut/ups_status.hpp"
#include "tests/fuzz/pieces.hpp"
#include "tests/fuzz/record_oracle.hpp"

#include <bit>
#include <map>

namespace gatehouse::fuzz {

using namespace drivers::nut;

namespace {

/// All lines, and the fault that ended them if any.
std::pair<std::vector<std::string>, bool> lines_of(const std::vector<std::string_view>& pieces) {
    LineReader reader;
    std::vector<std::string> lines;
    for (const auto piece : pieces) {
        reader.add(piece);
        for (;;) {
            auto line = reader.next();
            if (!line) return {lines, true};
            if (!*line) break;
            must_hold((*line)->size() <= line_bytes_max, "a line is bounded");
            lines.push_back(std::move(**line));
        }
    }
    return {lines, false};
}

void check_words(const std::string& line) {
    const auto words = split_line(line);
    if (!words) return;
    must_hold(words->size() <= words_max, "words are bounded");
    for (const auto& word : *words) must_hold(is_utf8(word), "words are UTF-8");
    const auto written = make_line(*words);
    if (!written) return;
    must_hold(std::count(written->begin(), written->end(), '\n') == 1, "one command a line");
    const auto again = split_line(std::string_view(*written).substr(0, written->size() - 1));
    must_hold(again && *again == *words, "words are read back as they were written");
}

void check_status(const std::string& words) {
    const auto status = read_status(words, UpsStatus());
    must_hold(status.others.size() <= status_bytes_max && is_utf8(status.others), "what is kept of a status is bounded text");
    auto again = read_status(words_of(status), UpsStatus());
    must_hold(again.held == status.held, "conditions are read back from their words");
    must_hold(changes(status, status).empty(), "no change, nothing told");
    must_hold(changes(UpsStatus(), status).size() == static_cast<std::size_t>(std::popcount(status.held)), "each condition is told once");
}

void check_variables(const std::vector<Words>& rows) {
    std::map<std::string, std::string> variables;
    for (const auto& row : rows)
        if (row.size() == 2) variables[row[0]] = row[1];
    Readings readings;
    for (const auto& reading : readings.due(variables, Instant())) {
        Record record;
        record.kind = Kind::power_reading;
        record.source = "ups-1";
        record.facts = {{"quantity", reading.quantity->name}, {"value", reading.value}, {"unit", reading.quantity->unit}};
        must_hold(check_record(record).has_value(), "a reading follows its schema");
        check_taken(record);
    }
    if (const auto found = variables.find("ups.status"); found != variables.end()) check_status(found->second);
}

} // namespace

void nut(std::string_view bytes) {
    const auto whole = lines_of({bytes});
    const auto pieces = lines_of(cut(bytes, 40));
    const auto shorter = std::min(whole.first.size(), pieces.first.size());
    must_hold(std::equal(whole.first.begin(), whole.first.begin() + static_cast<std::ptrdiff_t>(shorter), pieces.first.begin()),
              "lines do not depend on how the bytes were cut");
    must_hold(whole.first.size() == pieces.first.size() && whole.second == pieces.second, "nor does their end");
    ListReader upses({"UPS"}), variables({"VAR", "room"});
    bool upses_go_on = true, variables_go_on = true;
    for (const auto& line : whole.first) {
        check_words(line);
        static_cast<void>(read_ok(line));
        if (const auto value = read_variable(line, "room", "ups.status")) check_status(*value);
        const auto go_on = [&](ListReader& list, bool& goes_on) {
            if (!goes_on) return;
            const auto is_over = list.take(line);
            goes_on = is_over && !*is_over;
            must_hold(list.rows().size() <= rows_max, "a list is bounded");
        };
        go_on(upses, upses_go_on);
        go_on(variables, variables_go_on);
    }
    check_variables(variables.rows());
}

} // namespace gatehouse::fuzz

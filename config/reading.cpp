// SPDX-License-Identifier: Apache-2.0
#include "config/reading.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/text.hpp"
#include "daemon/record/kind.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>

namespace gatehouse::config {

namespace {

/// What people see of a value that does not fit; long ones are cut between characters.
std::string shown(const Document& value) {
    switch (value.kind()) {
    case Document::Kind::text: {
        constexpr std::size_t shown_bytes_max = 40;
        std::string text = value.text();
        if (text.size() > shown_bytes_max) {
            text.resize(shown_bytes_max);
            while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
            if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.pop_back();
            text += "…";
        }
        for (char& c : text)
            if (static_cast<unsigned char>(c) < 0x20) c = ' ';
        return "\"" + text + "\"";
    }
    case Document::Kind::whole: return std::to_string(value.whole());
    case Document::Kind::real: return std::to_string(value.real());
    case Document::Kind::truth: return value.truth() ? "true" : "false";
    case Document::Kind::list: return "[…]";
    case Document::Kind::table: return "{…}";
    }
    return {};
}

std::vector<std::string> words_of(std::string_view choices) {
    std::vector<std::string> words;
    while (!choices.empty()) {
        const auto end = std::min(choices.find(' '), choices.size());
        words.emplace_back(choices.substr(0, end));
        choices.remove_prefix(std::min(end + 1, choices.size()));
    }
    return words;
}

std::string with_unit(const Row& row) { return row.unit.empty() ? std::string() : " " + std::string(row.unit); }

Words expectation(const Row& row) {
    const std::string low = std::to_string(row.min), high = std::to_string(row.max);
    switch (row.type) {
    case Type::text: return row.format->expected;
    case Type::whole: return {low + " 到 " + high + " 的整数" + with_unit(row), "a whole number from " + low + " to " + high + with_unit(row)};
    case Type::real: return {low + " 到 " + high + " 的数" + with_unit(row), "a number from " + low + " to " + high + with_unit(row)};
    case Type::truth: return {"true 或 false", "true or false"};
    case Type::choice: {
        std::string all;
        for (const auto& word : words_of(row.choices)) all += (all.empty() ? "\"" : ", \"") + word + "\"";
        return {"其中之一：" + all, "one of " + all};
    }
    case Type::texts: return {"列表，每项为" + row.format->expected.zh, "a list, each item " + row.format->expected.en};
    case Type::position: return {"\"head\" 或记录位置（1 起的整数）", "\"head\" or a record's position (a whole number from 1)"};
    case Type::pairs: return {"名称 = \"文字\" 的表", "a table of name = \"text\""};
    case Type::tables: return {"[[" + row.key + "]] 表", "[[" + row.key + "]] tables"};
    }
    return {};
}

class Reader {
public:
    Reader(std::span<const Row> rows, Reading& reading) : rows_(rows), reading_(reading) {}

    /// `scope` is the rows' prefix of this object ("upstream[]."), `name` the concrete one ("upstream[1].").
    void object(const Document& table, const std::string& scope, const std::string& name, void* object) {
        fill_in_defaults(rows_, scope, object);
        std::set<std::string_view> seen;
        members(table, scope, name, object, seen);
        for (const Row& row : rows_) {
            const auto rest = below(row.key, scope);
            if (!rest || seen.contains(row.key)) continue;
            const auto dot = rest->rfind('.');
            const std::string_view table_name = dot == rest->npos ? std::string_view() : std::string_view(row.key).substr(0, scope.size() + dot);
            const bool has_table = table_name.empty() || seen.contains(table_name);
            if (row.must() || (row.must_with_its_table() && has_table)) missing(row, name + std::string(*rest));
        }
    }

private:
    void members(const Document& table, const std::string& scope, const std::string& name, void* object, std::set<std::string_view>& seen) {
        for (std::size_t at = 0; at < table.keys().size(); ++at) {
            const std::string& key = table.keys()[at];
            const Document& value = table.items()[at];
            const std::string path = scope + key;
            reading_.places.emplace(name + key, value.place());
            const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& known) { return known.key == path; });
            if (row != rows_.end()) {
                seen.insert(row->key);
                row->type == Type::tables ? list(*row, value, name + key, object) : single(*row, value, name + key, object);
            } else if (const auto group =
                           std::find_if(rows_.begin(), rows_.end(), [&](const Row& known) { return known.key.starts_with(path + "."); });
                       group != rows_.end() && below(group->key, scope)) {
                seen.insert(std::string_view(group->key).substr(0, path.size()));
                if (value.kind() == Document::Kind::table) {
                    members(value, path + ".", name + key + ".", object, seen);
                } else {
                    report(value, name + key, {"应为表 [" + path + "]", "expected a table [" + path + "]"});
                }
            } else {
                unknown(value, key, scope, name + key);
            }
        }
    }

    void list(const Row& row, const Document& value, const std::string& name, void* object_around) {
        const bool all_tables =
            value.kind() == Document::Kind::list &&
            std::all_of(value.items().begin(), value.items().end(), [](const Document& item) { return item.kind() == Document::Kind::table; });
        if (!all_tables) return report(value, name, expected(row, value));
        if (value.items().size() > static_cast<std::size_t>(row.max))
            return report(value, name, {"最多 " + std::to_string(row.max) + " 个", "at most " + std::to_string(row.max)});
        for (std::size_t at = 0; at < value.items().size(); ++at) {
            const std::string one = name + "[" + std::to_string(at) + "]";
            reading_.places.emplace(one, value.items()[at].place());
            object(value.items()[at], row.key + "[].", one + ".", row.grow(object_around));
        }
    }

    void single(const Row& row, const Document& value, const std::string& name, void* object) {
        if (!take(row, value, name, row.reach(object))) report(value, name, expected(row, value));
    }

    bool take(const Row& row, const Document& value, const std::string& name, Ref to) {
        using Kind = Document::Kind;
        switch (row.type) {
        case Type::text:
            if (value.kind() != Kind::text || !fits(row, value.text())) return false;
            *std::get<std::string*>(to) = value.text();
            return true;
        case Type::whole:
            if (value.kind() != Kind::whole || value.whole() < row.min || value.whole() > row.max) return false;
            *std::get<std::int64_t*>(to) = value.whole();
            return true;
        case Type::real: {
            if (value.kind() != Kind::whole && value.kind() != Kind::real) return false;
            const double number = value.real();
            // Written so that a NaN falls out.
            if (!(number >= static_cast<double>(row.min) && number <= static_cast<double>(row.max))) return false;
            *std::get<std::optional<double>*>(to) = number;
            return true;
        }
        case Type::truth:
            if (value.kind() != Kind::truth) return false;
            *std::get<bool*>(to) = value.truth();
            return true;
        case Type::choice: {
            const auto words = words_of(row.choices);
            const auto at = value.kind() == Kind::text ? std::find(words.begin(), words.end(), value.text()) : words.end();
            if (at == words.end()) return false;
            *std::get<std::uint8_t*>(to) = static_cast<std::uint8_t>(at - words.begin());
            return true;
        }
        case Type::texts: return take_texts(row, value, name, *std::get<std::vector<std::string>*>(to));
        case Type::position:
            if (value.kind() == Kind::text && value.text() == "head") {
                std::get<std::optional<std::int64_t>*>(to)->reset();
                return true;
            }
            if (value.kind() != Kind::whole || value.whole() < 1) return false;
            *std::get<std::optional<std::int64_t>*>(to) = value.whole();
            return true;
        case Type::pairs: return take_pairs(row, value, *std::get<std::map<std::string, std::string>*>(to));
        case Type::tables: break;
        }
        return false;
    }

    bool take_texts(const Row& row, const Document& value, const std::string& name, std::vector<std::string>& to) {
        if (value.kind() != Document::Kind::list || value.items().size() > static_cast<std::size_t>(row.max)) return false;
        to.clear();
        for (std::size_t at = 0; at < value.items().size(); ++at) {
            const Document& item = value.items()[at];
            if (item.kind() == Document::Kind::text && fits(row, item.text())) {
                to.push_back(item.text());
            } else {
                // Each item that does not fit is named at its own place.
                report(item, name + "[" + std::to_string(at) + "]", item_expected(row, item));
            }
        }
        return true;
    }

    static bool take_pairs(const Row& row, const Document& value, std::map<std::string, std::string>& to) {
        if (value.kind() != Document::Kind::table || value.items().size() > static_cast<std::size_t>(row.max)) return false;
        for (std::size_t at = 0; at < value.items().size(); ++at) {
            if (value.items()[at].kind() != Document::Kind::text) return false;
            to[value.keys()[at]] = value.items()[at].text();
        }
        return true;
    }

    static bool fits(const Row& row, std::string_view text) {
        constexpr auto bytes_max = static_cast<std::size_t>(text_bytes_max);
        return text.size() <= bytes_max && row.format->fits(text);
    }

    static Words expected(const Row& row, const Document& value) {
        const Words words = expectation(row);
        const std::string found = shown(value);
        Words said{"应为" + words.zh + "；实为 " + found, "expected " + words.en + "; found " + found};
        if (row.type == Type::choice && value.kind() == Document::Kind::text) suggest(nearest(value.text(), words_of(row.choices)), said);
        return said;
    }

    static Words item_expected(const Row& row, const Document& item) {
        const std::string found = shown(item);
        Words said{"应为" + row.format->expected.zh + "；实为 " + found, "expected " + row.format->expected.en + "; found " + found};
        if (row.format == &kind_pattern && item.kind() == Document::Kind::text) {
            std::vector<std::string> kinds;
            for (const auto& spec : all_kinds()) kinds.emplace_back(spec.name);
            suggest(nearest(item.text(), kinds), said);
        }
        return said;
    }

    static void suggest(const std::optional<std::string>& meant, Words& said) {
        if (!meant) return;
        said.zh += "；是否指 " + *meant + "？";
        said.en += "; did you mean " + *meant + "?";
    }

    void missing(const Row& row, const std::string& name) {
        const Words words = expectation(row);
        reading_.report(name, {"必须给出：" + words.zh + "（" + row.meaning.zh + "）", "must be given: " + words.en + " (" + row.meaning.en + ")"});
    }

    void unknown(const Document& value, const std::string& key, const std::string& scope, const std::string& name) {
        std::vector<std::string> known;
        for (const Row& row : rows_) {
            if (!row.key.starts_with(scope)) continue;
            const std::string_view rest = std::string_view(row.key).substr(scope.size());
            known.emplace_back(rest.substr(0, rest.find_first_of(".[")));
        }
        Words said{"没有这个设置", "no such key"};
        const std::string lowered = lower(key);
        if (lowered.find("password") != lowered.npos || lowered.find("secret") != lowered.npos || lowered == "token") {
            said.zh += "；密码不写在本文件里，请用凭据（password_credential）";
            said.en += "; secrets never stand in this file, name a credential instead (password_credential)";
        } else if (const auto meant = nearest(key, known)) {
            suggest(meant, said);
        } else {
            // It may be right but in the wrong table.
            for (const Row& row : rows_)
                if (row.key.ends_with("." + key)) return report(value, name, {said.zh + "；应在 " + row.key, said.en + "; there is " + row.key});
        }
        report(value, name, std::move(said));
    }

    void report(const Document& value, const std::string& name, Words what) {
        reading_.places.emplace(name, value.place());
        reading_.report(name, std::move(what));
    }

    std::span<const Row> rows_;
    Reading& reading_;
};

/// The texts of a TOML literal that a row gives as its default: "x" or ["x", "y"]. Defaults hold no escapes.
std::vector<std::string> literal_texts(std::string_view literal) {
    std::vector<std::string> texts;
    while (true) {
        const auto open = literal.find('"');
        if (open == literal.npos) return texts;
        const auto close = literal.find('"', open + 1);
        expects(close != literal.npos, "a default's quotes are closed");
        texts.emplace_back(literal.substr(open + 1, close - open - 1));
        literal.remove_prefix(close + 1);
    }
}

void set_default(const Row& row, Ref to) {
    switch (row.type) {
    case Type::text: *std::get<std::string*>(to) = literal_texts(row.initial).at(0); break;
    case Type::whole: *std::get<std::int64_t*>(to) = to_number(row.initial).value(); break;
    case Type::real: break;
    case Type::truth: *std::get<bool*>(to) = row.initial == "true"; break;
    case Type::choice: {
        const auto words = words_of(row.choices);
        const auto at = std::find(words.begin(), words.end(), literal_texts(row.initial).at(0));
        expects(at != words.end(), "a default is one of its choices");
        *std::get<std::uint8_t*>(to) = static_cast<std::uint8_t>(at - words.begin());
        break;
    }
    case Type::texts: *std::get<std::vector<std::string>*>(to) = literal_texts(row.initial); break;
    case Type::position:
    case Type::pairs:
    case Type::tables: break;
    }
}

} // namespace

std::optional<std::string_view> below(std::string_view key, std::string_view scope) {
    if (!key.starts_with(scope)) return std::nullopt;
    const auto rest = key.substr(scope.size());
    return rest.find("[]") == rest.npos ? std::optional(rest) : std::nullopt;
}

void fill_in_defaults(std::span<const Row> rows, std::string_view scope, void* object) {
    for (const Row& row : rows)
        if (below(row.key, scope) && row.reach != nullptr && !row.initial.empty() && !row.must() && !row.must_with_its_table())
            set_default(row, row.reach(object));
}

void Reading::report(std::string_view key, Words what) {
    if (flaws.size() >= flaws_max) return;
    Flaw flaw{{}, 1, 1, std::string(key), std::move(what)};
    // Its own place, or that of the nearest thing around it which is in the file.
    for (std::string_view near = key;;) {
        if (const auto at = places.find(near); at != places.end()) {
            flaw.file = at->second.file ? *at->second.file : std::string();
            flaw.line = at->second.line;
            flaw.column = at->second.column;
            break;
        }
        if (near.empty()) break;
        const auto cut = near.find_last_of(".[");
        near = cut == near.npos ? std::string_view() : near.substr(0, cut);
    }
    flaws.push_back(std::move(flaw));
}

Reading read(const Document& document, std::span<const Row> rows, void* object) {
    Reading reading;
    reading.places.emplace(std::string(), document.place());
    Reader(rows, reading).object(document, {}, {}, object);
    std::stable_sort(reading.flaws.begin(), reading.flaws.end(),
                     [](const Flaw& one, const Flaw& other) { return one.line != other.line ? one.line < other.line : one.column < other.column; });
    return reading;
}

std::size_t edits_between(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::optional<std::string> nearest(std::string_view wrong, const std::vector<std::string>& known) {
    constexpr std::size_t compared_bytes_max = 64;
    if (wrong.size() > compared_bytes_max) return std::nullopt;
    const std::string lowered = lower(wrong);
    const std::string* best = nullptr;
    // Two letters exchanged are two edits; a word of three letters bears only one.
    std::size_t best_edits = 1 + (wrong.size() < 4 ? 1 : std::max<std::size_t>(2, wrong.size() / 3));
    for (const std::string& word : known) {
        const auto edits = edits_between(lowered, word);
        // A word begun but not ended ("reserve" for "reserve_bytes") is meant too.
        const auto counted = lowered.size() >= 4 && word.starts_with(lowered) ? std::size_t{1} : edits;
        if (counted < best_edits) {
            best = &word;
            best_edits = counted;
        }
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

} // namespace gatehouse::config

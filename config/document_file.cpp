// SPDX-License-Identifier: Apache-2.0
#include "config/document_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sstream>

#include <toml++/toml.h>

namespace gatehouse::config {

namespace {

using FileName = std::shared_ptr<const std::string>;

Document::Place place_of(const toml::source_region& source, const FileName& file) {
    return {file, std::max<std::size_t>(source.begin.line, 1), std::max<std::size_t>(source.begin.column, 1)};
}

std::string as_written(const auto& value) {
    std::ostringstream out;
    out << value;
    return std::move(out).str();
}

Document convert(const toml::node& node, const FileName& file);

Document convert_table(const toml::table& table, const FileName& file) {
    std::vector<std::pair<const toml::key*, const toml::node*>> members;
    for (const auto& [key, node] : table) members.emplace_back(&key, &node);
    // toml++ sorts by name; people think in the order of the file.
    std::sort(members.begin(), members.end(), [](const auto& one, const auto& other) {
        const auto a = one.first->source().begin;
        const auto b = other.first->source().begin;
        return a.line != b.line ? a.line < b.line : a.column < b.column;
    });
    std::vector<std::string> keys;
    std::vector<Document> items;
    for (const auto& [key, node] : members) {
        keys.emplace_back(key->str());
        items.push_back(convert(*node, file));
    }
    return Document::of_table(place_of(table.source(), file), std::move(keys), std::move(items));
}

Document convert(const toml::node& node, const FileName& file) {
    const auto place = place_of(node.source(), file);
    switch (node.type()) {
    case toml::node_type::string: return Document::of_text(place, node.as_string()->get());
    case toml::node_type::integer: return Document::of_whole(place, node.as_integer()->get());
    case toml::node_type::floating_point: return Document::of_real(place, node.as_floating_point()->get());
    case toml::node_type::boolean: return Document::of_truth(place, node.as_boolean()->get());
    case toml::node_type::date: return Document::of_text(place, as_written(node.as_date()->get()));
    case toml::node_type::time: return Document::of_text(place, as_written(node.as_time()->get()));
    case toml::node_type::date_time: return Document::of_text(place, as_written(node.as_date_time()->get()));
    case toml::node_type::array: {
        std::vector<Document> items;
        for (const toml::node& item : *node.as_array()) items.push_back(convert(item, file));
        return Document::of_list(place, std::move(items));
    }
    case toml::node_type::table: return convert_table(*node.as_table(), file);
    case toml::node_type::none: break;
    }
    return Document::of_text(place, {});
}

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

} // namespace

std::variant<Document, Flaw> parse_document(std::string_view text, const std::string& file) {
    const auto name = std::make_shared<const std::string>(file);
    try {
        return convert_table(toml::parse(text, std::string_view(file)), name);
    } catch (const toml::parse_error& error) {
        const auto at = place_of(error.source(), name);
        const std::string said(error.description());
        return Flaw{file, at.line, at.column, {}, {"不是合法的 TOML：" + said, "not TOML: " + said}};
    }
}

Result<std::string> read_file(const std::string& file) {
    const std::unique_ptr<std::FILE, Close> in(std::fopen(file.c_str(), "rbe"));
    if (!in) return Error(errno == ENOENT ? Fault::gone : Fault::refused, file + ": " + std::strerror(errno));
    std::string text(document_bytes_max + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), in.get()));
    if (std::ferror(in.get()) != 0) return Error(Fault::refused, file + ": " + std::strerror(errno));
    if (text.size() > document_bytes_max) return Error(Fault::full, file + ": longer than " + std::to_string(document_bytes_max) + " bytes");
    return text;
}

std::variant<Document, Flaw> read_document(const std::string& file) {
    const auto text = read_file(file);
    if (!text) return Flaw{file, 1, 1, {}, {"无法读取：" + text.error().what(), "can't be read: " + text.error().what()}};
    return parse_document(*text, file);
}

Result<Document> load_document(const std::string& file) {
    auto text = read_file(file);
    if (!text) return std::move(text).error();
    auto parsed = parse_document(*text, file);
    if (auto* flaw = std::get_if<Flaw>(&parsed)) return Error(Fault::malformed, to_text(*flaw, Language::en));
    return std::get<Document>(std::move(parsed));
}

} // namespace gatehouse::config

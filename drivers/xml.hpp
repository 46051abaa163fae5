// SPDX-License-Identifier: Apache-2.0
//
// XML as devices send it: local names only (seven namespaces and none were met), no DOCTYPE, bounded in bytes and depth, UTF-8
// or GB18030. The only includer of pugixml among the drivers.
#pragma once

#include "daemon/base/result.hpp"

#include <pugixml.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::xml {

constexpr std::size_t xml_depth_max = 32;
constexpr std::size_t xml_nodes_max = 100'000;

class Xml {
public:
    /// Fault::full beyond `bytes_max`; Fault::malformed for a DOCTYPE, too deep or no XML.
    static Result<Xml> parse(std::string_view bytes, std::size_t bytes_max);

    pugi::xml_node root() const { return document_->document_element(); }
    bool text_replaced() const { return replaced_; } ///< bytes that were neither UTF-8 nor GB18030

private:
    std::unique_ptr<pugi::xml_document> document_;
    bool replaced_ = false;
};

/// The name without its prefix.
std::string_view local_name(pugi::xml_node node);
/// The first child of that local name, or none; with '/' the way down: "vehicleInfo/color".
pugi::xml_node child_at(pugi::xml_node node, std::string_view path);
std::vector<pugi::xml_node> children_at(pugi::xml_node node, std::string_view name);
/// Trimmed; empty when missing.
std::string text_at(pugi::xml_node node, std::string_view path);
/// A whole number, also written with a fraction ("96.0"); none when missing or no number.
std::optional<std::int64_t> number_at(pugi::xml_node node, std::string_view path);
/// "&amp;" and the like.
std::string escaped(std::string_view text);

} // namespace gatehouse::drivers::xml

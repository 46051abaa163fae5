// SPDX-License-Identifier: Apache-2.0
//
// Places changed, and one home as the library knows it.
#include "daemon/console/desk.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/library_routes.hpp"

#include <set>

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t looked_through_max = 20'000;

const registry::Place* place_named(const Parts& parts, const std::string& id) {
    const auto found = parts.registry.places().find(id);
    return found == parts.registry.places().end() ? nullptr : &found->second;
}

std::string etag_of_place(const registry::Place& place) { return inside::etag_of(json::serialize(registry::to_json(place))); }

net::HttpResponse place_answer(const registry::Place& place, int status) {
    auto response = json_answer(registry::to_json(place), status);
    response.headers.emplace_back("ETag", etag_of_place(place));
    return response;
}

/// Entries of a class that name the home, and the persons whom they name.
Task<Result<json::array>> of_home(Parts& parts, std::string_view class_name, const std::string& home, std::set<std::string>& persons) {
    auto entries = co_await parts.library->list(*registry::entity_named(class_name), "", looked_through_max);
    if (!entries) co_return std::move(entries).error();
    json::array found;
    for (const auto& entry : *entries) {
        if (text_at(entry.fields, "home") != home) continue;
        for (const auto* name : {"person", "tenant", "owner"})
            if (auto person = text_at(entry.fields, name)) persons.insert(std::move(*person));
        found.push_back(registry::to_json(entry, true, false));
    }
    co_return found;
}

} // namespace

Task<net::HttpResponse> get_home(Parts& parts, const Asking& asking) {
    const auto id = asking.parameters[0];
    const auto* home = place_named(parts, id);
    if (home == nullptr || home->kind != "home") co_return problem("not-found", "no such home");
    json::object answer{{"home", registry::to_json(*home)}};
    std::set<std::string> persons;
    for (const auto* name : {"residence", "lease", "vehicle", "visit"}) {
        auto found = co_await of_home(parts, name, id, persons);
        if (!found) co_return problem_of(found.error());
        answer[registry::entity_named(name)->plural] = std::move(*found);
    }
    json::array shown;
    for (const auto& person : persons) {
        registry::Reference reference;
        reference.entity = registry::entity_named("person");
        reference.id = person;
        auto entry = co_await parts.library->at(std::move(reference));
        if (!entry) co_return problem_of(entry.error());
        if (*entry) shown.push_back(registry::to_json(**entry, true, false));
    }
    const auto count = static_cast<std::int64_t>(shown.size());
    answer["persons"] = std::move(shown);
    auto noted = co_await note_act(parts, asking, Kind::audit_read, "home " + id, count);
    if (!noted) co_return problem_of(noted.error());
    co_return json_answer(answer);
}

Task<net::HttpResponse> put_place(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    const auto id = asking.parameters[0];
    const auto* present = place_named(parts, id);
    if (present != nullptr)
        if (auto outdated = refuse_outdated(asking, etag_of_place(*present))) co_return std::move(*outdated);
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    (*body)["id"] = id;
    auto place = registry::read_place(*body);
    if (!place) co_return problem_of(place.error());
    const int status = present == nullptr ? 201 : 200;
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "place " + id, 1);
    if (!noted) co_return problem_of(noted.error());
    registry::By by{std::string(auth::name_of(asking.role)), asking.by};
    auto put = co_await parts.registry.put_place(std::move(*place), std::move(by));
    if (!put) co_return put.error().fault() == Fault::gone ? problem("malformed", put.error().what()) : problem_of(put.error());
    const auto* stored = place_named(parts, id);
    if (stored == nullptr) co_return problem("not-found", "no such place");
    co_return place_answer(*stored, status);
}

Task<net::HttpResponse> delete_place(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    const auto id = asking.parameters[0];
    const auto* present = place_named(parts, id);
    if (present == nullptr) co_return problem("not-found", "no such place");
    if (auto outdated = refuse_outdated(asking, etag_of_place(*present))) co_return std::move(*outdated);
    std::set<std::string> persons;
    for (const auto* name : {"residence", "lease", "vehicle"}) {
        auto found = co_await of_home(parts, name, id, persons);
        if (!found) co_return problem_of(found.error());
        if (!found->empty()) co_return problem("refused", "somebody is registered there still: end that first");
    }
    auto noted = co_await note_act(parts, asking, Kind::audit_changed, "place " + id, 1);
    if (!noted) co_return problem_of(noted.error());
    registry::By by{std::string(auth::name_of(asking.role)), asking.by};
    auto removed = co_await parts.registry.remove_place(id, std::move(by));
    if (!removed) co_return problem_of(removed.error());
    net::HttpResponse nothing;
    nothing.status = 204;
    co_return nothing;
}

} // namespace gatehouse::console::inside

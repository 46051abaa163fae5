// SPDX-License-Identifier: Apache-2.0
//
// Places and devices in force, in memory, and the one way to change them. Lives on the loop.
#pragma once

#include "daemon/registry/device.hpp"
#include "daemon/store/store.hpp"

#include <functional>
#include <map>

namespace gatehouse::registry {

/// Who changes something, for the record: the role is a fact, the name personal.
struct By {
    std::string role;
    std::string name;
};

class Registry {
public:
    Registry(store::Store& store, Key field_key, Clock& clock, Entropy& entropy);

    /// Once, before anything else.
    Task<Done> load();

    const std::map<std::string, Place>& places() const { return places_; }
    const std::map<std::string, Device>& devices() const { return devices_; }

    /// A new version, unless it equals the one in force (then nothing is written). An unknown place or parent: Fault::gone.
    Task<Done> put_place(Place place, By by);
    /// Fault::gone: unknown; refused: something stands there still (a place within it, a device, an outlet).
    Task<Done> remove_place(std::string id, By by);
    Task<Done> put_device(Device device, By by);
    Task<Done> remove_device(std::string id, By by);

    /// The class as it stood at a position, for an upstream: no addresses, no users. "places" or "devices".
    Task<Result<json::array>> snapshot(std::string row_class, std::uint64_t as_of);

    /// W3 of sync/README.md without `gateway` and `at`; `state_of` answers a device's present state, empty: none.
    json::object catalogue(const std::function<std::string(const std::string& device)>& state_of) const;

    /// Set at each change; who waits resets it.
    Event& changed() { return changed_; }

private:
    Record change_record(std::string_view what, const std::string& id, std::string_view action, json::object values, const By& by) const;
    store::Store& store_;
    Key field_key_;
    Clock& clock_;
    Entropy& entropy_;
    std::map<std::string, Place> places_;
    std::map<std::string, Device> devices_;
    Event changed_;
};

} // namespace gatehouse::registry

// SPDX-License-Identifier: Apache-2.0
//
// The members that a pushed AccessControllerEvent and a searched AcsEvent row share.
#pragma once

#include "drivers/isapi/alert.hpp"
#include "drivers/isapi/inside/loose_json.hpp"

namespace gatehouse::drivers::isapi::inside {

inline AccessEvent read_access_fields(const json::object& object) {
    AccessEvent event;
    event.door = loose_number_at(object, "doorNo");
    event.reader = loose_number_at(object, "cardReaderNo");
    event.card = loose_text_at(object, "cardNo");
    event.person = loose_text_at(object, "employeeNoString");
    if (event.person.empty()) event.person = loose_text_at(object, "employeeNo");
    if (event.person == "0") event.person.clear(); // the legacy number of nobody
    event.serial = serial_at(object, "serialNo");
    event.front_serial = serial_at(object, "frontSerialNo");
    if (!event.front_serial) event.front_serial = serial_at(object, "fronSerialNo"); // so one cloud path writes it
    event.current = loose_flag_at(object, "currentEvent").value_or(true);
    const auto mask = loose_text_at(object, "mask");
    if (mask == "yes") event.mask = true;
    if (mask == "no") event.mask = false;
    event.picture_url = loose_text_at(object, "pictureURL");
    return event;
}

} // namespace gatehouse::drivers::isapi::inside

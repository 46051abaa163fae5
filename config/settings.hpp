// SPDX-License-Identifier: Apache-2.0
//
// The gateway's settings as plain values. daemon/app reads them once, and again at SIGHUP, and hands each part its own; nobody below
// sees this folder. One table (settings_table.cpp) holds every key; gatehouse.toml, `gatehousectl settings`, the JSON Schema and the
// error messages come from it.
#pragma once

#include "config/flaw.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

struct Keep {
    std::int64_t floor_days = 0;
    std::int64_t ceiling_days = 0;
};

struct Listener {
    std::string address;   ///< empty: all
    std::int64_t port = 0; ///< 0: off
    std::string interface; ///< empty: any
};

// The order of each enumeration is that of its row's choices.
enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };
enum class ClockTrust : std::uint8_t { kernel, trusted };
enum class Protocol : std::uint8_t { mqtt_5, mqtt_3_1_1 };
enum class Receipts : std::uint8_t { ranges, cumulative, puback, none };
enum class RecordingPolicy : std::uint8_t { always, on_event, off };
enum class BasisSort : std::uint8_t { none, law, regulation, contract, consent };

/// Why something personal may leave. is_given(): all of it, or none of it.
struct Basis {
    std::string document; ///< its number
    std::string issuer;
    std::string date; ///< YYYY-MM-DD
    std::string end;  ///< the last day on which it holds
    BasisSort sort = BasisSort::none;
    bool is_given() const { return !document.empty(); }
    friend bool operator==(const Basis&, const Basis&) = default;
};

struct Entitlement {
    std::vector<std::string> kinds;  ///< "pass.granted", "door.*", "*"
    std::vector<std::string> fields; ///< of facts and details; "*": every field of facts
    bool subjects = false;
    std::vector<std::string> pictures; ///< "scene", "face", "plate"
    Basis basis;
    friend bool operator==(const Entitlement&, const Entitlement&) = default;
};

struct Topics {
    std::string status, catalogue, records, urgent, pictures, receipts, requests; ///< templates: {root}, {gateway}, {upstream}
};

struct Upstream {
    std::string name;
    std::string broker; ///< mqtt://host[:port] or mqtts://host[:port]
    std::string interface;
    std::string client_id; ///< empty: the gateway's id
    std::string username;
    std::string password_credential;
    std::string ca_file, certificate_file, key_file;
    Protocol protocol = Protocol::mqtt_5;
    std::string root; ///< template: {gateway}, {upstream}
    Topics topics;
    Receipts receipts = Receipts::ranges;
    std::int64_t receipt_wait_s = 0;
    std::int64_t session_expiry_s = 0;
    std::int64_t batch_records_max = 0;
    std::int64_t batch_bytes_max = 0;
    std::optional<std::int64_t> from;      ///< none: from the head on
    std::vector<std::string> request_keys; ///< base64, 32 bytes each
    bool door_requests = false;
    Basis clip_order; ///< a standing written order: its clips need no yes of the compound
    bool internet = false;
    std::vector<Entitlement> entitlements;
};

struct Settings {
    struct {
        std::string id;
        std::string compound;
        Language language = Language::zh;
        std::int64_t zone_minutes = 0;
        ClockTrust clock = ClockTrust::kernel; ///< who says that our clock is synchronised
    } gateway;
    struct {
        std::string directory;
        std::string backups;
        std::int64_t commit_records_max = 0;
        std::int64_t digest_every_s = 0;
        std::int64_t reserve_bytes = 0;
    } store;
    struct {
        Keep passage, vehicle, alarm, device, audit, system; ///< records, by class of kind
        Keep scene, face, plate;                             ///< pictures, by role
    } retention;
    struct {
        bool document_numbers = false;
    } registry;
    struct {
        std::string socket;
        std::string group;
        struct {
            std::string guard, manager, technician, auditor, admin;
        } groups; ///< the Unix group that gives each role
    } control;
    struct {
        Listener isapi, uhppote;
    } listeners;
    struct {
        std::string import_file;      ///< devices.toml, read into the registry at the start; empty: none
        bool strangers = false;       ///< keep face.captured of people whom a terminal did not recognise
        std::string events_directory; ///< vendor code tables
    } devices;
    struct {
        std::string ups;           ///< id of the UPS that the gateway hangs on; empty: none
        std::int64_t settle_s = 0; ///< how long after an outage silence still belongs to it
    } power;
    struct {
        std::vector<std::string> sources; ///< time servers
        std::string source_interface;     ///< empty: any
        std::string serve_interface;      ///< of the device network; empty: time is not served
        std::vector<std::string> serve_networks;
    } time; ///< for chrony (chrony.hpp)
    struct {
        std::string directory; ///< each camera has a folder in it
        std::int64_t segment_s = 0;
        RecordingPolicy policy = RecordingPolicy::always;
        std::int64_t preroll_s = 0, postroll_s = 0;
        bool watch = true;
        Keep kept;                      ///< floor where the disk has room; past the ceiling it goes
        std::int64_t bytes_max = 0;     ///< of all cameras together; 0: the disk alone is the limit
        std::int64_t reserve_bytes = 0; ///< of the recordings' disk, left free
    } recording;
    struct {
        std::int64_t devices_max = 0;
        std::int64_t queue_records_max = 0;
        std::int64_t queue_bytes_max = 0;
        std::int64_t in_flight_bytes_max = 0;
        std::int64_t device_records_per_s_max = 0;
        std::int64_t device_burst_records_max = 0;
        std::int64_t conversations_per_s_max = 0;
    } limits;
    struct {
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::text;
    } log;
    std::vector<Upstream> upstreams;
};

/// Complete settings, or everything that is wrong. Never both, never neither.
struct Outcome {
    std::optional<Settings> settings;
    std::vector<Flaw> flaws;
};

/// `file` is what flaws name.
Outcome parse_settings(std::string_view text, const std::string& file);
Outcome read_settings(const std::string& file);

/// Atomic: `current` becomes the file's settings as a whole, or stays as it is and the flaws are told.
std::vector<Flaw> reload_settings(const std::string& file, Settings& current);

/// config/gatehouse.toml as shipped.
std::string default_settings();
/// `gatehousectl settings`: what is in force.
std::string print_settings(const Settings& settings, Language language);
std::string settings_schema();

} // namespace gatehouse::config

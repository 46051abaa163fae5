// SPDX-License-Identifier: Apache-2.0
//
// A platform's application, without its connection: messages in, receipts and requests out. Follows sync/README.md (W1 to W14) and nothing
// else. Everything runs on the io thread; time is that of the machine.
#pragma once

#include "tests/simulators/control/device.hpp"
#include "tests/simulators/control/faults.hpp"
#include "tests/simulators/platforms/mqtt/common_store.hpp"
#include "tests/simulators/platforms/mqtt/digests.hpp"
#include "tests/simulators/platforms/mqtt/request_signer.hpp"

#include <deque>
#include <map>

namespace gatehouse::simulators::platform {

struct Message {
    std::string topic, payload, content_type, correlation;
    std::map<std::string, std::string> user; ///< MQTT 5 user properties
};

struct Outgoing {
    std::string topic, payload, response_topic, correlation;
};

class Application final : public control::Device {
public:
    struct Settings {
        std::string root = "gatehouse/v1/gw";
        std::string gateway;             ///< empty: the root's last part
        std::string upstream;            ///< whose lane digests are ours; empty: those of every upstream
        std::string receipts = "ranges"; ///< ranges, cumulative, puback, none
        std::string key;                 ///< the gateway's, base64; empty: the first that a status names
        std::string request_seed;
        std::string state_path;
    };
    using Publish = std::function<void(Outgoing)>;
    using Later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;
    Application(Settings settings, control::Faults& faults, Publish publish, Later later);

    void take(const Message& message);

    /// Status of the connection, for /state.
    bool connected = false;
    std::uint64_t bytes_received = 0;

    boost::json::object state() override;
    control::LedgerRow event(const boost::json::object& what) override;
    control::LedgerRow random_event(std::mt19937_64& random) override;
    std::span<const control::FaultName> faults() const override;
    bool fault_was_set(std::string_view name, const boost::json::object& arguments) override;
    void set_clock(std::chrono::microseconds, std::optional<double>) override;
    void reboot() override {}
    std::optional<boost::json::value> request(std::string_view verb, std::string_view target, const boost::json::object& body) override;

private:
    using Lanes = std::map<std::string, std::map<std::string, LedgerLane>>; ///< lane -> epoch -> what is held
    struct Counts {
        std::uint64_t duplicates = 0, altered = 0, revised = 0, out_of_order = 0, receipts = 0, nonconforming = 0, volatiles = 0, refused = 0,
                      bad_pictures = 0;
        std::map<std::string, std::uint64_t> kinds;
    };

    void apply(const boost::json::object& row);
    void take_status(const Message& message);
    void take_events(const Message& message, const std::string& lane);
    void take_picture(const Message& message);
    void take_answer(const Message& message);
    bool keep_event(CommonStore::Turn& turn, const Arrived& event); ///< false: was held already
    bool is_to_be_refused(const std::string& lane, std::uint64_t position, const std::string& kind);
    void note_fault(const std::string& lane, const std::string& what);
    void receipt(const std::string& lane, const std::string& epoch, std::vector<std::uint64_t> refused = {});
    std::string receipt_text(const std::string& lane, const std::string& epoch, const std::vector<std::uint64_t>& refused);
    std::string wrong_receipt_text(const std::string& how, const std::string& lane, const std::string& epoch);
    void send_receipt(std::string payload);
    void receipt_everything();
    std::string ask(const RequestSigner::Wish& wish);
    boost::json::object forget(std::size_t events, const std::string& lane, bool ask_again);
    boost::json::array holes(const std::string& lane) const;
    boost::json::object state_of(const std::string& lane);
    void judge_digests();
    std::size_t kept_twice() const; ///< record ids that stand under two identities
    bool is_known_before(const std::string& lane, const std::string& epoch, std::uint64_t previous) const;
    std::string newest_epoch(const std::string& lane) const;

    Settings settings_;
    control::Faults& faults_;
    Publish publish_;
    Later later_;
    RequestSigner signer_;
    Lanes lanes_;
    std::map<std::string, Counts> counts_;
    std::map<std::string, std::uint64_t> epoch_first_;
    struct LaneDigest {
        boost::json::object facts;
        Verdict verdict = Verdict::pending;
    };
    using Identity = std::pair<std::string, std::uint64_t>; ///< epoch and sequence of the event that brought it
    std::map<Identity, LaneDigest> digests_;
    std::map<Identity, boost::json::object> heads_;
    std::uint64_t bad_heads_ = 0, heads_rewound_ = 0, key_changed_ = 0, malformed_ = 0, silenced_ = 0, wrong_sent_ = 0, statuses_ = 0,
                  catalogues_ = 0;
    boost::json::value status_, catalogue_;
    std::vector<std::string> fault_texts_;
    std::vector<std::string> receipts_log_;
    boost::json::array answers_;
    std::optional<std::string> held_back_;                               ///< a receipt that waits to be overtaken
    std::map<std::pair<std::string, std::uint64_t>, std::string> bytes_; ///< lane and sequence -> the event as it stood; the newest only
    std::deque<std::pair<std::string, std::uint64_t>> bytes_order_;
    CommonStore store_;
};

} // namespace gatehouse::simulators::platform

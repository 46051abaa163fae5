// SPDX-License-Identifier: Apache-2.0
//
// Clips that platforms ask for (sync/README.md, W17): a case number and two officers ask, somebody of the compound says yes or no, or a standing
// written order of the settings has said yes, and then the platform fetches the signed export piece by piece. Each clip is a row of the store, so
// that nothing is forgotten over a restart; each step is a record. Lives on the loop.
#pragma once

#include "daemon/auth/audit_trail.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/store/recordings.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace gatehouse::app {

constexpr std::size_t clips_open_max = 256; ///< waiting or approved, of all platforms
constexpr std::size_t clips_waiting_of_upstream_max = 32;
constexpr Duration clip_lasts_max = std::chrono::hours(24) * 7; ///< it waits so long for a decision; approved, it may be fetched so long
constexpr std::size_t clip_piece_bytes_max = 128 * 1024;        ///< 171 KiB as base64
constexpr std::size_t clip_piece_bytes_min = 1024;
constexpr std::size_t clips_being_fetched_max = 4;

/// A written order that answers for the compound, as the settings have it.
struct StandingOrder {
    std::string document, issuer;
    std::string date, end; ///< YYYY-MM-DD of the compound's zone; empty end: none
};

struct Clip {
    enum class State { waiting, approved, declined };
    std::string id, upstream;
    std::string case_number, purpose;
    std::array<std::string, 2> officers;
    std::string camera, stream = "main";
    Time from{}, to{};
    Time asked_at{};
    State state = State::waiting;
    std::optional<Time> decided_at;
    std::string decided_by; ///< a role, or "standing order"
    std::string basis;      ///< the standing order's document
    std::string reason;     ///< of a refusal
    Time until{};           ///< waiting: refused then; approved: over then
};
std::string_view name_of(Clip::State state);
json::object to_json(const Clip& clip);
Result<Clip> read_clip(const json::object& row);

class Clips {
public:
    struct Parts {
        store::Store& store;
        store::Recordings& recordings;
        registry::Registry& registry;
        auth::AuditTrail& audit;
        Clock& clock;
        Entropy& entropy;
        std::string gateway, compound;
        std::chrono::minutes zone;
        std::function<std::optional<StandingOrder>(const std::string& upstream)> order_of;
    };
    explicit Clips(Parts parts) : parts_(std::move(parts)) {}

    /// Once, before anything else.
    Task<Done> load();

    /// What a platform's request `clip` asks: a new one, how one stands, or a piece of one. The text of a JSON object. Fault::malformed, gone (not
    /// one of this platform's, or nothing was recorded), busy (waits for the compound), refused, full.
    Task<Result<std::string>> ask(std::string upstream, json::object args);

    /// Newest first.
    json::array list() const;
    /// Fault::gone: no such clip; refused: it was decided already.
    Task<Result<json::object>> decide(std::string id, bool is_yes, std::string reason, registry::By by);
    std::size_t waiting() const;

    /// Lets go of what is over. Ends by cancellation.
    Task<void> run();

private:
    /// An export that is on its way to a platform.
    struct Fetch {
        std::shared_ptr<store::RecordingExport> made;
        std::uint64_t at = 0; ///< where `held` begins
        Bytes held;
        Instant used_at{};
    };
    Task<Result<std::string>> begin(std::string upstream, json::object args);
    Task<Result<std::string>> state_of(Clip clip);
    Task<Result<std::string>> piece_of(Clip clip, std::uint64_t offset, std::size_t bytes_max);
    Task<Result<std::shared_ptr<Fetch>>> fetch(const Clip& clip, std::uint64_t offset);
    Task<Result<std::shared_ptr<store::RecordingExport>>> make_export(Clip clip);
    Task<Done> put(Clip clip, std::string action, registry::By by);
    Task<Done> approve(Clip& clip);
    Task<Done> note_handed_over(const Clip& clip, std::size_t files);
    bool is_covered(const StandingOrder& order) const;

    Parts parts_;
    std::map<std::string, Clip> clips_;
    std::set<std::string> deciding_;
    std::map<std::string, std::shared_ptr<Fetch>> fetches_;
};

} // namespace gatehouse::app

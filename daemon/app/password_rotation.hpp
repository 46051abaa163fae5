// SPDX-License-Identifier: Apache-2.0
//
// A device's password is changed so that it is never lost: the new one is on our disk, beside the old one, before the device hears of it; both
// stay there until one is proved by a fresh log-in; then the other is forgotten. Whatever ends in between (a power cut, a device that does not
// answer) leaves both, and run() settles it. Lives on the loop.
//
//     both kept --> device left alone --> new one written --> new one proved --> old one forgotten
//                        |                   | no                 | refused
//                        v                   v                    v
//                   both kept         new one forgotten      both kept, tried again half an hour later
#pragma once

#include "daemon/registry/registry.hpp"
#include "drivers/password_writer.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace gatehouse::app {

constexpr std::size_t made_password_chars = 16;                  ///< what all devices take: 8 to 16 letters and digits
constexpr Duration unheard_wait = std::chrono::minutes(1);       ///< until a device that did not answer is asked again
constexpr Duration both_refused_wait = std::chrono::minutes(30); ///< five wrong tries lock an account for so long
constexpr std::string_view rotated_by = "gateway";               ///< as it stands in registry.changed

/// Letters and digits that nobody mixes up; a small one, a large one and a digit at least.
std::string make_password(Entropy& entropy);

class PasswordRotation {
public:
    struct Parts {
        registry::Registry& registry;
        Clock& clock;
        Entropy& entropy;
        drivers::PasswordWriters writer_of;
        /// Comes back when no conversation of ours holds the device any more.
        std::function<Task<Done>(std::string id)> until_left;
    };
    explicit PasswordRotation(Parts parts) : parts_(std::move(parts)) {}

    /// Done: the device has a new password, and the old one is forgotten. Fault::gone: no such device; unsupported: its protocol knows no
    /// passwords; busy: it is under way already; refused and others: what stopped it, and whether the old one stands.
    Task<Done> rotate(std::string id, registry::By by);

    /// What was left half done is settled, one device after the other. Ends by cancellation.
    Task<void> run();

private:
    enum class Known { is_new, is_old, neither, unheard };
    Task<Done> write_and_prove(registry::Device device, registry::By by);
    Task<Done> keep(registry::Device device, bool is_new, registry::By by);
    Task<Done> prove(drivers::DeviceInfo info, std::string password);
    Task<Known> find_out(const registry::Device& device);
    Task<void> settle(std::string id);

    Parts parts_;
    std::set<std::string> under_way_;
    std::map<std::string, Instant> not_before_;
};

} // namespace gatehouse::app

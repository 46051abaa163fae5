// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/uhppote/exchange.hpp"

namespace gatehouse::drivers::uhppote {

constexpr std::uint32_t card_slots_max = 100'000; ///< more than any model holds: a list ends even if the controller's does not

/// The cards in one controller's memory. There is no bulk call: a list costs one exchange a slot. Loop only.
class ControllerCards final : public CardTable {
public:
    ControllerCards(const DeviceInfo& device, Exchange& exchange) : device_(device), exchange_(exchange) {}

    /// Fault::refused: a number with another meaning (0, 0x00FFFFFF, 0xFFFFFFFF), a PIN above 999999, dates that are none, a door that is
    /// none. When the controller says no, the card is read back: what stands there as asked was written.
    Task<Done> put(CardRow card) override;
    Task<Result<std::optional<CardRow>>> get(std::uint32_t number) override;
    Task<Done> remove(std::uint32_t number) override;
    Task<Result<std::vector<CardRow>>> list() override;

private:
    const DeviceInfo& device_;
    Exchange& exchange_;
};

} // namespace gatehouse::drivers::uhppote

// Whom a step tells the broker of.
#pragma once

#include "core/scenario/scenario.h"

#include <type_traits>

namespace sessionscope {

/// The Client Identifier that the action is about at the broker; nullptr: it is about none, or about all.
template<class AnyAction> auto *toldClientId(AnyAction &action)
{
    using Id = std::conditional_t<std::is_const_v<AnyAction>, const QByteArray, QByteArray>;
    Id *id = nullptr;
    if (auto *until = std::get_if<UntilExpiryAction>(&action))
        id = &until->clientId;
    auto *one = std::get_if<CommandAction>(&action);
    if (!one)
        return id;
    if (auto *behave = std::get_if<MisbehaveBroker>(&one->command))
        id = behave->clientId.isEmpty() ? nullptr : &behave->clientId;
    if (auto *told = std::get_if<BrokerDo>(&one->command)) {
        if (auto *kick = std::get_if<KickClient>(&told->command))
            id = &kick->clientId;
        else if (auto *end = std::get_if<EndSession>(&told->command))
            id = &end->clientId;
    }
    return id;
}

} // namespace sessionscope
